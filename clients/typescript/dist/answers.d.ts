import { type ZhaohuoError } from "./failure.js";
/** errorFrom reads the body of a failed answer. `status` is its HTTP status, for a body of any other shape. */
export declare function errorFrom(body: unknown, status: number, requestId?: string): ZhaohuoError;
