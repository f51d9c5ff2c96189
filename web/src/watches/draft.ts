// What the form of a price watch holds, and the watch that it makes.
import type { Schemas } from "../api/client";
import { imageOf } from "../api/photo";
import { productIdsIn } from "../search/link";
import { usualInterval } from "./intervals";

export type Watch = Schemas["PriceWatch"];
export type Kind = Schemas["PriceConditionInput"]["kind"];

/** The kinds with a change of a price, which can be bounded. */
export const changes: Kind[] = [
  "PRICE_EVENT_KIND_PRICE_FELL",
  "PRICE_EVENT_KIND_PRICE_ROSE",
  "PRICE_EVENT_KIND_MEDIAN_MOVED",
];
export const others: Kind[] = [
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

/** Terms are what can be changed of a watch that is there. */
export interface Terms {
  name: string;
  interval: string;
  /** The most calls a day. Empty: no bound. */
  calls: string;
  kinds: Kind[];
  /** The least change in percent. Empty: any. */
  percent: string;
  /** The price below which is reported. Empty: none. */
  below: string;
}

export interface Draft extends Terms {
  ids: string;
  image: string;
  keyword: string;
  quantity: string;
}

export function draftOf(query: URLSearchParams, sandbox: boolean): Draft {
  const text = (name: string) => query.get(name) ?? "";
  return {
    name: text("name"),
    ids: text("product"),
    image: text("image"),
    keyword: text("keyword"),
    quantity: text("quantity"),
    interval: usualInterval(sandbox),
    calls: "",
    kinds: usual,
    percent: "",
    below: "",
  };
}

/** watchOf is what is asked for. Undefined: it is not said what to watch, or more than one is. */
export function watchOf(d: Draft): Schemas["PriceWatchInput"] | undefined {
  const ids = productIdsIn(d.ids);
  const goods = d.image !== "" || d.keyword.trim() !== "";
  if (ids.length > 0 === goods) {
    return undefined;
  }
  const quantity = d.quantity ? { quantity: d.quantity } : {};
  return {
    ...valuesOf(d),
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

function valuesOf(t: Terms): Schemas["PriceWatchInput"] {
  return {
    displayName: t.name.trim(),
    interval: t.interval,
    conditions: conditionsOf(t),
    upstreamCallsPerDay: Number(t.calls || "0"),
  };
}

function conditionsOf(t: Terms): Schemas["PriceConditionInput"][] {
  const ratio = t.percent ? { ratio: Number(t.percent) / 100 } : {};
  return [
    ...t.kinds.map((kind) => ({ kind, ...(changes.includes(kind) ? ratio : {}) })),
    ...(t.below
      ? [
          {
            kind: "PRICE_EVENT_KIND_PRICE_FELL" as const,
            baseline: "PRICE_BASELINE_REFERENCE_PRICE" as const,
            referencePrice: t.below,
          },
        ]
      : []),
  ];
}

/** termsOf are the terms of a watch. Its conditions are undefined if the form has no place for all of them. */
export function termsOf(w: Watch): { terms: Terms; conditionsFit: boolean } {
  const terms: Terms = {
    name: w.displayName,
    interval: w.interval ?? "3600s",
    calls: w.upstreamCallsPerDay > 0 ? String(w.upstreamCallsPerDay) : "",
    kinds: [],
    percent: "",
    below: "",
  };
  const plain = ["PRICE_BASELINE_UNSPECIFIED", "PRICE_BASELINE_LAST_OBSERVATION"];
  const ratios = new Set<string>();
  let conditionsFit = true;
  for (const c of w.conditions) {
    if (c.kind === "PRICE_EVENT_KIND_UNSPECIFIED") {
      conditionsFit = false;
    } else if (plain.includes(c.baseline) && c.amount === undefined && !c.window && !terms.kinds.includes(c.kind)) {
      terms.kinds.push(c.kind);
      if (changes.includes(c.kind)) {
        ratios.add(c.ratio === undefined ? "" : String(Number((c.ratio * 100).toPrecision(10))));
      }
    } else if (c.baseline === "PRICE_BASELINE_REFERENCE_PRICE" && c.kind === "PRICE_EVENT_KIND_PRICE_FELL") {
      conditionsFit = conditionsFit && terms.below === "" && c.ratio === undefined && c.amount === undefined;
      terms.below = c.referencePrice;
    } else {
      conditionsFit = false;
    }
  }
  terms.percent = [...ratios][0] ?? "";
  return { terms, conditionsFit: conditionsFit && ratios.size <= 1 };
}

/** changeOf are the fields that differ, and their new values. */
export function changeOf(before: Terms, after: Terms): { priceWatch: Schemas["PriceWatchInput"]; updateMask: string } {
  const [old, values] = [valuesOf(before), valuesOf(after)];
  const names = Object.keys(values) as (keyof typeof values)[];
  const changed = names.filter((name) => JSON.stringify(old[name]) !== JSON.stringify(values[name]));
  return {
    priceWatch: Object.fromEntries(changed.map((name) => [name, values[name]])),
    updateMask: changed.join(","),
  };
}
