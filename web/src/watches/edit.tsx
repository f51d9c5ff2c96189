// The form that changes a price watch.
import { useState } from "preact/hooks";
import { api } from "../api/client";
import { asProblem, type Problem, unwrap } from "../api/problem";
import { useWrongFirst } from "../ui/field";
import { ProblemBox } from "../ui/problem";
import { words } from "../words/words";
import { changeOf, type Terms, termsOf, type Watch } from "./draft";
import { CallsField, Conditions, IntervalField, NameField } from "./terms";

interface Props {
  watch: Watch;
  /** Called with the changed watch, or without one if nothing was to be changed. */
  done: (changed?: Watch) => void;
}

export function EditForm({ watch, done }: Props) {
  const text = words.value.watches;
  // The watch as it was when the form was opened: what others have changed since then must not be lost.
  const [opened] = useState(watch);
  const { terms: before, conditionsFit } = termsOf(opened);
  const [draft, setDraft] = useState<Terms>(before);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const form = useWrongFirst(problem);
  const change = (part: Partial<Terms>) => setDraft((old) => ({ ...old, ...part }));
  const save = async (etag: string) => {
    const asked = changeOf(before, draft);
    if (!asked.updateMask) {
      done();
      return;
    }
    setBusy(true);
    setProblem(undefined);
    try {
      const params = { path: { id: watch.id } };
      const answer = unwrap(await api.PATCH("/v1/priceWatches/{id}", { params, body: { ...asked, etag } }));
      done(answer.priceWatch);
    } catch (thrown) {
      setProblem(asProblem(thrown));
      setBusy(false);
    }
  };
  const fields = { draft, problem, change };
  return (
    <form
      ref={form}
      class="strategy"
      aria-label={text.edit}
      onSubmit={(e) => {
        e.preventDefault();
        void save(opened.etag);
      }}
    >
      <NameField {...fields} />
      <IntervalField {...fields} />
      <CallsField {...fields} />
      {conditionsFit ? <Conditions {...fields} /> : <p class="hint">{text.conditionsElsewhere}</p>}
      <p class="actions">
        <button type="submit" disabled={busy}>
          {busy ? text.saving : words.value.settings.save}
        </button>
        <button type="button" onClick={() => done()}>
          {text.cancel}
        </button>
      </p>
      {problem && (
        <ProblemBox
          problem={problem}
          // Who changed it in the meantime is named by the problem: saving again is a decision.
          retry={() => void save(problem.reason === "PRICE_WATCH_CHANGED" ? watch.etag : opened.etag)}
        />
      )}
    </form>
  );
}
