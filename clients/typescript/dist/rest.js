// The client for browsers, and for every other place with fetch: REST.
import createClient, {} from "openapi-fetch";
import { errorFrom } from "./answers.js";
import { canceled, DeadlineError, failure, ZhaohuoError } from "./failure.js";
import { linesOf } from "./lines.js";
import { repeated, resumed } from "./retry.js";
export * from "./failure.js";
const SILENCE_MS = 50_000;
/** RestClient calls a server over REST. Failed answers are thrown as ZhaohuoError. */
export class RestClient {
    /** Every path of the API, with its types: `client.api.GET("/v1/products:keywordSearch", { params: { query: { keyword } } })`. */
    api;
    #baseUrl;
    #headers;
    #options;
    constructor(options = {}) {
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
        this.api = createClient({
            baseUrl: this.#baseUrl,
            headers: this.#headers,
            fetch: (request) => this.#ask(request),
        });
    }
    /** answer is the data of a call: `await client.answer(client.api.GET(…))`. */
    async answer(call) {
        const { data } = await call;
        if (data === undefined) {
            throw failure({ code: "UNAVAILABLE", message: "the answer is empty" });
        }
        return data;
    }
    /** products yields the goods of all pages of a search by words, each once, at most `limit`. */
    async *products(query, { limit = Number.POSITIVE_INFINITY, signal } = {}) {
        const seen = new Set();
        for (let page = query.page ?? 1; page && seen.size < limit;) {
            const params = { query: { ...query, page } };
            const answer = await this.answer(this.api.GET("/v1/products:keywordSearch", { params, ...(signal ? { signal } : {}) }));
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
    async uploadImageSearch(photo, fields = {}, signal) {
        const form = new FormData();
        for (const [name, value] of entries(fields)) {
            form.append(name, value);
        }
        form.append("image", photo); // Fields come before the file.
        const answered = await this.#ask(this.#request("/v1/products:uploadImageSearch", { method: "POST", body: form }, signal));
        const { response } = (await answered.json());
        if (!response) {
            throw failure({ code: "UNAVAILABLE", message: "the answer is empty" });
        }
        return response;
    }
    /** batchKeywordSearch yields results and reports of progress. After a lost connection it goes on where it was. */
    async *batchKeywordSearch(request, signal) {
        let resumeToken = request.resumeToken;
        const open = (until) => {
            const body = JSON.stringify({ ...request, ...(resumeToken ? { resumeToken } : {}) });
            const headers = { "Content-Type": "application/json" };
            return this.#stream("/v1/products:batchKeywordSearch", { method: "POST", body, headers }, until);
        };
        for await (const message of resumed(open, { ...this.#options, signal, silenceMs: 0, endless: false })) {
            resumeToken = message.resumeToken || resumeToken;
            yield message;
        }
    }
    /** priceEvents yields the events of price watches as they happen, until the signal ends it. After a lost connection it goes on. */
    async *priceEvents(query = {}, signal) {
        let { afterEventId } = query;
        const last = new Map();
        const open = (until) => {
            const asked = new URLSearchParams(entries({ ...query, afterEventId }));
            return this.#stream(`/v1/priceEvents:stream?${asked}`, {}, until);
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
    #request(path, init, signal) {
        const headers = { ...this.#headers, ...init.headers };
        return new Request(this.#baseUrl + path, { ...init, headers, ...(signal ? { signal } : {}) });
    }
    /** ask sends a request, and repeats it where the server says so. All requests of the API's reading paths may arrive twice. */
    #ask(request) {
        const { timeoutMs } = this.#options;
        const attempts = mayRepeat(request) ? this.#options.attempts : 1;
        return repeated((leftMs) => send(request.clone(), leftMs), { attempts, timeoutMs, signal: request.signal });
    }
    async *#stream(path, init, signal) {
        const { body } = await send(this.#request(path, init, signal), 0);
        if (!body) {
            return;
        }
        try {
            for await (const line of linesOf(body)) {
                const { result, error } = line;
                if (result === undefined) {
                    throw errorFrom(error, 0);
                }
                yield result;
            }
        }
        catch (thrown) {
            throw asLost(thrown, signal);
        }
    }
}
/** mayRepeat reports whether a request changes nothing: all GETs, and the POSTs that only ask. */
function mayRepeat(request) {
    return request.method === "GET" || /^\/v1\/(products|combo):/.test(new URL(request.url).pathname);
}
/** send sends a request once, and throws a failed answer. */
async function send(request, leftMs) {
    const signal = leftMs > 0 ? AbortSignal.any([request.signal, AbortSignal.timeout(leftMs)]) : request.signal;
    let response;
    try {
        response = await fetch(request, { signal });
    }
    catch (thrown) {
        throw asLost(thrown, request.signal);
    }
    if (!response.ok) {
        const body = await response.json().catch(() => undefined);
        throw errorFrom(body, response.status, response.headers.get("x-request-id") ?? "");
    }
    return response;
}
/** asLost is the error of a request that got no answer, or not all of one. */
function asLost(thrown, signal) {
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
function entries(fields) {
    return Object.entries(fields).flatMap(([name, value]) => value === undefined
        ? []
        : (Array.isArray(value) ? value : [value]).map((each) => [name, String(each)]));
}
