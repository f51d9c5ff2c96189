// The form of a new price watch.
import { useState } from "preact/hooks";
import { api, type Schemas } from "../api/client";
import { imageOf } from "../api/photo";
import { asProblem, type Problem, unwrap } from "../api/problem";
import { productIdsIn } from "../search/link";
import { go } from "../state/route";
import { sandbox } from "../state/server";
import { NumberField, quantityMax } from "../ui/number";
import { PhotoField } from "../ui/picture";
import { ProblemBox } from "../ui/problem";
import { words } from "../words/words";
import { IntervalOptions, usualInterval } from "./intervals";

type Kind = Schemas["PriceConditionInput"]["kind"];

/** The kinds with a change of a price, which can be bounded. */
const changes: Kind[] = ["PRICE_EVENT_KIND_PRICE_FELL", "PRICE_EVENT_KIND_PRICE_ROSE", "PRICE_EVENT_KIND_MEDIAN_MOVED"];
const others: Kind[] = [
  "PRICE_EVENT_KIND_NEW_CHEAPEST",
  "PRICE_EVENT_KIND_SUPPLIER_APPEARED",
  "PRICE_EVENT_KIND_SUPPLIER_LEFT",
  "PRICE_EVENT_KIND_PRODUCT_GONE",
  "PRICE_EVENT_KIND_PRODUCT_BACK",
];
const usual: Kind[] = [
  "PRICE_EVENT_KIND_PRICE_FELL",
  "PRICE_EVENT_KIND_PRICE_ROSE",
  "PRICE_EVENT_KIND_PRODUCT_GONE",
  "PRICE_EVENT_KIND_PRODUCT_BACK",
];

interface Draft {
  name: string;
  ids: string;
  image: string;
  keyword: string;
  quantity: string;
  interval: string;
  calls: string;
  kinds: Kind[];
  percent: string;
  below: string;
}

function draftOf(query: URLSearchParams): Draft {
  const text = (name: string) => query.get(name) ?? "";
  return {
    name: text("name"),
    ids: text("product"),
    image: text("image"),
    keyword: text("keyword"),
    quantity: text("quantity"),
    interval: usualInterval(sandbox.value === true),
    calls: "",
    kinds: usual,
    percent: "",
    below: "",
  };
}

/** watchOf is what is asked for. Undefined: it is not said what to watch, or more than one is. */
function watchOf(d: Draft): Schemas["PriceWatchInput"] | undefined {
  const ids = productIdsIn(d.ids);
  const goods = d.image !== "" || d.keyword.trim() !== "";
  if (ids.length > 0 === goods) {
    return undefined;
  }
  const quantity = d.quantity ? { quantity: d.quantity } : {};
  return {
    displayName: d.name.trim(),
    interval: d.interval,
    conditions: conditionsOf(d),
    ...(d.calls ? { upstreamCallsPerDay: Number(d.calls) } : {}),
    ...(ids.length > 0
      ? { products: { ids, ...quantity } }
      : {
          comparison: {
            ...(d.image ? { image: imageOf(d.image) } : {}),
            ...(d.keyword.trim() ? { keyword: d.keyword.trim() } : {}),
            ...quantity,
          },
        }),
  };
}

function conditionsOf(d: Draft): Schemas["PriceConditionInput"][] {
  const ratio = d.percent ? { ratio: Number(d.percent) / 100 } : {};
  return [
    ...d.kinds.map((kind) => ({ kind, ...(changes.includes(kind) ? ratio : {}) })),
    ...(d.below
      ? [
          {
            kind: "PRICE_EVENT_KIND_PRICE_FELL" as const,
            baseline: "PRICE_BASELINE_REFERENCE_PRICE" as const,
            referencePrice: d.below,
          },
        ]
      : []),
  ];
}

export function CreateForm({ query }: { query: URLSearchParams }) {
  const text = words.value.watches;
  const [draft, setDraft] = useState(() => draftOf(query));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [wrong, setWrong] = useState(false);
  const change = (part: Partial<Draft>) => {
    setWrong(false);
    setDraft((before) => ({ ...before, ...part }));
  };
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
      class="strategy"
      onSubmit={(e) => {
        e.preventDefault();
        void create();
      }}
    >
      <label class="wide">
        {text.name}
        <input value={draft.name} maxLength={100} onInput={(e) => change({ name: e.currentTarget.value })} />
      </label>
      <fieldset class="what">
        <legend>{text.what}</legend>
        <label>
          {text.ids}
          <input value={draft.ids} onInput={(e) => change({ ids: e.currentTarget.value })} />
        </label>
        <div>
          <span>{text.orPhoto}</span>
          <PhotoField image={draft.image} change={(image) => change({ image })} />
        </div>
        <label>
          {text.orWords}
          <input value={draft.keyword} maxLength={100} onInput={(e) => change({ keyword: e.currentTarget.value })} />
        </label>
      </fieldset>
      <label>
        {text.interval}
        <select value={draft.interval} onChange={(e) => change({ interval: e.currentTarget.value })}>
          <IntervalOptions />
        </select>
      </label>
      <NumberField
        label={text.quantity}
        min={1}
        max={quantityMax}
        value={draft.quantity}
        change={(quantity) => change({ quantity })}
      />
      <NumberField
        label={text.callsPerDay}
        min={1}
        max={1_000_000}
        placeholder={text.noBound}
        value={draft.calls}
        change={(calls) => change({ calls })}
      />
      <Conditions draft={draft} change={change} />
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

function Conditions({ draft, change }: { draft: Draft; change: (part: Partial<Draft>) => void }) {
  const text = words.value.watches;
  const set = (kind: Kind, on: boolean) =>
    change({ kinds: on ? [...draft.kinds, kind] : draft.kinds.filter((k) => k !== kind) });
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
          step="0.1"
          value={draft.percent}
          onInput={(e) => change({ percent: e.currentTarget.value })}
        />
      </label>
      <label>
        {text.below}
        <input inputMode="decimal" value={draft.below} onInput={(e) => change({ below: e.currentTarget.value })} />
      </label>
    </fieldset>
  );
}
