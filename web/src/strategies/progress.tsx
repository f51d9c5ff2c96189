// What a strategy does while it is waited for: its steps, and the calls that they spend.
import { problemOf } from "../api/problem";
import { useSeconds } from "../ui/waiting";
import { words } from "../words/words";
import { kindText } from "./evidence";
import type { Kind, Spending } from "./follow";

interface Props {
  busy: boolean;
  /** It was ended by hand. */
  stopped: boolean;
  spending: Spending;
  stop: () => void;
  again: () => void;
}

export function Progress({ busy, stopped, spending, stop, again }: Props) {
  const text = words.value.strategies;
  const seconds = useSeconds(busy);
  const { spent, left, kinds } = spending;
  return (
    <>
      <p role="status" class="visually-hidden">
        {busy && announcement(spending)}
        {stopped && text.stopped(spent)}
      </p>
      {(busy || stopped) && (
        <section class="progress" aria-label={text.steps}>
          <p class="working">
            {busy ? text.working(seconds) : text.stopped(spent)}{" "}
            {busy ? (
              <button type="button" onClick={stop}>
                {text.stop}
              </button>
            ) : (
              <button type="button" onClick={again}>
                {text.again}
              </button>
            )}
          </p>
          {busy && spent + left > 0 && (
            <p class="calls">
              <meter aria-label={text.maxCalls} min={0} max={spent + left} value={spent} /> {text.spent(spent, left)}
            </p>
          )}
          <ol class="steps">
            {kinds.map((kind) => (
              <li key={kind.name} class={busy && kind.running > 0 ? "runs" : kind.finished > 0 ? "done" : "missed"}>
                {kindText(kind.name)}
                {detailsOf(kind) && <span class="facts"> {detailsOf(kind)}</span>}
              </li>
            ))}
          </ol>
        </section>
      )}
    </>
  );
}

/** announcement is the latest step in one sentence, for those who hear the page. */
function announcement({ latest, kinds, spent, left }: Spending): string {
  const text = words.value;
  const running = kinds.filter((kind) => kind.running > 0).map((kind) => kindText(kind.name));
  if (!latest) {
    return text.loading;
  }
  return `${running.join(", ")} ${text.strategies.spent(spent, left)}`.trim();
}

function detailsOf(kind: Kind): string {
  const text = words.value.strategies;
  const all = kind.running + kind.finished + kind.failed;
  return [
    all > 1 && text.ofSteps(kind.finished + kind.failed, all),
    kind.finished > 0 && text.foundBy(kind.name, kind.found),
    kind.calls > 0 && words.value.state.calls(kind.calls),
    kind.failed > 0 && text.failedSteps(kind.failed),
    kind.leftOut > 0 && text.leftOutSteps(kind.leftOut),
    kind.error && problemOf(0, kind.error).message,
  ]
    .filter(Boolean)
    .join(" · ");
}
