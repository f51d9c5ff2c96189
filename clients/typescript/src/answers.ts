// What REST answers when it fails.
import { codeOf, failure, type ZhaohuoError } from "./failure.js";

interface Detail {
  "@type"?: string;
  domain?: string;
  reason?: string;
  metadata?: Record<string, string>;
  message?: string;
  retryDelay?: string;
  fieldViolations?: {
    field?: string;
    description?: string;
    reason?: string;
    localizedMessage?: { message?: string };
  }[];
}

/** errorFrom reads the body of a failed answer. `status` is its HTTP status, for a body of any other shape. */
export function errorFrom(body: unknown, status: number, requestId = ""): ZhaohuoError {
  const answer = (body ?? {}) as { code?: number; message?: string; details?: Detail[] };
  const details = Array.isArray(answer.details) ? answer.details : [];
  const of = (type: string) => details.find((d) => d["@type"]?.endsWith(type));
  const info = of("google.rpc.ErrorInfo");
  const wait = Number.parseFloat(of("google.rpc.RetryInfo")?.retryDelay ?? "");
  const text = answer.message ?? `HTTP ${status}`;
  return failure({
    code: typeof answer.code === "number" ? codeOf(answer.code) : "UNAVAILABLE",
    reason: info?.reason ?? "",
    message: of("google.rpc.LocalizedMessage")?.message || text,
    detail: text,
    fields: (of("google.rpc.BadRequest")?.fieldViolations ?? []).map((v) => ({
      field: v.field ?? "",
      description: v.localizedMessage?.message || (v.description ?? ""),
      reason: v.reason ?? "",
    })),
    retryAfterMs: Number.isFinite(wait) ? Math.ceil(wait * 1000) : undefined,
    metadata: info?.metadata ?? {},
    requestId,
  });
}
