// What a strategy is asked: the address holds all of it, so that it can be linked.
import { api } from "../api/client";
import { imageOf } from "../api/photo";
import { unwrap } from "../api/problem";

export const strategyNames = ["source", "compare", "competitors", "expand"] as const;
export type Name = (typeof strategyNames)[number];

export interface Question {
  keyword: string;
  /** An image id, or the address of an image. */
  image: string;
  quantity: string;
  maxCalls: string;
}

export const bounds: Record<Name, { least: number; most: number; usual: number }> = {
  source: { least: 2, most: 40, usual: 8 },
  compare: { least: 1, most: 40, usual: 6 },
  competitors: { least: 2, most: 60, usual: 12 },
  expand: { least: 2, most: 60, usual: 12 },
};

export function questionOf(query: URLSearchParams): Question {
  const text = (name: string) => query.get(name) ?? "";
  return { keyword: text("keyword"), image: text("image"), quantity: text("quantity"), maxCalls: text("maxCalls") };
}

export function seedsOf(q: Question): string[] {
  return q.keyword
    .split(/[,，、;；\n]/)
    .map((word) => word.trim())
    .filter(Boolean);
}

/** complete is whether there is enough to ask. */
export function complete(name: Name, q: Question): boolean {
  switch (name) {
    case "competitors":
      return q.image !== "";
    case "expand":
      return seedsOf(q).length > 0;
    default:
      return q.image !== "" || q.keyword.trim() !== "";
  }
}

const common = (q: Question, languageCode: string) => ({
  languageCode,
  ...(q.maxCalls ? { maxUpstreamCalls: Number(q.maxCalls) } : {}),
});
const goods = (q: Question) => ({
  ...(q.keyword.trim() ? { keyword: q.keyword.trim() } : {}),
  ...(q.image ? { image: imageOf(q.image) } : {}),
  ...(q.quantity ? { quantity: q.quantity } : {}),
});

export async function findSource(q: Question, language: string, signal: AbortSignal) {
  return unwrap(await api.POST("/v1/combo:findSource", { body: { ...goods(q), ...common(q, language) }, signal }));
}

export async function comparePrices(q: Question, language: string, signal: AbortSignal) {
  return unwrap(await api.POST("/v1/combo:comparePrices", { body: { ...goods(q), ...common(q, language) }, signal }));
}

export async function analyzeCompetitors(q: Question, language: string, signal: AbortSignal) {
  const body = { image: imageOf(q.image), ...common(q, language) };
  return unwrap(await api.POST("/v1/combo:analyzeCompetitors", { body, signal }));
}

export async function expandSelection(q: Question, language: string, signal: AbortSignal) {
  const body = { seeds: seedsOf(q), ...common(q, language) };
  return unwrap(await api.POST("/v1/combo:expandSelection", { body, signal }));
}
