// Repeating calls, when the server says that it helps, and resuming streams.
import { canceled, failure, ZhaohuoError } from "./failure.js";

/** Repeating says how often a call is repeated. */
export interface Repeating {
  /** The most attempts in all, the first included. */
  attempts: number;
  /** Milliseconds that all attempts together may take. 0: without end. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/**
 * repeated calls until an attempt succeeds. It repeats only what fails with a wait of the server (RetryInfo), waits at least so long,
 * and gives up at once if the wait would end after the deadline.
 */
export async function repeated<T>(call: (leftMs: number) => Promise<T>, options: Repeating): Promise<T> {
  const end = options.timeoutMs > 0 ? performance.now() + options.timeoutMs : Number.POSITIVE_INFINITY;
  for (let attempt = 1; ; attempt++) {
    try {
      return await call(options.timeoutMs > 0 ? Math.max(1, Math.ceil(end - performance.now())) : 0);
    } catch (thrown) {
      const wait = thrown instanceof ZhaohuoError ? thrown.retryAfterMs : undefined;
      if (wait === undefined || attempt >= options.attempts || performance.now() + wait >= end) {
        throw thrown;
      }
      await pause(wait, options.signal);
    }
  }
}

/** pause waits. It throws when the signal ends the wait. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await new Promise<void>((passed, ended) => {
    const end = () => {
      clearTimeout(timer);
      ended(canceled(signal as AbortSignal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", end);
      passed();
    }, ms);
    if (signal?.aborted) {
      end();
    } else {
      signal?.addEventListener("abort", end, { once: true });
    }
  });
}

/** Resuming says how a stream is resumed. */
export interface Resuming {
  /** The most attempts without a message in between. */
  attempts: number;
  /** The first wait between two attempts, and the longest: it doubles. Milliseconds. */
  resumeWaitMs: readonly [first: number, longest: number];
  /** Milliseconds without a message after which the connection counts as lost. 0: never. */
  silenceMs: number;
  /** An end without an error is a cut: the stream has no end of its own. */
  endless: boolean;
  signal?: AbortSignal | undefined;
}

/**
 * resumed yields the messages of a stream, over as many connections as needed. `open` opens it where the last message left off, which
 * its caller remembers. Whatever is no lost connection and has no wait of the server ends it.
 */
export async function* resumed<M>(
  open: (signal: AbortSignal) => AsyncIterable<M>,
  options: Resuming,
): AsyncGenerator<M, void, undefined> {
  const { signal } = options;
  let failures = 0;
  for (;;) {
    let why = failure({ code: "UNAVAILABLE", message: "the server ended the stream" });
    try {
      for await (const message of received(open, options)) {
        failures = 0;
        yield message;
      }
      if (!options.endless) {
        return;
      }
    } catch (thrown) {
      if (signal?.aborted) {
        throw canceled(signal);
      }
      if (!(thrown instanceof ZhaohuoError) || !passing(thrown)) {
        throw thrown;
      }
      why = thrown;
    }
    if (signal?.aborted) {
      throw canceled(signal);
    }
    if (++failures >= options.attempts) {
      throw why;
    }
    const [first, longest] = options.resumeWaitMs;
    await pause(Math.max(why.retryAfterMs ?? 0, Math.min(first * 2 ** (failures - 1), longest)), signal);
  }
}

/** passing reports whether a stream that ended so can go on: the server says so, or no server said anything. */
function passing(error: ZhaohuoError): boolean {
  return error.retryAfterMs !== undefined || error.reason === "";
}

/** received yields the messages of one connection, and ends the connection when no message arrives for too long. */
async function* received<M>(
  open: (signal: AbortSignal) => AsyncIterable<M>,
  { silenceMs, signal }: Resuming,
): AsyncGenerator<M, void, undefined> {
  const connection = new AbortController();
  const countdown = () =>
    silenceMs > 0 ? setTimeout(() => connection.abort(new Error("silence")), silenceMs) : undefined;
  let timer = countdown();
  try {
    for await (const message of open(signal ? AbortSignal.any([signal, connection.signal]) : connection.signal)) {
      clearTimeout(timer);
      yield message;
      timer = countdown();
    }
  } finally {
    clearTimeout(timer);
    connection.abort(new Error("the reader left"));
  }
}
