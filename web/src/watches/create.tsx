// The form of a new price watch.
import { useState } from "preact/hooks";
import { api } from "../api/client";
import { asProblem, type Problem, unwrap } from "../api/problem";
import { go } from "../state/route";
import { sandbox } from "../state/server";
import { Field, useWrongFirst } from "../ui/field";
import { NumberField, quantityMax } from "../ui/number";
import { PhotoField } from "../ui/picture";
import { ProblemBox } from "../ui/problem";
import { words } from "../words/words";
import { type Draft, draftOf, watchOf } from "./draft";
import { CallsField, Conditions, IntervalField, NameField } from "./terms";

export function CreateForm({ query }: { query: URLSearchParams }) {
  const text = words.value.watches;
  const [draft, setDraft] = useState(() => draftOf(query, sandbox.value === true));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [wrong, setWrong] = useState(false);
  const change = (part: Partial<Draft>) => {
    setWrong(false);
    setDraft((before) => ({ ...before, ...part }));
  };
  const form = useWrongFirst(problem);
  const fields = { draft, problem, change };
  const create = async () => {
    const priceWatch = watchOf(draft);
    setWrong(!priceWatch);
    if (!priceWatch) {
      return;
    }
    setBusy(true);
    setProblem(undefined);
    try {
      const { priceWatch: made } = unwrap(await api.POST("/v1/priceWatches", { body: { priceWatch } }));
      go(["watches", made?.id ?? ""]);
    } catch (thrown) {
      setProblem(asProblem(thrown));
      setBusy(false);
    }
  };
  return (
    <form
      ref={form}
      class="strategy"
      onSubmit={(e) => {
        e.preventDefault();
        void create();
      }}
    >
      <NameField {...fields} />
      <fieldset class="what">
        <legend>{text.what}</legend>
        <Field label={text.ids} problem={problem} path="price_watch.products">
          {(marks) => <input {...marks} value={draft.ids} onInput={(e) => change({ ids: e.currentTarget.value })} />}
        </Field>
        <div>
          <span>{text.orPhoto}</span>
          <PhotoField image={draft.image} change={(image) => change({ image })} />
        </div>
        <Field label={text.orWords} problem={problem} path="price_watch.comparison">
          {(marks) => (
            <input
              {...marks}
              value={draft.keyword}
              maxLength={100}
              onInput={(e) => change({ keyword: e.currentTarget.value })}
            />
          )}
        </Field>
      </fieldset>
      <IntervalField {...fields} />
      <NumberField
        label={text.quantity}
        min={1}
        max={quantityMax}
        value={draft.quantity}
        change={(quantity) => change({ quantity })}
      />
      <CallsField {...fields} />
      <Conditions {...fields} />
      <button type="submit" disabled={busy}>
        {busy ? text.starting : text.start}
      </button>
      <p role="alert" class="warning">
        {wrong && text.wrongWhat}
      </p>
      {problem && <ProblemBox problem={problem} />}
    </form>
  );
}
