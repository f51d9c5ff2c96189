// Clients of the contract's services: calls with checked requests, a deadline, repetitions, and errors of this package.
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type { CallOptions, Client, Transport } from "@connectrpc/connect";
import { Code as ConnectCode, ConnectError, createClient, makeAnyClient } from "@connectrpc/connect";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  LocalizedMessageSchema,
  RetryInfoSchema,
} from "../gen/google/rpc/error_details_pb.js";
import type { Status } from "../gen/google/rpc/status_pb.js";
import { checkFields } from "./check.js";
import { canceled, codeOf, failure, ZhaohuoError } from "./failure.js";
import { repeated } from "./retry.js";

const REQUEST_ID = "x-request-id";
const DOMAIN = "zhaohuo.dev";

/** Defaults of all calls. */
export interface Defaults {
  timeoutMs: number;
  attempts: number;
  /** Throws if no calls may be made any more. */
  mayCall: () => void;
}

type Asked = (request: unknown, options?: CallOptions) => unknown;

/** clientOf makes the client of a service. */
export function clientOf<S extends DescService>(service: S, transport: Transport, defaults: Defaults): Client<S> {
  const plain = createClient(service, transport) as unknown as Record<string, Asked>;
  return makeAnyClient(service, (method) => {
    const asked = plain[method.localName] as Asked;
    switch (method.methodKind) {
      case "unary":
        return unary(method, asked as (request: unknown, options?: CallOptions) => Promise<unknown>, defaults);
      case "client_streaming":
        return async (requests: AsyncIterable<unknown>, options?: CallOptions) => {
          defaults.mayCall();
          try {
            return await (asked(checkedAll(method, requests), {
              timeoutMs: defaults.timeoutMs,
              ...options,
            }) as Promise<unknown>);
          } catch (thrown) {
            throw asFailure(thrown, options?.signal);
          }
        };
      case "server_streaming":
        return (request: unknown, options?: CallOptions) => {
          defaults.mayCall();
          checkFields(method.input, request);
          return translated(asked(request, options) as AsyncIterable<unknown>, options?.signal);
        };
      default:
        return (requests: AsyncIterable<unknown>, options?: CallOptions) => {
          defaults.mayCall();
          return translated(asked(checkedAll(method, requests), options) as AsyncIterable<unknown>, options?.signal);
        };
    }
  }) as unknown as Client<S>;
}

function unary(
  method: DescMethod,
  asked: (request: unknown, options?: CallOptions) => Promise<unknown>,
  defaults: Defaults,
) {
  // The contract says which calls may arrive twice: those with an idempotency level.
  const attempts = method.idempotency > 0 ? defaults.attempts : 1;
  return async (request: unknown, options?: CallOptions) => {
    checkFields(method.input, request);
    const timeoutMs = options?.timeoutMs ?? defaults.timeoutMs;
    const call = async (leftMs: number) => {
      defaults.mayCall();
      try {
        return await asked(request, { ...options, timeoutMs: leftMs });
      } catch (thrown) {
        throw asFailure(thrown, options?.signal);
      }
    };
    return repeated(call, { attempts, timeoutMs, signal: options?.signal });
  };
}

async function* checkedAll(method: DescMethod, requests: AsyncIterable<unknown>) {
  for await (const request of requests) {
    checkFields(method.input, request);
    yield request;
  }
}

async function* translated<M>(messages: AsyncIterable<M>, signal?: AbortSignal): AsyncGenerator<M, void, undefined> {
  try {
    yield* messages;
  } catch (thrown) {
    throw asFailure(thrown, signal);
  }
}

/** asFailure turns an error of the transport into one of this package. */
function asFailure(thrown: unknown, signal?: AbortSignal): ZhaohuoError | TypeError {
  if (thrown instanceof ZhaohuoError || thrown instanceof TypeError) {
    return thrown;
  }
  const error = ConnectError.from(thrown);
  if (error.cause instanceof ZhaohuoError || error.cause instanceof TypeError) {
    return error.cause; // Thrown by what gives the requests of a stream.
  }
  if (signal?.aborted) {
    return canceled(signal);
  }
  // Without a header of an answer, the error is the transport's own: the connection failed, however it calls that.
  if ([...error.metadata].length === 0 && error.code !== ConnectCode.DeadlineExceeded) {
    return failure({ code: "UNAVAILABLE", message: error.rawMessage, cause: thrown });
  }
  return fromError(error, error.metadata.get(REQUEST_ID) ?? "", thrown);
}

/** errorOf is the error of one item of a stream, such as `BatchKeywordResult.error`. */
export function errorOf(status: Status): ZhaohuoError {
  const details = status.details.map((d) => ({
    type: d.typeUrl.slice(d.typeUrl.lastIndexOf("/") + 1),
    value: d.value,
  }));
  const error = new ConnectError(status.message, status.code);
  error.details = details;
  return fromError(error, "");
}

function fromError(error: ConnectError, requestId: string, cause?: unknown): ZhaohuoError {
  const info = error.findDetails(ErrorInfoSchema).find((i) => i.domain === DOMAIN);
  const retry = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
  const violations = error.findDetails(BadRequestSchema).flatMap((b) => b.fieldViolations);
  return failure({
    code: codeOf(error.code),
    reason: info?.reason ?? "",
    message: error.findDetails(LocalizedMessageSchema)[0]?.message || error.rawMessage,
    detail: error.rawMessage,
    fields: violations.map((v) => ({
      field: v.field,
      description: v.localizedMessage?.message || v.description,
      reason: v.reason,
    })),
    retryAfterMs: retry && Number(retry.seconds) * 1000 + Math.ceil(retry.nanos / 1e6),
    metadata: info?.metadata ?? {},
    requestId,
    cause,
  });
}
