// A problem, and what to do about it.
import { useEffect, useState } from "preact/hooks";
import type { Problem } from "../api/problem";
import { words } from "../words/words";

interface Props {
  problem: Problem;
  retry?: () => void;
}

export function ProblemBox({ problem, retry }: Props) {
  const left = useCountdown(problem);
  const text = words.value.problem;
  return (
    <div class="problem" role="alert">
      <p>{problem.reason === "CALLER_UNAUTHENTICATED" ? text.keyNeeded : problem.message}</p>
      {left > 0 && <p>{text.wait(left)}</p>}
      {retry && (
        <button type="button" onClick={retry} disabled={left > 0}>
          {text.retry}
        </button>
      )}
    </div>
  );
}

/** useCountdown is how many seconds are left until the problem may be gone. */
function useCountdown(problem: Problem): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    const end = performance.now() + problem.waitSeconds * 1000;
    const tick = () => setLeft(Math.max(0, Math.ceil((end - performance.now()) / 1000)));
    tick();
    const timer = setInterval(tick, 250);
    return () => clearInterval(timer);
  }, [problem]);
  return left;
}
