import { type ZhaohuoError } from "./failure.js";
/** errorFrom reads the body of a failed answer. `status` is its HTTP status, for a body of any other shape. */
export declare function errorFrom(body: unknown, status: number, requestId?: string): ZhaohuoError;
/** linesOf yields the lines of a stream, each one JSON value, without those that are empty. */
export declare function linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<unknown, void, undefined>;
