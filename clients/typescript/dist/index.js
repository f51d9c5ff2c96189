export * from "../gen/v1.js";
export { errorOf } from "./calls.js";
export { Client, isSandbox } from "./client.js";
export * from "./failure.js";
export { pages } from "./pages.js";
export { CHUNK_BYTES } from "./photo.js";
