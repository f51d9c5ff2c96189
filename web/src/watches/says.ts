// What is said of a price watch.
import type { Schemas } from "../api/client";
import { count } from "../words/format";
import { listed } from "../words/marks";
import { words } from "../words/words";

type Watch = Schemas["PriceWatch"];

/** whatOf says what a watch observes. */
export function whatOf(w: Watch): string {
  const text = words.value.watches;
  const quantity = w.products?.quantity ?? w.comparison?.quantity ?? "0";
  const parts = [
    w.products && text.productsOf(w.products.ids.length),
    w.imageSizeBytes !== "0" && text.goodsOf,
    w.comparison?.keyword && text.wordsOf(w.comparison.keyword),
    quantity !== "0" && text.atQuantity(count(quantity, false)),
  ];
  return listed(parts.filter((part) => typeof part === "string"));
}

export function stateOf(w: Watch): string {
  const text = words.value.watches;
  const waits = text.waits[w.waitingFor];
  return listed([text.states[w.state] ?? w.state, ...(waits ? [waits] : [])]);
}

export function callsOf(w: Watch): string {
  const most = w.upstreamCallsPerDay;
  return most > 0 ? words.value.watches.ofCalls(w.upstreamCallsToday, most) : String(w.upstreamCallsToday);
}
