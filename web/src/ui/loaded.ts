// The pages of a list that were looked at: a saved list has the goods of all of them.
import type { Product } from "../api/client";

interface Pages {
  asked: string;
  goods: Map<number, Product[]>;
}

const lists = new Map<string, Pages>();

/**
 * allLoaded keeps the goods of a page, and gives those of all pages of the same question by their order, each once. Another question
 * forgets the pages of the one before.
 */
export function allLoaded(list: string, question: unknown, page: number, products: Product[]): Product[] {
  const asked = JSON.stringify(question);
  const before = lists.get(list);
  const pages = before?.asked === asked ? before : { asked, goods: new Map<number, Product[]>() };
  lists.set(list, pages);
  pages.goods.set(page, products);
  const inOrder = [...pages.goods].sort(([a], [b]) => a - b).flatMap(([, goods]) => goods);
  return [...new Map(inOrder.map((p) => [p.id, p])).values()];
}
