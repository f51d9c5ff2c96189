import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { AnswerSource, CategoryService, ComboService, InfoService, PlatformService, PriceWatchService, ProductService, SearchService, } from "../gen/v1.js";
import { clientOf } from "./calls.js";
import { ConnectionLostError } from "./failure.js";
import { optionsFrom, reach } from "./options.js";
import { pages } from "./pages.js";
import { chunksOf } from "./photo.js";
import { resumed } from "./retry.js";
/** ANSWER_BYTES_MAX bounds one message of the server. Details with descriptions can be larger than the usual 4 MiB. */
const ANSWER_BYTES_MAX = 64 << 20;
/** SILENCE_MS is how long a stream of events may say nothing: the server sends a heartbeat each 15 seconds. */
const SILENCE_MS = 50_000;
/** Client calls a server over gRPC. Close it when it is no longer needed. */
export class Client {
    /** Search by words, by photo, and in batches. */
    search;
    /** Details of products, goods of sellers, and hints for searching. */
    product;
    /** Categories by name and by id. */
    category;
    /** The four strategies. */
    combo;
    /** Price watches. */
    priceWatch;
    /** Any API of 1688 by its name, where the server's lists allow it. */
    platform;
    /** What the server is. */
    info;
    #sessions;
    #transport;
    #defaults;
    #resumeWaitMs;
    #closed = false;
    /** Nothing is sent before the first call. The environment is not read. */
    constructor(options = {}) {
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
    static fromEnvironment(options = {}, environ = process.env) {
        return new Client({ ...optionsFrom(environ), ...options });
    }
    /** service makes the client of any service of the contract. */
    service(service) {
        return clientOf(service, this.#transport, this.#defaults);
    }
    /** serverInfo says what the server is: version, mode, dialect, limits, capabilities. */
    serverInfo(options) {
        return this.info.getServerInfo({}, options);
    }
    /** pages yields all pages of a call that answers in pages: `client.pages(client.search.keywordSearch, { keyword })`. */
    pages(call, request, options) {
        return pages(call, request, options);
    }
    /** products yields the goods of all pages of a search by words, each once, at most `limit`. */
    async *products(request, { limit = Number.POSITIVE_INFINITY, ...options } = {}) {
        const seen = new Set();
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
    async uploadImageSearch(photo, options = {}, call) {
        let unread; // Why the photo cannot be read: no error of the service.
        async function* parts() {
            yield { part: { case: "options", value: options } };
            try {
                for await (const chunk of chunksOf(photo)) {
                    yield { part: { case: "chunk", value: chunk } };
                }
            }
            catch (thrown) {
                unread = thrown;
                throw thrown;
            }
        }
        const { response } = await this.search.uploadImageSearch(parts(), call).catch((thrown) => {
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
    async *batchKeywordSearch(request, { signal } = {}) {
        let resumeToken = request.resumeToken ?? "";
        const given = new Set();
        const open = (until) => this.search.batchKeywordSearch({ ...request, resumeToken }, { signal: until });
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
    async *priceEvents(request = {}, { signal } = {}) {
        let afterEventId = request.afterEventId ?? "";
        // Of two events of one watch, the later one has the larger id.
        const last = new Map();
        const open = (until) => this.priceWatch.streamPriceEvents({ ...request, afterEventId }, { signal: until });
        for await (const { content } of resumed(open, {
            ...this.#resuming(signal),
            silenceMs: SILENCE_MS,
            endless: true,
        })) {
            if (content.case === "heartbeatAfterEventId") {
                afterEventId = content.value;
            }
            else if (content.case === "event") {
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
    close() {
        this.#closed = true;
        this.#sessions.abort();
    }
    async [Symbol.asyncDispose]() {
        this.close();
    }
    #resuming(signal) {
        return { attempts: this.#defaults.attempts, resumeWaitMs: this.#resumeWaitMs, signal };
    }
    #mayCall() {
        if (this.#closed) {
            throw new TypeError("the client is closed");
        }
    }
    #identify(key, language) {
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
export function isSandbox(answer) {
    return answer.meta?.source === AnswerSource.SANDBOX;
}
