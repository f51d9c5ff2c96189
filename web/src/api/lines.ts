// Streams of the API: one JSON object a line, each with a result or an error.
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
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    const parts = (rest + (value ?? "")).split("\n");
    rest = done ? "" : (parts.pop() ?? "");
    for (const line of parts) {
      if (line.trim()) {
        yield resultOf<T>(line);
      }
    }
    if (done) {
      return;
    }
  }
}

function resultOf<T>(line: string): T {
  const { result, error } = JSON.parse(line) as { result?: T; error?: { code?: number } };
  noteCost(result ?? error);
  if (result === undefined) {
    throw problemOf(0, error);
  }
  return result;
}
