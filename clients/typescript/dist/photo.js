// Photos as the parts of an upload.
import { open } from "node:fs/promises";
/** CHUNK_BYTES is the size of the messages that a photo is sent in. The server takes up to 1 MiB. */
export const CHUNK_BYTES = 64 * 1024;
/** chunksOf yields the bytes of a photo in pieces of at most CHUNK_BYTES. It reads on only when a piece is asked for. */
export async function* chunksOf(photo) {
    for await (const piece of piecesOf(photo)) {
        for (let at = 0; at < piece.length; at += CHUNK_BYTES) {
            yield piece.subarray(at, at + CHUNK_BYTES);
        }
    }
}
async function* piecesOf(photo) {
    if (typeof photo === "string" || photo instanceof URL) {
        const file = await open(photo);
        try {
            yield* file.createReadStream({ highWaterMark: CHUNK_BYTES, autoClose: false });
        }
        finally {
            await file.close();
        }
    }
    else if (photo instanceof Uint8Array) {
        yield photo;
    }
    else if (photo instanceof Blob) {
        yield* photo.stream();
    }
    else {
        yield* photo;
    }
}
