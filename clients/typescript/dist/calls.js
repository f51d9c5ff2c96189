import { Code as ConnectCode, ConnectError, createClient, makeAnyClient } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema, LocalizedMessageSchema, RetryInfoSchema, } from "../gen/google/rpc/error_details_pb.js";
import { checkFields } from "./check.js";
import { canceled, codeOf, failure, ZhaohuoError } from "./failure.js";
import { repeated } from "./retry.js";
const REQUEST_ID = "x-request-id";
const DOMAIN = "zhaohuo.dev";
/** clientOf makes the client of a service. */
export function clientOf(service, transport, defaults) {
    const plain = createClient(service, transport);
    return makeAnyClient(service, (method) => {
        const asked = plain[method.localName];
        switch (method.methodKind) {
            case "unary":
                return unary(method, asked, defaults);
            case "client_streaming":
                return async (requests, options) => {
                    defaults.mayCall();
                    try {
                        return await asked(checkedAll(method, requests), {
                            timeoutMs: defaults.timeoutMs,
                            ...options,
                        });
                    }
                    catch (thrown) {
                        throw asFailure(thrown, options?.signal);
                    }
                };
            case "server_streaming":
                return (request, options) => {
                    defaults.mayCall();
                    checkFields(method.input, request);
                    return translated(asked(request, options), options?.signal);
                };
            default:
                return (requests, options) => {
                    defaults.mayCall();
                    return translated(asked(checkedAll(method, requests), options), options?.signal);
                };
        }
    });
}
function unary(method, asked, defaults) {
    // The contract says which calls may arrive twice: those with an idempotency level.
    const attempts = method.idempotency > 0 ? defaults.attempts : 1;
    return async (request, options) => {
        checkFields(method.input, request);
        const timeoutMs = options?.timeoutMs ?? defaults.timeoutMs;
        const call = async (leftMs) => {
            defaults.mayCall();
            try {
                return await asked(request, { ...options, timeoutMs: leftMs });
            }
            catch (thrown) {
                throw asFailure(thrown, options?.signal);
            }
        };
        return repeated(call, { attempts, timeoutMs, signal: options?.signal });
    };
}
async function* checkedAll(method, requests) {
    for await (const request of requests) {
        checkFields(method.input, request);
        yield request;
    }
}
async function* translated(messages, signal) {
    try {
        yield* messages;
    }
    catch (thrown) {
        throw asFailure(thrown, signal);
    }
}
/** asFailure turns an error of the transport into one of this package. */
function asFailure(thrown, signal) {
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
export function errorOf(status) {
    const details = status.details.map((d) => ({
        type: d.typeUrl.slice(d.typeUrl.lastIndexOf("/") + 1),
        value: d.value,
    }));
    const error = new ConnectError(status.message, status.code);
    error.details = details;
    return fromError(error, "");
}
function fromError(error, requestId, cause) {
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
