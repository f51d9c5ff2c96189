// Following a strategy: what becomes of its steps, and at last its answer.
import type { Schemas } from "../api/client";
import { lines, post } from "../api/lines";
import { unreachable } from "../api/problem";

export type Step = Schemas["ComboStep"];
export type OnStep = (step: Step) => void;

/** follow asks a strategy, passes its steps on as they happen, and returns its answer. */
export async function follow<T>(path: string, body: object, signal: AbortSignal, onStep: OnStep): Promise<T> {
  const stream = await post(path, body, signal);
  let found: T | undefined;
  // It is read to its end: leaving at the answer, which is the last line, would break the connection that the next question uses.
  for await (const { step, answer } of lines<{ step?: Step; answer?: T }>(stream)) {
    if (step) {
      onStep(step);
    }
    found = answer ?? found;
  }
  if (found === undefined) {
    throw unreachable(); // The stream ended too early.
  }
  return found;
}

/** Kind is all steps of one kind, such as the details of several products. */
export interface Kind {
  /** The name of the steps; for those of one word or product each, with " of " at its end. */
  name: string;
  running: number;
  finished: number;
  failed: number;
  leftOut: number;
  /** What the finished ones found. */
  found: number;
  calls: number;
  /** Why the first one failed or was left out. */
  error?: Schemas["Status"];
}

/** Spent is what a strategy has spent so far. */
export interface Spending {
  kinds: Kind[];
  spent: number;
  left: number;
  /** The latest step; undefined: none has begun. */
  latest?: Step;
}

export const nothingSpent: Spending = { kinds: [], spent: 0, left: 0 };

/** counted adds a step to what is known, in the order in which the kinds of steps began. */
export function counted(before: Spending, step: Step): Spending {
  const [base = "", of] = step.step.split(" of ", 2);
  const name = of === undefined || base === "measure_likeness" ? base : `${base} of `;
  const known = before.kinds.find((kind) => kind.name === name);
  const kind = advanced(known ?? { name, running: 0, finished: 0, failed: 0, leftOut: 0, found: 0, calls: 0 }, step);
  const kinds = known ? before.kinds.map((k) => (k === known ? kind : k)) : [...before.kinds, kind];
  return { kinds, spent: step.upstreamCallsSpent, left: step.upstreamCallsLeft, latest: step };
}

function advanced(kind: Kind, step: Step): Kind {
  const next = { ...kind, calls: kind.calls + step.upstreamCalls };
  if (step.error && !next.error) {
    next.error = step.error;
  }
  switch (step.state) {
    case "COMBO_STEP_STATE_STARTED":
      return { ...next, running: kind.running + 1 };
    case "COMBO_STEP_STATE_FINISHED":
      return { ...next, running: kind.running - 1, finished: kind.finished + 1, found: kind.found + (step.found ?? 0) };
    case "COMBO_STEP_STATE_FAILED":
      return { ...next, running: kind.running - 1, failed: kind.failed + 1 };
    default:
      return { ...next, leftOut: kind.leftOut + 1 };
  }
}
