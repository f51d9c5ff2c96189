// What the server says of itself: whether its goods are real, and what its dialect offers.
import { computed, signal } from "@preact/signals";
import { api, type Schemas } from "../api/client";
import { asProblem, type Problem, unwrap } from "../api/problem";

export const server = signal<Schemas["GetServerInfoResponse"] | undefined>(undefined);
export const serverProblem = signal<Problem | undefined>(undefined);

/** sandbox is whether the goods are made up; undefined until the server has said it. */
export const sandbox = computed(() => (server.value ? server.value.mode === "SERVER_MODE_SANDBOX" : undefined));

/** watches is what the server offers of price watches; undefined while it is not known. */
export const watches = computed(() => server.value?.priceWatches);

export async function askServer(): Promise<void> {
  try {
    server.value = unwrap(await api.GET("/v1/info"));
    serverProblem.value = undefined;
  } catch (thrown) {
    serverProblem.value = asProblem(thrown);
  }
}

/** offers is whether the dialect takes a field of an RPC, or gives it. Nothing is offered before the server has answered. */
export function offers(rpc: string, field: string): boolean {
  const name = `zhaohuo.v1.${rpc}`;
  const found = server.value?.capabilities.find((c) => c.rpc === name && c.field === field);
  return found !== undefined && found.support !== "FIELD_SUPPORT_NONE";
}

/** offeredValues are the values of an enum field that the dialect takes; undefined: all of them. */
export function offeredValues(rpc: string, field: string): string[] | undefined {
  const name = `zhaohuo.v1.${rpc}`;
  const found = server.value?.capabilities.find((c) => c.rpc === name && c.field === field);
  return found?.values.length ? found.values : undefined;
}

/** offersAny is whether the dialect has an RPC at all. */
export function offersAny(rpc: string): boolean {
  const name = `zhaohuo.v1.${rpc}`;
  const fields = server.value?.capabilities.filter((c) => c.rpc === name && c.side === "FIELD_SIDE_REQUEST") ?? [];
  return fields.some((c) => c.support !== "FIELD_SUPPORT_NONE");
}
