import type { Interceptor } from "@connectrpc/connect";
/** Options of a client. What is not given comes from the environment, if the client is made from it. */
export interface Options {
    /** HOST:PORT of the server's gRPC port; without a port 9090. `ZHAOHUO_GRPC_ADDR`. Default 127.0.0.1:9090. */
    address?: string;
    /** The caller's API key. `ZHAOHUO_API_KEY`. Default: none is sent. */
    key?: string;
    /** Speak TLS. `ZHAOHUO_TLS`. Default: only if `ca` or `cert` is given. */
    tls?: boolean;
    /** File (PEM) of authorities to verify the server with, in place of Node's. `ZHAOHUO_CA`. */
    ca?: string;
    /** File (PEM) of the caller's certificate. `ZHAOHUO_CERT`. */
    cert?: string;
    /** File (PEM) of the private key of `cert`. `ZHAOHUO_CERT_KEY`. */
    certKey?: string;
    /** Language of texts for people, as in Accept-Language, such as "zh-CN". Default English. */
    language?: string;
    /** Milliseconds that a call may take, its repetitions included. 0: as long as the server allows. Streams have no such end. Default 30,000. */
    timeoutMs?: number;
    /** The most attempts for one call, the first included. Default 4. */
    attempts?: number;
    /** The first and the longest wait, in milliseconds, before a stream is resumed. Default 200 and 5,000. */
    resumeWaitMs?: readonly [first: number, longest: number];
    /** Called around every request that is sent, repetitions too, the first one outermost: for logs, traces and counts. */
    interceptors?: readonly Interceptor[];
}
/** Environ are environment variables, such as process.env. */
export type Environ = Readonly<Record<string, string | undefined>>;
/** Reached is everything about the way to the server. */
export interface Reached {
    /** HOST:PORT. */
    address: string;
    key: string;
    /** What the TLS connection is made with; undefined for no TLS. */
    tls: {
        ca?: Buffer;
        cert?: Buffer;
        key?: Buffer;
    } | undefined;
}
/** optionsFrom are the options that environment variables give. */
export declare function optionsFrom(environ: Environ): Options;
/** reach reads what options name. */
export declare function reach(options: Options): Reached;
