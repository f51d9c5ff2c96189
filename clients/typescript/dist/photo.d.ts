/** A photo: the path of a file, its bytes, or a source of bytes whose size need not be known. */
export type Photo = string | URL | Uint8Array | Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;
/** CHUNK_BYTES is the size of the messages that a photo is sent in. The server takes up to 1 MiB. */
export declare const CHUNK_BYTES: number;
/** chunksOf yields the bytes of a photo in pieces of at most CHUNK_BYTES. It reads on only when a piece is asked for. */
export declare function chunksOf(photo: Photo): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>;
