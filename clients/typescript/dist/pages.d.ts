import type { CallOptions } from "@connectrpc/connect";
/** PageQuestion is a request that names its page in one of the contract's three ways. */
export interface PageQuestion {
    page?: number | undefined;
    pageToken?: string | undefined;
    afterEventId?: string | undefined;
    image?: unknown;
}
/** pages asks for one page after the other until there are no more. */
export declare function pages<Q extends PageQuestion, A extends object>(call: (request: Q, options?: CallOptions) => Promise<A>, request: Q, options?: CallOptions): AsyncGenerator<A, void, undefined>;
