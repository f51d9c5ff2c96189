// The package for Node.js. Browsers import "zhaohuo/rest".
export type { CallOptions, Interceptor } from "@connectrpc/connect";
export type { Status } from "../gen/google/rpc/status_pb.js";
export type { Money } from "../gen/google/type/money_pb.js";
export * from "../gen/v1.js";
export { errorOf } from "./calls.js";
export { Client, isSandbox, type StreamOptions } from "./client.js";
export * from "./failure.js";
export type { Environ, Options } from "./options.js";
export { pages } from "./pages.js";
export { CHUNK_BYTES, type Photo } from "./photo.js";
