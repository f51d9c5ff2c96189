// What answers cost in calls to 1688. Whoever shows the calls of today looks at them again when some were spent.
import { signal } from "@preact/signals";

/** spendings grows with each answer that cost calls. */
export const spendings = signal(0);

interface Priced {
  upstreamCalls?: number;
}

interface Watch {
  id: string;
  upstreamCallsToday: number;
}

/** The calls of each price watch as they were last seen: its observations happen on the server. */
const watched = new Map<string, number>();

/** noteCost takes any answer, a part of one that is streamed, or an error. */
export function noteCost(answer: unknown): void {
  const parts = (answer ?? {}) as {
    meta?: Priced;
    progress?: Priced;
    step?: Priced;
    response?: { meta?: Priced };
    priceWatch?: Watch;
    priceWatches?: unknown;
    details?: unknown;
  };
  const { meta, response, progress, step } = parts;
  const calls =
    meta?.upstreamCalls ?? response?.meta?.upstreamCalls ?? progress?.upstreamCalls ?? step?.upstreamCalls ?? 0;
  const watches = [...listIn<Watch>(parts.priceWatches), ...(parts.priceWatch ? [parts.priceWatch] : [])];
  const observed = watches.filter(({ id, upstreamCallsToday }) => {
    const before = watched.get(id);
    watched.set(id, upstreamCallsToday);
    return before !== undefined && before !== upstreamCallsToday;
  });
  const failed = listIn<{ metadata?: Record<string, string> }>(parts.details).some(
    (d) => Number(d?.metadata?.upstream_calls ?? 0) > 0,
  );
  if (calls > 0 || observed.length > 0 || failed) {
    spendings.value++;
  }
}

/** listIn takes only a list: answers of other kinds have other things under the same name. */
const listIn = <T>(value: unknown): T[] => (Array.isArray(value) ? (value as T[]) : []);
