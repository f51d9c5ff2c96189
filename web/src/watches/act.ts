// Changes of a price watch that its view makes.
import { useState } from "preact/hooks";
import { asProblem, type Problem } from "../api/problem";

/** useAct makes one change at a time. A change that succeeds is followed by done; of one that fails there is a problem. */
export function useAct(done: () => void) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const act = async (change: () => Promise<void>): Promise<boolean> => {
    setBusy(true);
    setProblem(undefined);
    try {
      await change();
      done();
      return true;
    } catch (thrown) {
      setProblem(asProblem(thrown));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, act };
}
