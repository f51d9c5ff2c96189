// A problem is an error in the words of the person who looks at the page.
import { words } from "../words/words";
import { noteCost } from "./cost";

/** Problem says what went wrong, and when to try again if that is known. */
export class Problem extends Error {
  constructor(
    message: string,
    /** The HTTP status; 0 if no answer came. */
    readonly status: number,
    /** The reason of google.rpc.ErrorInfo, such as QUOTA_EXHAUSTED. Empty: unknown. */
    readonly reason = "",
    /** Seconds to wait before trying again. 0: unknown. */
    readonly waitSeconds = 0,
    /** The request field that is wrong. Empty: none. */
    readonly field = "",
  ) {
    super(message);
    this.name = "Problem";
  }
}

interface Detail {
  "@type"?: string;
  reason?: string;
  message?: string;
  retryDelay?: string;
  fieldViolations?: { field?: string; description?: string; localizedMessage?: { message?: string } }[];
}

/** problemOf reads the body of a failed answer. A body of any other shape is no reason to say nothing. */
export function problemOf(status: number, body: unknown): Problem {
  const answer = (body ?? {}) as { message?: string; details?: Detail[] };
  const details = Array.isArray(answer.details) ? answer.details : [];
  const of = (type: string) => details.find((d) => d["@type"]?.endsWith(type));
  const violation = of("BadRequest")?.fieldViolations?.[0];
  const text =
    violation?.localizedMessage?.message ??
    of("LocalizedMessage")?.message ??
    answer.message ??
    words.value.problem.status(status);
  const wait = Number.parseFloat(of("RetryInfo")?.retryDelay ?? "0");
  return new Problem(text, status, of("ErrorInfo")?.reason ?? "", Number.isFinite(wait) ? wait : 0, violation?.field);
}

/** unreachable is the problem of a request that got no answer. */
export function unreachable(): Problem {
  return new Problem(navigator.onLine ? words.value.problem.unreachable : words.value.problem.offline, 0);
}

/** asProblem turns whatever was thrown into a problem. */
export function asProblem(thrown: unknown): Problem {
  return thrown instanceof Problem ? thrown : unreachable();
}

/** unwrap returns the data of an answer, or throws its problem. */
export function unwrap<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.data === undefined) {
    noteCost(answer.error);
    throw problemOf(answer.response.status, answer.error);
  }
  noteCost(answer.data);
  return answer.data;
}
