// Where an answer came from, how old it is and what it cost.
import type { Schemas } from "../api/client";
import { age } from "../words/format";
import { words } from "../words/words";

export function Origin({ meta, now }: { meta: Schemas["AnswerMeta"]; now: number }) {
  const text = words.value.state;
  const stored = meta.servedFrom !== "SERVED_FROM_UPSTREAM";
  return (
    <span class={`origin ${meta.servedFrom === "SERVED_FROM_STALE" ? "stale" : ""}`}>
      {meta.source === "ANSWER_SOURCE_SANDBOX" && (
        <>
          <b title={text.sandboxHint}>{text.madeUp}</b> ·{" "}
        </>
      )}
      {text.from[meta.servedFrom]}
      {stored && meta.fetchTime && ` · ${text.age(age(meta.fetchTime, now))}`}
      {` · ${text.calls(meta.upstreamCalls)}`}
    </span>
  );
}
