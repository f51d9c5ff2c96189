// The pages of one question that were looked at: a saved list has the goods of all of them.
import { signal } from "@preact/signals";
import type { Product } from "../api/client";

/** loaded are the goods of all pages by their order, each once. */
export const loaded = signal<Product[]>([]);

let asked = "";
const pages = new Map<number, Product[]>();

/** keepPage takes the goods of a page. Another question forgets the pages of the one before. */
export function keepPage(question: unknown, page: number, products: Product[]): void {
  const now = JSON.stringify(question);
  if (now !== asked) {
    pages.clear();
    asked = now;
  }
  pages.set(page, products);
  const inOrder = [...pages].sort(([a], [b]) => a - b).flatMap(([, goods]) => goods);
  loaded.value = [...new Map(inOrder.map((p) => [p.id, p])).values()];
}
