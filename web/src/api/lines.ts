// Streams of the API: one JSON object a line, each with a result or an error.
import { linesOf } from "../../../clients/typescript/src/lines";
import { headers } from "./client";
import { noteCost } from "./cost";
import { Problem, problemOf } from "./problem";

/** post sends JSON or a form, and returns the answer if it succeeded. */
export async function post(path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const form = body instanceof FormData;
  const answer = await fetch(path, {
    method: "POST",
    headers: form ? headers() : { ...headers(), "Content-Type": "application/json" },
    body: form ? body : JSON.stringify(body),
    ...(signal ? { signal } : {}),
  });
  if (!answer.ok) {
    const error: unknown = await answer.json().catch(() => undefined);
    noteCost(error);
    throw problemOf(answer.status, error);
  }
  return answer;
}

/** lines yields the results of a stream. It throws the error that ends one. */
export async function* lines<T>(answer: Response): AsyncGenerator<T> {
  if (!answer.body) {
    throw new Problem("", answer.status);
  }
  for await (const line of linesOf(answer.body)) {
    yield resultOf<T>(line);
  }
}

function resultOf<T>(line: unknown): T {
  const { result, error } = line as { result?: T; error?: { code?: number } };
  noteCost(result ?? error);
  if (result === undefined) {
    throw problemOf(0, error);
  }
  return result;
}
