// The calls of today. They are asked for again after answers that spent some, when somebody comes back to the page, and when the
// next day begins: never again and again.
import { effect, signal } from "@preact/signals";
import { api, type Schemas } from "../api/client";
import { spendings } from "../api/cost";
import { server } from "./server";

export type Quota = Schemas["QuotaUsage"];

/** quota is undefined while it is not known. */
export const quota = signal<Quota | undefined>(undefined);

/** Answers that come close together are followed by one question. */
const gather = 400;
let gathering = 0;

async function renew(): Promise<void> {
  gathering = 0;
  const { data } = await api.GET("/v1/info").catch(() => ({ data: undefined }));
  quota.value = data?.quota;
}

function renewSoon(): void {
  if (server.peek() && !gathering) {
    gathering = setTimeout(renew, gather);
  }
}

effect(() => {
  quota.value = server.value?.quota;
});

effect(() => {
  if (spendings.value > 0) {
    renewSoon();
  }
});

effect(() => {
  const end = Date.parse(quota.value?.resetTime ?? "");
  if (Number.isNaN(end)) {
    return;
  }
  // The clocks of this device and of the server may differ: one question a minute at most.
  const timer = setTimeout(renewSoon, Math.max(end - Date.now() + 1000, 60_000));
  return () => clearTimeout(timer);
});

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") {
    renewSoon();
  }
});
