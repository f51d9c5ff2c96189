// A problem, and what to do about it.
import { useEffect, useState } from "preact/hooks";
import type { Problem } from "../api/problem";
import { words } from "../words/words";
import { useConnected } from "./connection";

interface Props {
  problem: Problem;
  retry?: () => void;
}

export function ProblemBox({ problem, retry }: Props) {
  const left = useCountdown(problem);
  const text = words.value.problem;
  useConnected(problem.status === 0 && problem.reason === "" ? retry : undefined);
  return (
    <div class="problem" role="alert">
      <p>{problem.reason === "CALLER_UNAUTHENTICATED" ? text.keyNeeded : problem.message}</p>
      {problem.fields.length > 0 && (
        <ul>
          {problem.fields.map((f) => (
            <li key={`${f.path} ${f.why}`}>
              <b>{nameOf(f.path)}</b> {f.why}
            </li>
          ))}
        </ul>
      )}
      {left > 0 && <p>{text.wait(left)}</p>}
      {retry && problem.fields.length === 0 && (
        <button type="button" onClick={retry} disabled={left > 0}>
          {text.retry}
        </button>
      )}
    </div>
  );
}

/** nameOf is the name that people know a field by: that of the last part of its path that has one. */
function nameOf(path: string): string {
  const known = words.value.fields;
  const parts = path.replace(/\[\d+\]/g, "").split(".");
  const part = parts.reverse().find((name) => known[name] !== undefined);
  return (part && known[part]) || path;
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
