import type { DescService } from "@bufbuild/protobuf";
import type { Client, Transport } from "@connectrpc/connect";
import type { Status } from "../gen/google/rpc/status_pb.js";
import { ZhaohuoError } from "./failure.js";
/** Defaults of all calls. */
export interface Defaults {
    timeoutMs: number;
    attempts: number;
    /** Throws if no calls may be made any more. */
    mayCall: () => void;
}
/** clientOf makes the client of a service. */
export declare function clientOf<S extends DescService>(service: S, transport: Transport, defaults: Defaults): Client<S>;
/** errorOf is the error of one item of a stream, such as `BatchKeywordResult.error`. */
export declare function errorOf(status: Status): ZhaohuoError;
