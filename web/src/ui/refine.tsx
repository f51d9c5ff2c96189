// The orders, bounds and filters of a list of goods, as far as the dialect offers them.
import type { Problem } from "../api/problem";
import { offeredValues, offers } from "../state/server";
import { words } from "../words/words";
import { Field } from "./field";

export interface Refinement {
  sort: string;
  priceMin: string;
  priceMax: string;
  filters: string[];
  /** Undefined: the view does not ask for a category. */
  categoryId?: string;
}

/** The bounds of prices, by their names here and in the contract. */
const prices = [
  { name: "priceMin", path: "price_min" },
  { name: "priceMax", path: "price_max" },
] as const;

interface Props {
  /** The RPC that is asked, such as SearchService/KeywordSearch. */
  rpc: string;
  draft: Refinement;
  /** The problem of the last question. */
  problem: Problem | undefined;
  change: (part: Partial<Refinement>) => void;
}

export function Refine({ rpc, draft, problem, change }: Props) {
  const text = words.value.search;
  const sorts = offeredValues(rpc, "sort") ?? Object.keys(words.value.sorts);
  const filters = offeredValues(rpc, "filters") ?? Object.keys(words.value.filters);
  const set = (filter: string, on: boolean) =>
    change({ filters: on ? [...draft.filters, filter] : draft.filters.filter((other) => other !== filter) });
  return (
    <div class="refine">
      {offers(rpc, "sort") && (
        <Field label={text.sort} problem={problem} path="sort">
          {(marks) => (
            <select {...marks} value={draft.sort} onChange={(e) => change({ sort: e.currentTarget.value })}>
              <option value="">{words.value.sorts.SORT_ORDER_RELEVANCE}</option>
              {sorts
                .filter((s) => s !== "SORT_ORDER_RELEVANCE" && s !== "SORT_ORDER_UNSPECIFIED")
                .map((s) => (
                  <option key={s} value={s}>
                    {words.value.sorts[s] ?? s}
                  </option>
                ))}
            </select>
          )}
        </Field>
      )}
      {prices.map(
        ({ name, path }) =>
          offers(rpc, path) && (
            <Field key={name} label={text[name]} problem={problem} path={path}>
              {(marks) => (
                <input
                  {...marks}
                  inputMode="decimal"
                  value={draft[name]}
                  onInput={(e) => change({ [name]: e.currentTarget.value })}
                />
              )}
            </Field>
          ),
      )}
      {draft.categoryId !== undefined && offers(rpc, "category_id") && (
        <Field label={text.category} problem={problem} path="category_id">
          {(marks) => (
            <input
              {...marks}
              inputMode="numeric"
              maxLength={19}
              title={text.categoryHint}
              value={draft.categoryId}
              onInput={(e) => change({ categoryId: e.currentTarget.value })}
            />
          )}
        </Field>
      )}
      {offers(rpc, "filters") && (
        <fieldset>
          <legend>{text.filters}</legend>
          {filters.map((f) => (
            <label key={f}>
              <input
                type="checkbox"
                checked={draft.filters.includes(f)}
                onChange={(e) => set(f, e.currentTarget.checked)}
              />
              {words.value.filters[f] ?? f}
            </label>
          ))}
          {problem?.at("filters") && <span class="wrong">{problem.at("filters")}</span>}
        </fieldset>
      )}
    </div>
  );
}
