// Asking the server for what a view shows.
import { useEffect, useRef, useState } from "preact/hooks";
import { asProblem, type Problem, stopped } from "../api/problem";

export interface Answer<T> {
  answer?: T;
  problem?: Problem;
  busy: boolean;
  /** When the answer came, by the clock of this device. */
  at: number;
  /** Asks once more. */
  again: () => void;
  /** Ends the question. */
  stop: () => void;
}

interface State<T> extends Omit<Answer<T>, "again" | "stop"> {
  /** What the answer is of. */
  key: string;
}

/**
 * useAnswer asks each time that the key changes, and ends a question that is no longer wanted. An empty key asks nothing. An answer stays
 * while the same is asked again, also if that fails. With keep, it stays as well while something else is asked, so that what has the
 * focus does not vanish.
 */
export function useAnswer<T>(key: string, ask: (signal: AbortSignal) => Promise<T>, keep = false): Answer<T> {
  const [state, setState] = useState<State<T>>({ key, busy: key !== "", at: 0 });
  const [round, setRound] = useState(0);
  const running = useRef<AbortController>(undefined);
  useEffect(() => {
    if (!key) {
      setState({ key, busy: false, at: 0 });
      return;
    }
    const asking = new AbortController();
    running.current = asking;
    const stays = (before: State<T>) => before.answer !== undefined && (keep || before.key === key);
    setState((before) =>
      stays(before)
        ? { key: before.key, answer: before.answer as T, busy: true, at: before.at }
        : { key, busy: true, at: 0 },
    );
    ask(asking.signal)
      .then((answer) => () => ({ key, answer, busy: false, at: Date.now() }))
      .catch((thrown: unknown) => (before: State<T>) => ({ ...before, problem: asProblem(thrown), busy: false }))
      .then((next) => {
        if (!asking.signal.aborted) {
          setState(next);
        }
      });
    return () => asking.abort();
  }, [key, round]);
  const stop = () => {
    running.current?.abort();
    setState((before) => (before.busy ? { ...before, busy: false, problem: stopped() } : before));
  };
  return { ...state, again: () => setRound((n) => n + 1), stop };
}
