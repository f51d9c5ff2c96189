// The client for Node.js: gRPC.
import type { DescService, MessageInitShape } from "@bufbuild/protobuf";
import type { CallOptions, Interceptor, Client as ServiceClient, Transport } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import {
  AnswerSource,
  type BatchKeywordSearchRequestSchema,
  type BatchKeywordSearchResponse,
  CategoryService,
  ComboService,
  type GetServerInfoResponse,
  type ImageSearchOptionsSchema,
  type ImageSearchResponse,
  InfoService,
  type KeywordSearchRequestSchema,
  PlatformService,
  type PriceEvent,
  PriceWatchService,
  type Product,
  ProductService,
  SearchService,
  type StreamPriceEventsRequestSchema,
} from "../gen/v1.js";
import { clientOf, type Defaults } from "./calls.js";
import { ConnectionLostError } from "./failure.js";
import { type Environ, type Options, optionsFrom, reach } from "./options.js";
import { type PageQuestion, pages } from "./pages.js";
import { chunksOf, type Photo } from "./photo.js";
import { resumed } from "./retry.js";

/** ANSWER_BYTES_MAX bounds one message of the server. Details with descriptions can be larger than the usual 4 MiB. */
const ANSWER_BYTES_MAX = 64 << 20;
/** SILENCE_MS is how long a stream of events may say nothing: the server sends a heartbeat each 15 seconds. */
const SILENCE_MS = 50_000;

/** How a stream is read. */
export interface StreamOptions {
  /** Ends it. */
  signal?: AbortSignal;
}

/** Client calls a server over gRPC. Close it when it is no longer needed. */
export class Client {
  /** Search by words, by photo, and in batches. */
  readonly search: ServiceClient<typeof SearchService>;
  /** Details of products, goods of sellers, and hints for searching. */
  readonly product: ServiceClient<typeof ProductService>;
  /** Categories by name and by id. */
  readonly category: ServiceClient<typeof CategoryService>;
  /** The four strategies. */
  readonly combo: ServiceClient<typeof ComboService>;
  /** Price watches. */
  readonly priceWatch: ServiceClient<typeof PriceWatchService>;
  /** Any API of 1688 by its name, where the server's lists allow it. */
  readonly platform: ServiceClient<typeof PlatformService>;
  /** What the server is. */
  readonly info: ServiceClient<typeof InfoService>;

  readonly #sessions: Http2SessionManager;
  readonly #transport: Transport;
  readonly #defaults: Defaults;
  readonly #resumeWaitMs: readonly [number, number];
  #closed = false;

