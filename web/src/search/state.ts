// What is searched for, and what was found.
import { signal } from "@preact/signals";
import { api, type Schemas } from "../api/client";
import { imageOf, photoPage, uploadSearch } from "../api/photo";
import { asProblem, type Problem, stopped, unwrap } from "../api/problem";
import { go, route } from "../state/route";
import { language } from "../state/session";
import { allLoaded } from "../ui/loaded";
import { loaded } from "./loaded";

export interface Criteria {
  keyword: string;
  page: number;
  sort: string;
  priceMin: string;
  priceMax: string;
  filters: string[];
}

/** Photo is an image that was given: a file, with its id once the server keeps it, or an address. */
export interface Photo {
  /** Absent: the image is given by its address. */
  file?: File;
  /** An address that shows it. That of a file can be read by this page only. */
  preview: string;
  /** The id or the address by which the server knows it. */
  id?: string;
}

export type Found = Schemas["KeywordSearchResponse"] | Schemas["ImageSearchResponse"];

export const photo = signal<Photo | undefined>(undefined);
/** The part of the photo to search by. Undefined: the upstream chooses. */
export const region = signal<Schemas["ImageRegion"] | undefined>(undefined);
/** The goods that the upstream saw on the photo, and the part that it chose itself. */
export const detected = signal<Schemas["ImageRegion"][]>([]);
export const searched = signal<Schemas["ImageRegion"] | undefined>(undefined);
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
    const { page, ...question } = criteria;
    const asked = { ...question, photo: photo.value?.preview, part: region.value, language: language.value };
    loaded.value = allLoaded("search", asked, page, answer.products);
    answered.value = Date.now();
  } catch (thrown) {
    if (!signal.aborted) {
      problem.value = asProblem(thrown);
    }
  } finally {
    if (!signal.aborted) {
      busy.value = false;
    }
  }
}

/** stopSearch ends the question. What was found before stays. */
export function stopSearch(): void {
  running?.abort();
  busy.value = false;
  problem.value = stopped();
}

/** choosePart searches by a part of the photo, from the first page on. Undefined: the upstream chooses. */
export function choosePart(part: Schemas["ImageRegion"] | undefined): void {
  region.value = part;
  firstPage();
}

/** firstPage goes back to the first page, which is of another question from now on. */
function firstPage(): void {
  const { path, query } = route.value;
  if (query.has("page")) {
    go(path, { ...Object.fromEntries(query), page: undefined });
  }
}

/** givePhoto replaces the photo. The id is known if the server has it already. */
export function givePhoto(file: File | undefined, id?: string): void {
  replacePhoto(file && { file, preview: URL.createObjectURL(file), ...(id ? { id } : {}) });
}

/** givePicture replaces the photo by the picture of goods, which the server fetches. */
export function givePicture(url: string): void {
  replacePhoto({ preview: url, id: url });
}

function replacePhoto(by: Photo | undefined): void {
  if (photo.value?.file) {
    URL.revokeObjectURL(photo.value.preview);
  }
  choosePart(undefined);
  detected.value = [];
  searched.value = undefined;
  photo.value = by;
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
  const asked = { ...(c.keyword ? { keyword: c.keyword } : {}), ...fields(c), ...photoPage() };
  const part = region.value;
  if (of.id || !of.file) {
    const body = { image: imageOf(of.id ?? ""), ...asked, ...(part ? { region: part } : {}) };
    const answer = unwrap(await api.POST("/v1/products:imageSearch", { body, signal }));
    if (!part) {
      see(answer);
    }
    return answer;
  }
  const response = await uploadSearch(of.file, asked, signal);
  see(response);
  if (photo.value === of) {
    photo.value = { ...of, id: response.imageId };
  }
  return response;
}

/** see keeps what the upstream saw on the complete photo. The answer for a part does not say it again. */
function see(answer: Schemas["ImageSearchResponse"]): void {
  detected.value = (answer.regions?.detected ?? []).flatMap((goods) => (goods.region ? [goods.region] : []));
  searched.value = answer.regions?.searched;
}
