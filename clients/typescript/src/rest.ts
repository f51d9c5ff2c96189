// The client for browsers, and for every other place with fetch: REST.
import createClient, { type Client as Paths } from "openapi-fetch";
import type { components, paths } from "../gen/rest.js";
import { errorFrom } from "./answers.js";
import { canceled, DeadlineError, failure, ZhaohuoError } from "./failure.js";
import { linesOf } from "./lines.js";
import { repeated, resumed } from "./retry.js";

export * from "./failure.js";
export type { components, paths };

/** Schemas are the messages of REST. */
export type Schemas = components["schemas"];
export type Product = Schemas["Product"];

/** Options of a REST client. */
export interface RestOptions {
  /** The origin of the server's REST port, such as https://zhaohuo.example. Default: the page's own. */
  baseUrl?: string;
  /** The caller's API key. Everybody who sees a page can read a key in it: give each page's users keys of their own. */
  key?: string;
  /** Language of texts for people, as in Accept-Language. Default: the browser's. */
  language?: string;
  /** Milliseconds that a call may take, its repetitions included. 0: as long as the server allows. Streams have no such end. Default 30,000. */
  timeoutMs?: number;
  /** The most attempts for one call, the first included. Default 4. */
  attempts?: number;
  /** The first and the longest wait, in milliseconds, before a stream is resumed. Default 200 and 5,000. */
  resumeWaitMs?: readonly [first: number, longest: number];
}

/** Fields of a form or a query. */
export type Fields = Record<string, string | number | boolean | readonly string[] | undefined>;

const SILENCE_MS = 50_000;

/** RestClient calls a server over REST. Failed answers are thrown as ZhaohuoError. */
export class RestClient {
  /** Every path of the API, with its types: `client.api.GET("/v1/products:keywordSearch", { params: { query: { keyword } } })`. */
  readonly api: Paths<paths>;

  readonly #baseUrl: string;
  readonly #headers: Record<string, string>;
  readonly #options: { timeoutMs: number; attempts: number; resumeWaitMs: readonly [number, number] };

