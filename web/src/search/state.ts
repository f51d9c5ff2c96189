// What is searched for, and what was found.
import { signal } from "@preact/signals";
import { api, type Schemas } from "../api/client";
import { uploadSearch } from "../api/photo";
import { asProblem, type Problem, unwrap } from "../api/problem";
import { language } from "../state/session";

export interface Criteria {
  keyword: string;
  page: number;
  sort: string;
  priceMin: string;
  priceMax: string;
  filters: string[];
}

/** Photo is an image that was given, and its id once the server keeps it. */
export interface Photo {
  file: File;
  /** An address of the file that only this page can read. */
  preview: string;
  id?: string;
}

export type Found = Schemas["KeywordSearchResponse"] | Schemas["ImageSearchResponse"];

export const photo = signal<Photo | undefined>(undefined);
export const found = signal<Found | undefined>(undefined);
export const problem = signal<Problem | undefined>(undefined);
export const busy = signal(false);
/** The time of the last answer, by the clock of this device. */
export const answered = signal(0);

let running: AbortController | undefined;

/** search asks by the photo if there is one, and by the words otherwise. A newer question ends an older one. */
export async function search(criteria: Criteria): Promise<void> {
  running?.abort();
  running = new AbortController();
  const { signal } = running;
  busy.value = true;
  problem.value = undefined;
  try {
    const answer = photo.value ? await byPhoto(photo.value, criteria, signal) : await byWords(criteria, signal);
    found.value = answer;
    answered.value = Date.now();
  } catch (thrown) {
    if (!signal.aborted) {
      problem.value = asProblem(thrown);
      found.value = undefined;
    }
  } finally {
    if (!signal.aborted) {
      busy.value = false;
    }
  }
}

/** givePhoto replaces the photo. The id is known if the server has it already. */
export function givePhoto(file: File | undefined, id?: string): void {
  if (photo.value) {
    URL.revokeObjectURL(photo.value.preview);
  }
  photo.value = file && { file, preview: URL.createObjectURL(file), ...(id ? { id } : {}) };
}

function fields(c: Criteria) {
  return {
    page: c.page,
    languageCode: language.value === "en" ? "en" : "zh",
    ...(c.sort ? { sort: c.sort as "SORT_ORDER_RELEVANCE" } : {}),
    ...(c.priceMin ? { priceMin: c.priceMin } : {}),
    ...(c.priceMax ? { priceMax: c.priceMax } : {}),
    ...(c.filters.length ? { filters: c.filters as "PRODUCT_FILTER_SHIPS_TODAY"[] } : {}),
  };
}

async function byWords(c: Criteria, signal: AbortSignal): Promise<Found> {
  return unwrap(await api.POST("/v1/products:keywordSearch", { body: { keyword: c.keyword, ...fields(c) }, signal }));
}

/** byPhoto sends the photo once. Further pages are asked for by its id. */
async function byPhoto(of: Photo, c: Criteria, signal: AbortSignal): Promise<Found> {
  const keyword = c.keyword ? { keyword: c.keyword } : {};
  if (of.id) {
    return unwrap(
      await api.POST("/v1/products:imageSearch", { body: { image: { id: of.id }, ...keyword, ...fields(c) }, signal }),
    );
  }
  const response = await uploadSearch(of.file, { ...keyword, ...fields(c) }, signal);
  if (photo.value === of) {
    photo.value = { ...of, id: response.imageId };
  }
  return response;
}
