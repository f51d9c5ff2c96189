// What a strategy is asked: the address holds all of it, so that it can be linked.
import type { Schemas } from "../api/client";
import { imageOf } from "../api/photo";
import type { Refinement } from "../ui/refine";
import { follow, type OnStep } from "./follow";

export const strategyNames = ["source", "compare", "competitors", "expand"] as const;
export type Name = (typeof strategyNames)[number];

export interface Question {
  keyword: string;
  /** An image id, or the address of an image. */
  image: string;
  quantity: string;
  /** The code of the district to which the goods are sent; empty: freight is not asked for. */
  freightTo: string;
  maxCalls: string;
  sort: string;
  priceMin: string;
  priceMax: string;
  categoryId: string;
  /** The names of filters, with commas between them. */
  filters: string;
}

/** rpcs are the strategies' names in the server's capabilities. */
export const rpcs: Record<Name, string> = {
  source: "ComboService/FindSource",
  compare: "ComboService/ComparePrices",
  competitors: "ComboService/AnalyzeCompetitors",
  expand: "ComboService/ExpandSelection",
};

export const bounds: Record<Name, { least: number; most: number; usual: number }> = {
  source: { least: 2, most: 40, usual: 8 },
  compare: { least: 1, most: 40, usual: 6 },
  competitors: { least: 2, most: 60, usual: 12 },
  expand: { least: 2, most: 60, usual: 12 },
};

export function questionOf(query: URLSearchParams): Question {
  const text = (name: string) => query.get(name) ?? "";
  return {
    keyword: text("keyword"),
    image: text("image"),
    quantity: text("quantity"),
    freightTo: text("freightTo"),
    maxCalls: text("maxCalls"),
    sort: text("sort"),
    priceMin: text("priceMin"),
    priceMax: text("priceMax"),
    categoryId: text("categoryId"),
    filters: text("filters"),
  };
}

/** refinementOf is what the question says of the goods that are wanted. */
export function refinementOf(q: Question): Required<Refinement> {
  const { sort, priceMin, priceMax, categoryId } = q;
  return { sort, priceMin, priceMax, categoryId, filters: q.filters.split(",").filter(Boolean) };
}

/** refined is whether the question says anything of the goods that are wanted. */
export function refined(q: Question): boolean {
  return [q.sort, q.priceMin, q.priceMax, q.categoryId, q.filters].some(Boolean);
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
      return (q.image !== "" || q.keyword.trim() !== "") && !lacksQuantity(q);
  }
}

/** lacksQuantity is whether freight is asked for without the number of pieces that it depends on. */
export function lacksQuantity(q: Question): boolean {
  return q.freightTo !== "" && !(Number(q.quantity) > 0);
}

/** Of how many offers the freight is asked for. Each costs a call. */
export const freightOffers = 5;

/** freightOf asks for freight. The first four digits of a district's code name its city, the first two its province. */
const freightOf = (district: string) => ({
  destination: {
    provinceCode: `${district.slice(0, 2)}0000`,
    cityCode: `${district.slice(0, 4)}00`,
    districtCode: district,
  },
  maxOffers: freightOffers,
});

const common = (q: Question, languageCode: string) => {
  const { sort, filters, ...bounds } = refinementOf(q);
  return {
    languageCode,
    ...(q.maxCalls ? { maxUpstreamCalls: Number(q.maxCalls) } : {}),
    ...(sort ? { sort } : {}),
    ...(filters.length ? { filters } : {}),
    ...Object.fromEntries(Object.entries(bounds).filter(([, value]) => value)),
  };
};
const goods = (q: Question) => ({
  ...(q.keyword.trim() ? { keyword: q.keyword.trim() } : {}),
  ...(q.image ? { image: imageOf(q.image) } : {}),
  ...(q.quantity ? { quantity: q.quantity } : {}),
  ...(q.freightTo ? { freight: freightOf(q.freightTo) } : {}),
});

/** Asking asks a strategy, and says of each step what becomes of it. */
export type Asking<T> = (q: Question, language: string, signal: AbortSignal, onStep: OnStep) => Promise<T>;

export const findSource: Asking<Schemas["FindSourceResponse"]> = (q, language, signal, onStep) =>
  follow("/v1/combo:streamFindSource", { ...goods(q), ...common(q, language) }, signal, onStep);

export const comparePrices: Asking<Schemas["ComparePricesResponse"]> = (q, language, signal, onStep) =>
  follow("/v1/combo:streamComparePrices", { ...goods(q), ...common(q, language) }, signal, onStep);

export const analyzeCompetitors: Asking<Schemas["AnalyzeCompetitorsResponse"]> = (q, language, signal, onStep) => {
  const body = { image: imageOf(q.image), ...common(q, language) };
  return follow("/v1/combo:streamAnalyzeCompetitors", body, signal, onStep);
};

export const expandSelection: Asking<Schemas["ExpandSelectionResponse"]> = (q, language, signal, onStep) => {
  const body = { seeds: seedsOf(q), ...common(q, language) };
  return follow("/v1/combo:streamExpandSelection", body, signal, onStep);
};