  constructor(options: RestOptions = {}) {
    this.#baseUrl = (options.baseUrl ?? "").replace(/\/$/, "");
    this.#headers = {
      ...(options.key ? { Authorization: `Bearer ${options.key}` } : {}),
      ...(options.language ? { "Accept-Language": options.language } : {}),
    };
    this.#options = {
      timeoutMs: options.timeoutMs ?? 30_000,
      attempts: options.attempts ?? 4,
      resumeWaitMs: options.resumeWaitMs ?? [200, 5_000],
    };
    this.api = createClient<paths>({
      baseUrl: this.#baseUrl,
      headers: this.#headers,
      fetch: (request) => this.#ask(request),
    });
  }

  /** answer is the data of a call: `await client.answer(client.api.GET(…))`. */
  async answer<T>(call: Promise<{ data?: T }>): Promise<T> {
    const { data } = await call;
    if (data === undefined) {
      throw failure({ code: "UNAVAILABLE", message: "the answer is empty" });
    }
    return data;
  }

  /** products yields the goods of all pages of a search by words, each once, at most `limit`. */
  async *products(
    query: NonNullable<paths["/v1/products:keywordSearch"]["get"]["parameters"]["query"]>,
    { limit = Number.POSITIVE_INFINITY, signal }: { limit?: number; signal?: AbortSignal } = {},
  ): AsyncGenerator<Product, void, undefined> {
    const seen = new Set<string>();
    for (let page: number | undefined = query.page ?? 1; page && seen.size < limit; ) {
      const params = { query: { ...query, page } };
      const answer: Schemas["KeywordSearchResponse"] = await this.answer(
        this.api.GET("/v1/products:keywordSearch", { params, ...(signal ? { signal } : {}) }),
      );
      for (const product of answer.products ?? []) {
        if (product.id && !seen.has(product.id) && seen.size < limit) {
          seen.add(product.id);
          yield product;
        }
      }
      page = answer.nextPage;
    }
  }

  /** uploadImageSearch sends a photo, such as a file that a person chose, and searches by it. */
  async uploadImageSearch(
    photo: Blob,
    fields: Fields = {},
    signal?: AbortSignal,
  ): Promise<Schemas["ImageSearchResponse"]> {
    const form = new FormData();
    for (const [name, value] of entries(fields)) {
      form.append(name, value);
    }
    form.append("image", photo); // Fields come before the file.
    const answered = await this.#ask(
      this.#request("/v1/products:uploadImageSearch", { method: "POST", body: form }, signal),
    );
    const { response } = (await answered.json()) as Schemas["UploadImageSearchResponse"];
    if (!response) {
      throw failure({ code: "UNAVAILABLE", message: "the answer is empty" });
    }
    return response;
  }

  /** batchKeywordSearch yields results and reports of progress. After a lost connection it goes on where it was. */
  async *batchKeywordSearch(
    request: Schemas["BatchKeywordSearchRequest"],
    signal?: AbortSignal,
  ): AsyncGenerator<Schemas["BatchKeywordSearchResponse"], void, undefined> {
    let resumeToken = request.resumeToken;
    const open = (until: AbortSignal) => {
      const body = JSON.stringify({ ...request, ...(resumeToken ? { resumeToken } : {}) });
      const headers = { "Content-Type": "application/json" };
      return this.#stream<Schemas["BatchKeywordSearchResponse"]>(
        "/v1/products:batchKeywordSearch",
        { method: "POST", body, headers },
        until,
      );
    };
    for await (const message of resumed(open, { ...this.#options, signal, silenceMs: 0, endless: false })) {
      resumeToken = message.resumeToken || resumeToken;
      yield message;
    }
  }

  /** priceEvents yields the events of price watches as they happen, until the signal ends it. After a lost connection it goes on. */
  async *priceEvents(
    query: { watchId?: string; afterEventId?: string } = {},
    signal?: AbortSignal,
  ): AsyncGenerator<Schemas["PriceEvent"], void, undefined> {
    let { afterEventId } = query;
    const last = new Map<string, bigint>();
    const open = (until: AbortSignal) => {
      const asked = new URLSearchParams(entries({ ...query, afterEventId }));
      return this.#stream<Schemas["StreamPriceEventsResponse"]>(`/v1/priceEvents:stream?${asked}`, {}, until);
    };
    for await (const message of resumed(open, { ...this.#options, signal, silenceMs: SILENCE_MS, endless: true })) {
      afterEventId = message.heartbeatAfterEventId ?? message.event?.id ?? afterEventId;
      const { event } = message;
      if (event?.id && BigInt(event.id) > (last.get(event.watchId ?? "") ?? -1n)) {
        last.set(event.watchId ?? "", BigInt(event.id));
        yield event;
      }
    }
  }

  #request(path: string, init: RequestInit, signal?: AbortSignal): Request {
    const headers = { ...this.#headers, ...(init.headers as Record<string, string> | undefined) };
    return new Request(this.#baseUrl + path, { ...init, headers, ...(signal ? { signal } : {}) });
  }

  /** ask sends a request, and repeats it where the server says so. All requests of the API's reading paths may arrive twice. */
  #ask(request: Request): Promise<Response> {
    const { timeoutMs } = this.#options;
    const attempts = mayRepeat(request) ? this.#options.attempts : 1;
    return repeated((leftMs) => send(request.clone(), leftMs), { attempts, timeoutMs, signal: request.signal });
  }

  async *#stream<M>(path: string, init: RequestInit, signal: AbortSignal): AsyncGenerator<M, void, undefined> {
    const { body } = await send(this.#request(path, init, signal), 0);
    if (!body) {
      return;
    }
    try {
      for await (const line of linesOf(body)) {
        const { result, error } = line as { result?: M; error?: unknown };
        if (result === undefined) {
          throw errorFrom(error, 0);
        }
        yield result;
      }
    } catch (thrown) {
      throw asLost(thrown, signal);
    }
  }
}

/** mayRepeat reports whether a request changes nothing: all GETs, and the POSTs that only ask. */
function mayRepeat(request: Request): boolean {
  return request.method === "GET" || /^\/v1\/(products|combo):/.test(new URL(request.url).pathname);
}

/** send sends a request once, and throws a failed answer. */
async function send(request: Request, leftMs: number): Promise<Response> {
  const signal = leftMs > 0 ? AbortSignal.any([request.signal, AbortSignal.timeout(leftMs)]) : request.signal;
  let response: Response;
  try {
    response = await fetch(request, { signal });
  } catch (thrown) {
    throw asLost(thrown, request.signal);
  }
  if (!response.ok) {
    const body: unknown = await response.json().catch(() => undefined);
    throw errorFrom(body, response.status, response.headers.get("x-request-id") ?? "");
  }
  return response;
}

/** asLost is the error of a request that got no answer, or not all of one. */
function asLost(thrown: unknown, signal: AbortSignal): ZhaohuoError {
  if (thrown instanceof ZhaohuoError) {
    return thrown;
  }
  if (signal.aborted) {
    return canceled(signal);
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (thrown instanceof Error && thrown.name === "TimeoutError") {
    return new DeadlineError({ code: "DEADLINE_EXCEEDED", message, cause: thrown });
  }
  return failure({ code: "UNAVAILABLE", message, cause: thrown });
}

/** entries are the values of fields as text; lists are repeated. */
function entries(fields: Fields): [string, string][] {
  return Object.entries(fields).flatMap(([name, value]) =>
    value === undefined
      ? []
      : (Array.isArray(value) ? value : [value]).map((each): [string, string] => [name, String(each)]),
  );
}
