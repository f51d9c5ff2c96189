// The lists of competitors, markets and clusters as tables that can be saved.
import type { Schemas } from "../api/client";
import { translated } from "../state/session";
import { productColumns, type Table, tableOf } from "../ui/table";
import { words } from "../words/words";
import { evidenceText, priceText } from "./evidence";

type Alike = Schemas["AlikeProduct"];

export function alikeTable(all: Alike[], name: string): Table {
  return tableOf(
    name,
    [
      { kind: "text", title: words.value.csv.evidence, of: (a) => a.likeness && evidenceText(a.likeness) },
      ...productColumns<Alike>((a) => a.product),
    ],
    all,
  );
}

/** clusterTable has the goods of all clusters, each with the winner that it is like. */
export function clusterTable(answer: Schemas["ExpandSelectionResponse"]): Table {
  const titles = new Map(answer.winners.map((w) => [w.id, translated(w.title, w.titleTranslated)]));
  const rows = answer.clusters.flatMap(({ winnerId, products }) => products.map((alike) => ({ winnerId, alike })));
  return tableOf(
    "clusters",
    [
      { kind: "text", title: words.value.csv.winner, of: (r) => titles.get(r.winnerId) ?? r.winnerId },
      { kind: "text", title: words.value.csv.evidence, of: (r) => r.alike.likeness && evidenceText(r.alike.likeness) },
      ...productColumns<(typeof rows)[number]>((r) => r.alike.product),
    ],
    rows,
  );
}

export function wordTable(all: Schemas["DistinctiveWord"][]): Table {
  const text = words.value.strategies;
  return tableOf(
    "words",
    [
      { kind: "text", title: text.word, of: (w) => w.word },
      { kind: "count", title: text.titles, of: (w) => w.titles },
      { kind: "share", title: text.share, of: (w) => w.share },
      { kind: "text", title: text.searched, of: (w) => (w.searched ? words.value.detail.yes : words.value.detail.no) },
      { kind: "text", title: text.why, of: (w) => w.why },
    ],
    all,
  );
}

/** shareTable is of the suppliers or of the locations of a market. */
export function shareTable(all: Schemas["MarketShare"][], name: "suppliers" | "locations"): Table {
  const text = words.value.strategies;
  const csv = words.value.csv;
  return tableOf(
    name,
    [
      { kind: "text", title: name === "suppliers" ? csv.supplier : csv.location, of: (s) => s.name },
      { kind: "count", title: text.products, of: (s) => s.products },
      { kind: "share", title: text.share, of: (s) => s.share },
    ],
    all,
  );
}

export function bandTable(all: Schemas["PriceBand"][]): Table {
  const text = words.value.strategies;
  return tableOf(
    "price-bands",
    [
      { kind: "amount", title: text.from, of: (b) => b.low },
      { kind: "amount", title: text.to, of: (b) => b.high },
      { kind: "count", title: text.products, of: (b) => b.products },
      { kind: "amount", title: text.gap, of: (b) => b.gapAbove },
    ],
    all,
  );
}

export function cheapestTable(all: Schemas["CheapestAtQuantity"][]): Table {
  const csv = words.value.csv;
  const basis = (c: Schemas["CheapestAtQuantity"]) =>
    priceText({ price: c.price, basis: c.priceBasis, quantity: c.quantity, product: c.product });
  return tableOf(
    "cheapest-by-quantity",
    [
      { kind: "count", title: words.value.strategies.quantity, of: (c) => c.quantity },
      { kind: "amount", title: csv.unitPrice, of: (c) => c.price },
      { kind: "text", title: csv.basis, of: basis },
      ...productColumns<Schemas["CheapestAtQuantity"]>((c) => c.product),
    ],
    all,
  );
}