  /** Nothing is sent before the first call. The environment is not read. */
  constructor(options: Options = {}) {
    const { address, key, tls } = reach(options);
    if (key && !tls && !/^(127\.|localhost:|\[::1\]:)/.test(address)) {
      process.emitWarning(`the API key is sent to ${address} unencrypted: use TLS`, "ZhaohuoWarning");
    }
    const baseUrl = `${tls ? "https" : "http"}://${address}`;
    this.#sessions = new Http2SessionManager(baseUrl, { pingIntervalMs: 20_000 }, tls ?? {});
    this.#transport = createGrpcTransport({
      baseUrl,
      sessionManager: this.#sessions,
      readMaxBytes: ANSWER_BYTES_MAX,
      interceptors: [...(options.interceptors ?? []), this.#identify(key, options.language ?? "en")],
    });
    this.#defaults = {
      timeoutMs: options.timeoutMs ?? 30_000,
      attempts: options.attempts ?? 4,
      mayCall: () => this.#mayCall(),
    };
    this.#resumeWaitMs = options.resumeWaitMs ?? [200, 5_000];
    this.search = this.service(SearchService);
    this.product = this.service(ProductService);
    this.category = this.service(CategoryService);
    this.combo = this.service(ComboService);
    this.priceWatch = this.service(PriceWatchService);
    this.platform = this.service(PlatformService);
    this.info = this.service(InfoService);
  }

  /** fromEnvironment makes a client with the variables ZHAOHUO_GRPC_ADDR, ZHAOHUO_API_KEY and those for TLS. Options count before them. */
  static fromEnvironment(options: Options = {}, environ: Environ = process.env): Client {
    return new Client({ ...optionsFrom(environ), ...options });
  }

  /** service makes the client of any service of the contract. */
  service<S extends DescService>(service: S): ServiceClient<S> {
    return clientOf(service, this.#transport, this.#defaults);
  }

  /** serverInfo says what the server is: version, mode, dialect, limits, capabilities. */
  serverInfo(options?: CallOptions): Promise<GetServerInfoResponse> {
    return this.info.getServerInfo({}, options);
  }

  /** pages yields all pages of a call that answers in pages: `client.pages(client.search.keywordSearch, { keyword })`. */
  pages<Q extends PageQuestion, A extends object>(
    call: (request: Q, options?: CallOptions) => Promise<A>,
    request: Q,
    options?: CallOptions,
  ): AsyncGenerator<A, void, undefined> {
    return pages(call, request, options);
  }

  /** products yields the goods of all pages of a search by words, each once, at most `limit`. */
  async *products(
    request: MessageInitShape<typeof KeywordSearchRequestSchema>,
    { limit = Number.POSITIVE_INFINITY, ...options }: CallOptions & { limit?: number } = {},
  ): AsyncGenerator<Product, void, undefined> {
    const seen = new Set<string>();
    if (limit <= 0) {
      return;
    }
    for await (const page of pages(this.search.keywordSearch, request, options)) {
      for (const product of page.products) {
        if (!seen.has(product.id)) {
          seen.add(product.id);
          yield product;
          if (seen.size >= limit) {
            return;
          }
        }
      }
    }
  }

  /** uploadImageSearch sends a photo in chunks and searches by it. The photo is not read into memory as one. */
  async uploadImageSearch(
    photo: Photo,
    options: MessageInitShape<typeof ImageSearchOptionsSchema> = {},
    call?: CallOptions,
  ): Promise<ImageSearchResponse> {
    let unread: unknown; // Why the photo cannot be read: no error of the service.
    async function* parts() {
      yield { part: { case: "options" as const, value: options } };
      try {
        for await (const chunk of chunksOf(photo)) {
          yield { part: { case: "chunk" as const, value: chunk } };
        }
      } catch (thrown) {
        unread = thrown;
        throw thrown;
      }
    }
    const { response } = await this.search.uploadImageSearch(parts(), call).catch((thrown: unknown) => {
      throw unread ?? thrown;
    });
    if (!response) {
      throw new ConnectionLostError({ code: "UNAVAILABLE", message: "the answer is empty" });
    }
    return response;
  }

  /**
   * batchKeywordSearch yields results and reports of progress. After a lost connection it goes on where it was. The `resumeToken` of
   * the last message, in a request that is otherwise the same, does so in another program.
   */
  async *batchKeywordSearch(
    request: MessageInitShape<typeof BatchKeywordSearchRequestSchema>,
    { signal }: StreamOptions = {},
  ): AsyncGenerator<BatchKeywordSearchResponse, void, undefined> {
    let resumeToken = request.resumeToken ?? "";
    const given = new Set<string>();
    const open = (until: AbortSignal) => this.search.batchKeywordSearch({ ...request, resumeToken }, { signal: until });
    for await (const message of resumed(open, { ...this.#resuming(signal), silenceMs: 0, endless: false })) {
      resumeToken = message.resumeToken || resumeToken;
      if (message.event.case === "result") {
        const question = `${message.event.value.page} ${message.event.value.keyword}`;
        if (given.has(question)) {
          continue;
        }
        given.add(question);
      }
      yield message;
    }
  }

  /**
   * priceEvents yields the events of price watches as they happen, each once, until the signal ends it. After a lost connection it goes
   * on after the last event. `afterEventId` does so in another program: "0" begins with the oldest that is kept.
   */
  async *priceEvents(
    request: MessageInitShape<typeof StreamPriceEventsRequestSchema> = {},
    { signal }: StreamOptions = {},
  ): AsyncGenerator<PriceEvent, void, undefined> {
    let afterEventId = request.afterEventId ?? "";
    // Of two events of one watch, the later one has the larger id.
    const last = new Map<string, bigint>();
    const open = (until: AbortSignal) =>
      this.priceWatch.streamPriceEvents({ ...request, afterEventId }, { signal: until });
    for await (const { content } of resumed(open, {
      ...this.#resuming(signal),
      silenceMs: SILENCE_MS,
      endless: true,
    })) {
      if (content.case === "heartbeatAfterEventId") {
        afterEventId = content.value;
      } else if (content.case === "event") {
        const event = content.value;
        const id = BigInt(event.id);
        afterEventId = event.id;
        if (id > (last.get(event.watchId) ?? -1n)) {
          last.set(event.watchId, id);
          yield event;
        }
      }
    }
  }

  /** close ends the connection, and all calls that run. */
  close(): void {
    this.#closed = true;
    this.#sessions.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  #resuming(signal: AbortSignal | undefined) {
    return { attempts: this.#defaults.attempts, resumeWaitMs: this.#resumeWaitMs, signal };
  }

  #mayCall(): void {
    if (this.#closed) {
      throw new TypeError("the client is closed");
    }
  }

  #identify(key: string, language: string): Interceptor {
    return (next) => (request) => {
      request.header.set("accept-language", language);
      if (key) {
        request.header.set("authorization", `Bearer ${key}`);
      }
      return next(request);
    };
  }
}

/** isSandbox reports whether an answer has made-up goods of the sandbox. */
export function isSandbox(answer: { meta?: { source?: AnswerSource } | undefined }): boolean {
  return answer.meta?.source === AnswerSource.SANDBOX;
}
