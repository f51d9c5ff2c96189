import { type Client as Paths } from "openapi-fetch";
import type { components, paths } from "../gen/rest.js";
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
/** RestClient calls a server over REST. Failed answers are thrown as ZhaohuoError. */
export declare class RestClient {
    #private;
    /** Every path of the API, with its types: `client.api.GET("/v1/products:keywordSearch", { params: { query: { keyword } } })`. */
    readonly api: Paths<paths>;
    constructor(options?: RestOptions);
    /** answer is the data of a call: `await client.answer(client.api.GET(…))`. */
    answer<T>(call: Promise<{
        data?: T;
    }>): Promise<T>;
    /** products yields the goods of all pages of a search by words, each once, at most `limit`. */
    products(query: NonNullable<paths["/v1/products:keywordSearch"]["get"]["parameters"]["query"]>, { limit, signal }?: {
        limit?: number;
        signal?: AbortSignal;
    }): AsyncGenerator<Product, void, undefined>;
    /** uploadImageSearch sends a photo, such as a file that a person chose, and searches by it. */
    uploadImageSearch(photo: Blob, fields?: Fields, signal?: AbortSignal): Promise<Schemas["ImageSearchResponse"]>;
    /** batchKeywordSearch yields results and reports of progress. After a lost connection it goes on where it was. */
    batchKeywordSearch(request: Schemas["BatchKeywordSearchRequest"], signal?: AbortSignal): AsyncGenerator<Schemas["BatchKeywordSearchResponse"], void, undefined>;
    /** priceEvents yields the events of price watches as they happen, until the signal ends it. After a lost connection it goes on. */
    priceEvents(query?: {
        watchId?: string;
        afterEventId?: string;
    }, signal?: AbortSignal): AsyncGenerator<Schemas["PriceEvent"], void, undefined>;
}
