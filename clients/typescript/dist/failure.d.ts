import type { ErrorReason } from "../gen/zhaohuo/v1/error_reason_pb.js";
/** CODES are the names of the gRPC codes, by number. */
export declare const CODES: readonly ["OK", "CANCELED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"];
/** Code is the name of a gRPC code. */
export type Code = (typeof CODES)[number];
/** Reason is what a program can act on: a reason of the contract, one that is newer than this package, or empty for none. */
export type Reason = Exclude<keyof typeof ErrorReason, "UNSPECIFIED"> | "" | (string & {});
/** Field is a field of a request that is wrong. */
export interface Field {
    /** Its path in the contract, such as `page_size`. */
    field: string;
    /** What is wrong, in the caller's language. */
    description: string;
    /** What is wrong, as a word. Empty: the server gave none. */
    reason: string;
}
/** Facts are what an error knows. */
export interface Facts {
    code: Code;
    reason?: Reason;
    /** For people, in the caller's language. */
    message: string;
    /** The status's own message, always English. */
    detail?: string;
    fields?: readonly Field[];
    /** Absent: the server does not say that a repetition helps. */
    retryAfterMs?: number | undefined;
    metadata?: Readonly<Record<string, string>>;
    requestId?: string;
    cause?: unknown;
}
/** ZhaohuoError is an error of the service, or of the way to it. Its subclasses follow from the gRPC code. */
export declare class ZhaohuoError extends Error {
    /** The gRPC code. */
    readonly code: Code;
    /** What a program can act on. Empty: the server gave none. */
    readonly reason: Reason;
    /** The status's own message, always English. */
    readonly detail: string;
    /** The fields of the request that are wrong. */
    readonly fields: readonly Field[];
    /** The server's wait in milliseconds, after which a repetition helps. Undefined: the server does not say that one helps. */
    readonly retryAfterMs: number | undefined;
    /** The details' own facts, such as `upstream_calls`. */
    readonly metadata: Readonly<Record<string, string>>;
    /** The id of the request in the server's log. Empty: no answer came. */
    readonly requestId: string;
    /** The message alone, for people, in the caller's language. `message` has reason and fields before it. */
    readonly text: string;
    constructor(facts: Facts);
    /** What the error is about, such as the id of a product. Empty: nothing in particular. */
    get subject(): string;
}
/** The request is wrong. */
export declare class InvalidRequestError extends ZhaohuoError {
}
/** The key is missing or wrong, or may not do this. */
export declare class NotAllowedError extends ZhaohuoError {
}
/** There is no such thing. */
export declare class NotFoundError extends ZhaohuoError {
}
/** A limit of the service, of 1688 or of memory is reached. */
export declare class LimitError extends ZhaohuoError {
}
/** The server is not set up for this. */
export declare class PreconditionError extends ZhaohuoError {
}
/** Something was changed meanwhile. */
export declare class ConflictError extends ZhaohuoError {
}
/** This server does not offer this. */
export declare class NotOfferedError extends ZhaohuoError {
}
/** The time ran out. */
export declare class DeadlineError extends ZhaohuoError {
}
/** The service or 1688 cannot be reached. */
export declare class UnavailableError extends ZhaohuoError {
}
/** The connection failed: no server said what happened. */
export declare class ConnectionLostError extends UnavailableError {
}
/** failure makes the error of the class that its facts have. */
export declare function failure(facts: Facts): ZhaohuoError;
/** codeOf is the name of a code's number. */
export declare function codeOf(number: number): Code;
/** canceled is the error of a call that the caller ended. */
export declare function canceled(signal: AbortSignal): ZhaohuoError;
