// The lists of price watches as tables that can be saved.
import type { Schemas } from "../api/client";
import { type Table, tableOf } from "../ui/table";
import { words } from "../words/words";
import type { Event } from "./events";
import { stateOf, whatOf } from "./says";

type Watch = Schemas["PriceWatch"];

export function watchTable(watches: Watch[]): Table {
  const text = words.value.watches;
  return tableOf(
    "watches",
    [
      { kind: "text", title: text.id, of: (w) => w.id },
      { kind: "text", title: text.name, of: (w) => w.displayName },
      { kind: "text", title: text.what, of: whatOf },
      { kind: "text", title: text.state, of: stateOf },
      { kind: "amount", title: text.lowest, of: (w) => w.lastObservation?.statistics?.min },
      { kind: "amount", title: text.median, of: (w) => w.lastObservation?.statistics?.median },
      { kind: "amount", title: text.highest, of: (w) => w.lastObservation?.statistics?.max },
      { kind: "time", title: text.last, of: (w) => w.lastObservation?.dueTime },
      { kind: "count", title: text.callsToday, of: (w) => w.upstreamCallsToday },
      { kind: "count", title: text.callsPerDay, of: (w) => w.upstreamCallsPerDay || undefined },
    ],
    watches,
  );
}

export function eventTable(events: Event[]): Table {
  const text = words.value.watches;
  const csv = words.value.csv;
  return tableOf(
    "events",
    [
      { kind: "time", title: csv.time, of: (e) => e.time },
      { kind: "text", title: text.event, of: (e) => text.kinds[e.kind] ?? e.kind },
      { kind: "text", title: text.name, of: (e) => e.watchDisplayName || e.watchId },
      { kind: "text", title: csv.id, of: (e) => e.productId },
      { kind: "text", title: csv.title, of: (e) => e.title },
      { kind: "text", title: csv.supplier, of: (e) => e.supplierName },
      { kind: "amount", title: csv.before, of: (e) => e.before?.price },
      { kind: "amount", title: csv.after, of: (e) => e.after?.price },
      { kind: "share", title: csv.change, of: (e) => e.changeRatio },
    ],
    events,
  );
}

export function trendTable(trend: Schemas["QueryPriceTrendResponse"]): Table {
  const text = words.value.watches;
  return tableOf(
    "trend",
    [
      { kind: "time", title: words.value.csv.time, of: (p) => p.time },
      { kind: "amount", title: text.lowest, of: (p) => p.min },
      { kind: "amount", title: text.median, of: (p) => p.median },
      { kind: "amount", title: text.highest, of: (p) => p.max },
      { kind: "count", title: text.observations, of: (p) => p.observationCount },
      { kind: "count", title: text.failures, of: (p) => p.failedCount },
    ],
    trend.points,
  );
}

export function observationTable(last: Schemas["PriceObservation"]): Table {
  const csv = words.value.csv;
  return tableOf(
    "observation",
    [
      { kind: "time", title: csv.time, of: () => last.dueTime },
      { kind: "text", title: csv.id, of: (p) => p.productId },
      { kind: "text", title: csv.title, of: (p) => p.title },
      { kind: "amount", title: csv.price, of: (p) => p.price },
      { kind: "text", title: csv.basis, of: (p) => words.value.watches.basis[p.priceBasis] },
      { kind: "text", title: csv.supplier, of: (p) => p.supplierName },
    ],
    last.products,
  );
}
