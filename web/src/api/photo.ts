// Photos: how they are given, and how they are sent.

import { offers } from "../state/server";
import type { Schemas } from "./client";
import { noteCost } from "./cost";
import { post } from "./lines";

/** imagesIn are the images among files. Browsers do not know the type of some of them. */
export function imagesIn(files: FileList | null | undefined): File[] {
  return [...(files ?? [])].filter((f) => f.type.startsWith("image/") || /\.(heic|avif|webp)$/i.test(f.name));
}

export type Fields = Record<string, string | number | readonly string[]>;

/**
 * photoPage is how many goods a search by photo asks for: as many as the strategies do, where the dialect has pages. So the answer is
 * stored when a strategy asks for the same, and costs no further call.
 */
export function photoPage(): { pageSize?: number } {
  return offers("SearchService/ImageSearch", "page_size") ? { pageSize: 50 } : {};
}

/** uploadSearch sends a photo and searches by it. The answer has the id by which the photo can be named from then on. */
export async function uploadSearch(
  file: File,
  fields: Fields,
  signal?: AbortSignal,
): Promise<Schemas["ImageSearchResponse"]> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    for (const each of typeof value === "object" ? value : [value]) {
      form.append(name, String(each));
    }
  }
  form.append("image", file); // The image must come last.
  const answer = await post("/v1/products:uploadImageSearch", form, signal);
  const { response } = (await answer.json()) as Schemas["UploadImageSearchResponse"];
  if (!response) {
    throw new Error("no answer");
  }
  noteCost(response);
  return response;
}

/** imageOf is the source that a text names: the address of an image, or an image id. */
export function imageOf(text: string): { url: string } | { id: string } {
  return /^https?:/.test(text) ? { url: text } : { id: text };
}
