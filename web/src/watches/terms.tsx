// The fields of a price watch's terms: its name, how often it observes, what it may spend and what it reports.
import type { Problem } from "../api/problem";
import { Field } from "../ui/field";
import { words } from "../words/words";
import { changes, type Kind, others, type Terms } from "./draft";
import { IntervalOptions } from "./intervals";

interface Props {
  draft: Terms;
  problem: Problem | undefined;
  change: (part: Partial<Terms>) => void;
}

export function NameField({ draft, problem, change }: Props) {
  return (
    <Field label={words.value.watches.name} problem={problem} path="price_watch.display_name" wide>
      {(marks) => (
        <input {...marks} value={draft.name} maxLength={100} onInput={(e) => change({ name: e.currentTarget.value })} />
      )}
    </Field>
  );
}

export function IntervalField({ draft, problem, change }: Props) {
  return (
    <Field label={words.value.watches.interval} problem={problem} path="price_watch.interval">
      {(marks) => (
        <select {...marks} value={draft.interval} onChange={(e) => change({ interval: e.currentTarget.value })}>
          <IntervalOptions present={draft.interval} />
        </select>
      )}
    </Field>
  );
}

export function CallsField({ draft, problem, change }: Props) {
  const text = words.value.watches;
  return (
    <Field label={text.callsPerDay} problem={problem} path="price_watch.upstream_calls_per_day">
      {(marks) => (
        <input
          {...marks}
          type="number"
          min={1}
          max={1_000_000}
          placeholder={text.noBound}
          value={draft.calls}
          onInput={(e) => change({ calls: e.currentTarget.value })}
        />
      )}
    </Field>
  );
}

export function Conditions({ draft, problem, change }: Props) {
  const text = words.value.watches;
  const set = (kind: Kind, on: boolean) =>
    change({ kinds: on ? [...draft.kinds, kind] : draft.kinds.filter((k) => k !== kind) });
  const wrong = problem?.fields.find((f) => /^price_watch\.conditions\[\d+\]/.test(f.path));
  const marked = (names: RegExp) => (wrong && names.test(wrong.path) ? { "aria-invalid": true as const } : {});
  return (
    <fieldset class="conditions">
      <legend>{text.conditions}</legend>
      {[...changes, ...others].map((kind) => (
        <label key={kind} class="check">
          <input
            type="checkbox"
            checked={draft.kinds.includes(kind)}
            onChange={(e) => set(kind, e.currentTarget.checked)}
          />
          {text.kinds[kind]}
        </label>
      ))}
      <label>
        {text.least}
        <input
          type="number"
          min="0.1"
          max="1000"
          step="any"
          value={draft.percent}
          {...marked(/ratio|amount/)}
          onInput={(e) => change({ percent: e.currentTarget.value })}
        />
      </label>
      <label>
        {text.below}
        <input
          inputMode="decimal"
          value={draft.below}
          {...marked(/reference_price/)}
          onInput={(e) => change({ below: e.currentTarget.value })}
        />
      </label>
      {wrong && <span class="wrong">{wrong.why}</span>}
    </fieldset>
  );
}
