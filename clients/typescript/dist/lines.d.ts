/** linesOf yields the lines of a stream, each one JSON value, without those that are empty. */
export declare function linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<unknown, void, undefined>;
