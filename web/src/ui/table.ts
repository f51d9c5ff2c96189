// Lists as tables that can be saved. A table is described once, for all forms of files.
import type { Product, Schemas } from "../api/client";
import { sandbox } from "../state/server";
import { words } from "../words/words";

type Money = Schemas["Money"];

/** Count is a whole number. "At least" means that there may be more. */
export interface Count {
  count: string;
  atLeast: boolean;
}

/** Values by kind. Undefined: not known. */
interface Kinds {
  text: string;
  amount: Money;
  count: Count | string | number;
  /** 1 is all. */
  share: number;
  /** As the API writes it. */
  time: string;
  /** An address on the web. */
  link: string;
}

export type Kind = keyof Kinds;

export type Column<Row> = {
  [K in Kind]: { kind: K; title: string; of: (row: Row) => Kinds[K] | undefined };
}[Kind];

export type Cell = { [K in Kind]: { kind: K; value: Kinds[K] } }[Kind];

export interface Table {
  /** Names the file and its sheet, in the language of the page. */
  name: string;
  titles: string[];
  /** Undefined: not known. */
  rows: (Cell | undefined)[][];
}

/** nameOf is the name of a table in the language of the page. A number at its end, such as a product's id, stays. */
function nameOf(name: string): string {
  const [, kind = name, id] = name.match(/^(.+)-(\d+)$/) ?? [];
  const known = words.value.files.names[kind];
  return known ? known + (id ? `-${id}` : "") : name;
}

/**
 * tableOf is what the columns are for the rows. Columns that have nothing in any row are left out. A last column says whether the goods
 * are made up.
 */
export function tableOf<Row>(name: string, columns: Column<Row>[], rows: Row[]): Table {
  const source = sandbox.value ? words.value.csv.sandbox : words.value.csv.live;
  const all: Column<Row>[] = [...columns, { kind: "text", title: words.value.csv.source, of: () => source }];
  const cells = rows.map((row) => all.map((c) => cellOf(c, row)));
  const filled = all.map((_, x) => rows.length === 0 || cells.some((row) => row[x]));
  return {
    name: nameOf(name),
    titles: all.filter((_, x) => filled[x]).map((c) => c.title),
    rows: cells.map((row) => row.filter((_, x) => filled[x])),
  };
}

function cellOf<Row>(column: Column<Row>, row: Row): Cell | undefined {
  const value = column.of(row);
  return value === undefined || value === "" ? undefined : ({ kind: column.kind, value } as Cell);
}

/** amount is the exact number without its currency. */
export function amount(money: Money): string {
  const fraction = String(money.nanos).padStart(9, "0").replace(/0+$/, "");
  return fraction ? `${money.units}.${fraction}` : money.units;
}

/** digits is a count as a number is written. */
export function digits(value: Kinds["count"]): string {
  return typeof value === "object" ? value.count : String(value);
}

/** productColumns are those of a product that a row has. */
export function productColumns<Row>(of: (row: Row) => Product | undefined): Column<Row>[] {
  const t = words.value.csv;
  const sold = (p: Product | undefined) => p?.soldCount && { count: p.soldCount, atLeast: p.soldAtLeast };
  return [
    { kind: "text", title: t.id, of: (r) => of(r)?.id },
    { kind: "text", title: t.title, of: (r) => of(r)?.title },
    { kind: "text", title: t.translation, of: (r) => of(r)?.titleTranslated },
    { kind: "amount", title: t.price, of: (r) => of(r)?.price },
    { kind: "amount", title: t.priceMax, of: (r) => of(r)?.priceMax },
    { kind: "text", title: t.currency, of: (r) => of(r)?.price?.currencyCode },
    { kind: "text", title: t.priceText, of: (r) => (of(r)?.price ? undefined : of(r)?.priceText) },
    { kind: "amount", title: t.promotion, of: (r) => of(r)?.promotionPrice },
    { kind: "time", title: t.promotionEnd, of: (r) => of(r)?.promotionEndTime },
    { kind: "count", title: t.moq, of: (r) => of(r)?.minimumOrder },
    { kind: "count", title: t.sold, of: (r) => sold(of(r)) || undefined },
    { kind: "count", title: t.soldDays, of: (r) => of(r)?.soldDays },
    { kind: "share", title: t.repurchase, of: (r) => of(r)?.repurchaseRate },
    { kind: "share", title: t.likeness, of: (r) => of(r)?.similarity },
    { kind: "text", title: t.supplier, of: (r) => of(r)?.supplier?.name },
    { kind: "text", title: t.location, of: (r) => of(r)?.supplier?.location },
    {
      kind: "text",
      title: t.kinds,
      of: (r) =>
        of(r)
          ?.supplier?.kinds.map((k) => words.value.kinds[k] ?? k)
          .join("; "),
    },
    {
      kind: "text",
      title: t.badges,
      of: (r) =>
        of(r)
          ?.badges.map((b) => words.value.badges[b] ?? b)
          .join("; "),
    },
    { kind: "link", title: t.image, of: (r) => of(r)?.imageUrl },
    { kind: "link", title: t.link, of: (r) => of(r)?.detailUrl },
  ];
}

/** productTable is a list of products. */
export function productTable(name: string, products: Product[]): Table {
  return tableOf(
    name,
    productColumns<Product>((p) => p),
    products,
  );
}

/** localTime is a time in the zone of this device, as spreadsheets read it. */
export function localTime(time: string): string {
  const at = new Date(time);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19).replace("T", " ");
}
