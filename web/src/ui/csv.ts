// Lists as CSV files, made in the page.
import type { Product, Schemas } from "../api/client";
import { words } from "../words/words";

export type Cell = string | number | undefined;

/** saveCsv offers the rows as a file. It begins with a byte order mark: without one, Excel takes Chinese for another encoding. */
export function saveCsv(name: string, rows: Cell[][]): void {
  const text = rows.map((row) => row.map(cell).join(",")).join("\r\n");
  const body = new Blob(["\uFEFF", text, "\r\n"], { type: "text/csv;charset=utf-8" });
  saveFile(body, `zhaohuo-${name}-${new Date().toISOString().slice(0, 10)}.csv`);
}

/** saveFile offers a file for saving. */
export function saveFile(body: Blob, name: string): void {
  const url = URL.createObjectURL(body);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** cell writes one value. A text that a spreadsheet would run as a formula is written as text. */
function cell(value: Cell): string {
  if (value === undefined) {
    return "";
  }
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** amount is the exact number without its currency; empty if it is not known. */
export function amount(money: Schemas["Money"] | undefined): Cell {
  if (!money) {
    return undefined;
  }
  const fraction = String(money.nanos).padStart(9, "0").replace(/0+$/, "");
  return fraction ? `${money.units}.${fraction}` : money.units;
}

export const productCells = (p: Product | undefined): Cell[] => [
  p?.id,
  p?.title,
  p?.titleTranslated,
  amount(p?.price),
  amount(p?.priceMax),
  p?.price?.currencyCode,
  amount(p?.promotionPrice),
  p?.minimumOrder,
  p?.soldCount,
  p?.soldDays,
  p?.repurchaseRate,
  p?.supplier?.name,
  p?.supplier?.location,
  p?.supplier?.kinds.map((kind) => words.value.kinds[kind] ?? kind).join("; "),
  p?.imageUrl,
  p?.detailUrl,
];

export function productTitles(): string[] {
  const t = words.value.csv;
  return [
    ...[t.id, t.title, t.translation, t.price, t.priceMax, t.currency, t.promotion, t.moq, t.sold, t.soldDays],
    ...[t.repurchase, t.supplier, t.location, t.kinds, t.image, t.link],
  ];
}

export function productRows(products: Product[]): Cell[][] {
  return [productTitles(), ...products.map(productCells)];
}
