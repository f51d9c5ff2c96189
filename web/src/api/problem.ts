// A problem is an error in the words of the person who looks at the page.
import { words } from "../words/words";
import { noteCost } from "./cost";

/** Refused is a field of a request that is wrong, and what would be accepted. */
export interface Refused {
  /** Its path in the contract, such as price_watch.conditions[0].ratio. */
  path: string;
  why: string;
}

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
    /** The fields of the request that are wrong. */
    readonly fields: Refused[] = [],
  ) {
    super(message);
    this.name = "Problem";
  }

  /** at is what is wrong with a field, or with a part of it. Undefined: nothing. */
  at(path: string): string | undefined {
    return this.fields.find((f) => f.path === path || f.path.startsWith(`${path}.`) || f.path.startsWith(`${path}[`))
      ?.why;
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
  const fields = (of("BadRequest")?.fieldViolations ?? []).map((v) => ({
    path: v.field ?? "",
    why: v.localizedMessage?.message ?? v.description ?? "",
  }));
  const text = of("LocalizedMessage")?.message ?? answer.message ?? words.value.problem.status(status);
  const wait = Number.parseFloat(of("RetryInfo")?.retryDelay ?? "0");
  return new Problem(text, status, of("ErrorInfo")?.reason ?? "", Number.isFinite(wait) ? wait : 0, fields);
}

/** unreachable is the problem of a request that got no answer. */
export function unreachable(): Problem {
  return new Problem(navigator.onLine ? words.value.problem.unreachable : words.value.problem.offline, 0);
}

/** stopped is the problem of a question that the person ended. */
export function stopped(): Problem {
  return new Problem(words.value.waiting.stopped, 0, "STOPPED");
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
