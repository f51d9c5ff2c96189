// Errors of the service, the same over gRPC and REST. Nothing here depends on a transport, so that browsers can load it.
import type { ErrorReason } from "../gen/zhaohuo/v1/error_reason_pb.js";

/** CODES are the names of the gRPC codes, by number. */
export const CODES = [
  "OK",
  "CANCELED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
] as const;

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
export class ZhaohuoError extends Error {
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

  constructor(facts: Facts) {
    const fields = facts.fields ?? [];
    const words = [facts.reason || facts.code, ...fields.map((f) => f.field)].join(" ");
    super(`${words}: ${facts.message}`, { cause: facts.cause });
    this.name = new.target.name;
    this.code = facts.code;
    this.reason = facts.reason ?? "";
    this.text = facts.message;
    this.detail = facts.detail ?? facts.message;
    this.fields = fields;
    this.retryAfterMs = facts.retryAfterMs;
    this.metadata = facts.metadata ?? {};
    this.requestId = facts.requestId ?? "";
  }

  /** What the error is about, such as the id of a product. Empty: nothing in particular. */
  get subject(): string {
    return this.metadata.subject ?? "";
  }
}

/** The request is wrong. */
export class InvalidRequestError extends ZhaohuoError {}
/** The key is missing or wrong, or may not do this. */
export class NotAllowedError extends ZhaohuoError {}
/** There is no such thing. */
export class NotFoundError extends ZhaohuoError {}
/** A limit of the service, of 1688 or of memory is reached. */
export class LimitError extends ZhaohuoError {}
/** The server is not set up for this. */
export class PreconditionError extends ZhaohuoError {}
/** Something was changed meanwhile. */
export class ConflictError extends ZhaohuoError {}
/** This server does not offer this. */
export class NotOfferedError extends ZhaohuoError {}
/** The time ran out. */
export class DeadlineError extends ZhaohuoError {}
/** The service or 1688 cannot be reached. */
export class UnavailableError extends ZhaohuoError {}
/** The connection failed: no server said what happened. */
export class ConnectionLostError extends UnavailableError {}

const CLASSES: Partial<Record<Code, typeof ZhaohuoError>> = {
  INVALID_ARGUMENT: InvalidRequestError,
  OUT_OF_RANGE: InvalidRequestError,
  UNAUTHENTICATED: NotAllowedError,
  PERMISSION_DENIED: NotAllowedError,
  NOT_FOUND: NotFoundError,
  RESOURCE_EXHAUSTED: LimitError,
  FAILED_PRECONDITION: PreconditionError,
  ABORTED: ConflictError,
  UNIMPLEMENTED: NotOfferedError,
  DEADLINE_EXCEEDED: DeadlineError,
};

/** failure makes the error of the class that its facts have. */
export function failure(facts: Facts): ZhaohuoError {
  if (facts.code === "UNAVAILABLE") {
    return facts.reason ? new UnavailableError(facts) : new ConnectionLostError(facts);
  }
  return new (CLASSES[facts.code] ?? ZhaohuoError)(facts);
}

/** codeOf is the name of a code's number. */
export function codeOf(number: number): Code {
  return CODES[number] ?? "UNKNOWN";
}

/** canceled is the error of a call that the caller ended. */
export function canceled(signal: AbortSignal): ZhaohuoError {
  return failure({ code: "CANCELED", message: "the caller ended the call", cause: signal.reason });
}
