import type { DescService, MessageInitShape } from "@bufbuild/protobuf";
import type { CallOptions, Client as ServiceClient } from "@connectrpc/connect";
import { AnswerSource, type BatchKeywordSearchRequestSchema, type BatchKeywordSearchResponse, CategoryService, ComboService, type GetServerInfoResponse, type ImageSearchOptionsSchema, type ImageSearchResponse, InfoService, type KeywordSearchRequestSchema, PlatformService, type PriceEvent, PriceWatchService, type Product, ProductService, SearchService, type StreamPriceEventsRequestSchema } from "../gen/v1.js";
import { type Environ, type Options } from "./options.js";
import { type PageQuestion } from "./pages.js";
import { type Photo } from "./photo.js";
/** How a stream is read. */
export interface StreamOptions {
    /** Ends it. */
    signal?: AbortSignal;
}
/** Client calls a server over gRPC. Close it when it is no longer needed. */
export declare class Client {
    #private;
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
    /** Nothing is sent before the first call. The environment is not read. */
    constructor(options?: Options);
    /** fromEnvironment makes a client with the variables ZHAOHUO_GRPC_ADDR, ZHAOHUO_API_KEY and those for TLS. Options count before them. */
    static fromEnvironment(options?: Options, environ?: Environ): Client;
    /** service makes the client of any service of the contract. */
    service<S extends DescService>(service: S): ServiceClient<S>;
    /** serverInfo says what the server is: version, mode, dialect, limits, capabilities. */
    serverInfo(options?: CallOptions): Promise<GetServerInfoResponse>;
    /** pages yields all pages of a call that answers in pages: `client.pages(client.search.keywordSearch, { keyword })`. */
    pages<Q extends PageQuestion, A extends object>(call: (request: Q, options?: CallOptions) => Promise<A>, request: Q, options?: CallOptions): AsyncGenerator<A, void, undefined>;
    /** products yields the goods of all pages of a search by words, each once, at most `limit`. */
    products(request: MessageInitShape<typeof KeywordSearchRequestSchema>, { limit, ...options }?: CallOptions & {
        limit?: number;
    }): AsyncGenerator<Product, void, undefined>;
    /** uploadImageSearch sends a photo in chunks and searches by it. The photo is not read into memory as one. */
    uploadImageSearch(photo: Photo, options?: MessageInitShape<typeof ImageSearchOptionsSchema>, call?: CallOptions): Promise<ImageSearchResponse>;
    /**
     * batchKeywordSearch yields results and reports of progress. After a lost connection it goes on where it was. The `resumeToken` of
     * the last message, in a request that is otherwise the same, does so in another program.
     */
    batchKeywordSearch(request: MessageInitShape<typeof BatchKeywordSearchRequestSchema>, { signal }?: StreamOptions): AsyncGenerator<BatchKeywordSearchResponse, void, undefined>;
    /**
     * priceEvents yields the events of price watches as they happen, each once, until the signal ends it. After a lost connection it goes
     * on after the last event. `afterEventId` does so in another program: "0" begins with the oldest that is kept.
     */
    priceEvents(request?: MessageInitShape<typeof StreamPriceEventsRequestSchema>, { signal }?: StreamOptions): AsyncGenerator<PriceEvent, void, undefined>;
    /** close ends the connection, and all calls that run. */
    close(): void;
    [Symbol.asyncDispose](): Promise<void>;
}
/** isSandbox reports whether an answer has made-up goods of the sandbox. */
export declare function isSandbox(answer: {
    meta?: {
        source?: AnswerSource;
    } | undefined;
}): boolean;
