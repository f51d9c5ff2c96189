// Searching by several photos: what was given, and what was found for each.
import { signal } from "@preact/signals";
import type { Schemas } from "../api/client";
import { lines, post } from "../api/lines";
import { uploadSearch } from "../api/photo";
import { asProblem, type Problem, problemOf } from "../api/problem";
import { server } from "../state/server";
import { answerLanguage } from "../state/session";

export interface BatchItem {
  file: File;
  preview: string;
  response?: Schemas["ImageSearchResponse"];
  problem?: Problem;
}

export interface Batch {
  items: BatchItem[];
  running: boolean;
  upstreamCalls: number;
}

export const batch = signal<Batch | undefined>(undefined);

let running: AbortController | undefined;

/** The largest photo that a batch takes. Larger ones are uploaded one by one. */
const largest = 3 << 20;
const pageSize = 10;

/** stopBatch ends the searching. What was found stays. */
export function stopBatch(): void {
  running?.abort();
  if (batch.value) {
    batch.value = { ...batch.value, running: false };
  }
}

export function closeBatch(): void {
  stopBatch();
  for (const item of batch.value?.items ?? []) {
    URL.revokeObjectURL(item.preview);
  }
  batch.value = undefined;
}

/** startBatch searches by each of the photos. */
export async function startBatch(files: File[]): Promise<void> {
  closeBatch();
  const asking = new AbortController();
  running = asking;
  const items = files.map((file) => ({ file, preview: URL.createObjectURL(file) }));
  batch.value = { items, running: true, upstreamCalls: 0 };
  for (const part of partsOf(files)) {
    if (asking.signal.aborted) {
      return;
    }
    await searchPart(part, files, asking.signal);
  }
  if (!asking.signal.aborted && batch.value) {
    batch.value = { ...batch.value, running: false };
  }
}

/** partsOf divides the photos, by their places, into requests that the server takes. */
function partsOf(files: File[]): number[][] {
  const room = Number(server.value?.limits?.requestBytesMax ?? 4 << 20) - (64 << 10);
  const parts: number[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const [place, file] of files.entries()) {
    const size = Math.ceil(file.size / 3) * 4 + 512; // In base64.
    if (bytes + size > room) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(place);
    bytes += size;
  }
  return parts;
}

async function searchPart(places: number[], files: File[], signal: AbortSignal): Promise<void> {
  try {
    const [only] = places;
    const file = only === undefined ? undefined : files[only];
    if (only !== undefined && file && file.size > largest) {
      const response = await uploadSearch(file, { pageSize, languageCode: answerLanguage.value }, signal);
      set(only, { response }, signal);
      addCalls(response.meta?.upstreamCalls ?? 0);
      return;
    }
    await searchTogether(places, files, signal);
  } catch (thrown) {
    for (const place of places) {
      const item = batch.value?.items[place];
      if (item && !item.response && !item.problem) {
        set(place, { problem: asProblem(thrown) }, signal);
      }
    }
  }
}

async function searchTogether(places: number[], files: File[], signal: AbortSignal): Promise<void> {
  const images = await Promise.all(
    places.map(async (place) => ({ tag: String(place), image: { content: await base64(files[place]) } })),
  );
  const options = { pageSize, languageCode: answerLanguage.value };
  const answer = await post("/v1/products:batchImageSearch", { options, images }, signal);
  const before = batch.value?.upstreamCalls ?? 0;
  for await (const step of lines<Schemas["BatchImageSearchResponse"]>(answer)) {
    const { result, progress } = step;
    if (result) {
      const { response, error } = result;
      set(Number(result.tag), response ? { response } : { problem: problemOf(0, error) }, signal);
    }
    if (progress && batch.value && !signal.aborted) {
      batch.value = { ...batch.value, upstreamCalls: before + progress.upstreamCalls };
    }
  }
}

function addCalls(n: number): void {
  if (batch.value) {
    batch.value = { ...batch.value, upstreamCalls: batch.value.upstreamCalls + n };
  }
}

function set(place: number, part: Partial<BatchItem>, signal: AbortSignal): void {
  if (batch.value && !signal.aborted) {
    const items = batch.value.items.map((item, i) => (i === place ? { ...item, ...part } : item));
    batch.value = { ...batch.value, items };
  }
}

function base64(file: File | undefined): Promise<string> {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(file ?? new Blob());
  });
}
