// What REST answers: errors and streams.
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

/** linesOf yields the lines of a stream, each one JSON value, without those that are empty. */
export async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<unknown, void, undefined> {
  const reader = body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      const parts = (rest + (value ?? "")).split("\n");
      rest = done ? "" : (parts.pop() ?? "");
      for (const line of parts) {
        if (line.trim()) {
          yield JSON.parse(line);
        }
      }
      if (done) {
        return;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined); // The connection of a reader who leaves early ends.
  }
}
