// Streams over REST. Nothing here depends on the rest of the package: the page for people reads its streams with this too.
/** linesOf yields the lines of a stream, each one JSON value, without those that are empty. */
export async function* linesOf(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    try {
        for (;;) {
            const { done, value } = await reader.read();
            const parts = (rest + (value ?? "")).split("\n");
            rest = done ? "" : (parts.pop() ?? "");
            for (const line of parts) {
                if (line.trim()) {
                    yield JSON.parse(line);
                }
            }
            if (done) {
                return;
            }
        }
    }
    finally {
        await reader.cancel().catch(() => undefined); // The connection of a reader who leaves early ends.
    }
}
