// Asking the server for what a view shows.
import { useEffect, useState } from "preact/hooks";
import { asProblem, type Problem } from "../api/problem";

export interface Answer<T> {
  answer?: T;
  problem?: Problem;
  busy: boolean;
  /** When the answer came, by the clock of this device. */
  at: number;
  /** Asks once more. */
  again: () => void;
}

/**
 * useAnswer asks each time that the key changes, and ends a question that is no longer wanted. An empty key asks nothing. With keep, the
 * answer before stays until the next one is there, so that what has the focus does not vanish.
 */
export function useAnswer<T>(key: string, ask: (signal: AbortSignal) => Promise<T>, keep = false): Answer<T> {
  const [state, setState] = useState<Omit<Answer<T>, "again">>({ busy: key !== "", at: 0 });
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (!key) {
      setState({ busy: false, at: 0 });
      return;
    }
    const asking = new AbortController();
    setState(({ answer, at }) => (keep && answer !== undefined ? { answer, busy: true, at } : { busy: true, at: 0 }));
    ask(asking.signal)
      .then((answer) => ({ answer, busy: false, at: Date.now() }))
      .catch((thrown: unknown) => ({ problem: asProblem(thrown), busy: false, at: Date.now() }))
      .then((next) => {
        if (!asking.signal.aborted) {
          setState(next);
        }
      });
    return () => asking.abort();
  }, [key, round]);
  return { ...state, again: () => setRound((n) => n + 1) };
}
