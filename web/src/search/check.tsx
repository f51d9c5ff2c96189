// Which of the goods that a photo found have the photo, and which only look similar. The server compares the pictures.
import { api, type Product, type Schemas } from "../api/client";
import { imageOf } from "../api/photo";
import { unwrap } from "../api/problem";
import { answerLanguage } from "../state/session";
import { hasCallersPhoto } from "../strategies/evidence";
import { type Answer, useAnswer } from "../ui/answer";
import { words } from "../words/words";
import { type Criteria, photo, region } from "./state";

type Compared = Schemas["ComparePricesResponse"];

/** The calls that a search by a photo takes at most: one to send it, and one to search. */
const callsMax = 2;

/**
 * useCheck compares the pictures. It asks for the prices of the same goods: the search within that was just made by the page, so the
 * stored answer is used and 1688 is not called. For a part of the photo, for words and for another order it would not be the same
 * search, and nothing is asked.
 */
export function useCheck({ keyword, sort, priceMin, priceMax, filters }: Criteria): Answer<Compared> {
  const image = photo.value?.id;
  const wanted = image && !keyword && !sort && !region.value;
  const languageCode = answerLanguage.value;
  const body = {
    languageCode,
    maxUpstreamCalls: callsMax,
    ...(priceMin ? { priceMin } : {}),
    ...(priceMax ? { priceMax } : {}),
    ...(filters.length ? { filters: filters as "PRODUCT_FILTER_SHIPS_TODAY"[] } : {}),
  };
  return useAnswer(wanted ? JSON.stringify([image, body]) : "", async (signal) =>
    unwrap(await api.POST("/v1/combo:comparePrices", { body: { image: imageOf(image ?? ""), ...body }, signal })),
  );
}

/** withPhoto are the ids of the goods that have the photo; undefined: that could not be found out. */
function withPhoto(answer: Compared): Set<string> | undefined {
  const same = [...(answer.same?.offers ?? []), ...(answer.same?.unpricedProducts ?? [])];
  const have = same.filter((o) => hasCallersPhoto(o.likeness));
  // Goods that nobody compared count as the same.
  const unknown =
    answer.same === undefined || answer.partialFailures.length > 0 || (have.length === 0 && same.length > 0);
  return unknown ? undefined : new Set(have.flatMap((o) => (o.product ? [o.product.id] : [])));
}

export function CheckResult({ check: { answer, busy, problem } }: { check: Answer<Compared> }) {
  const text = words.value.photos;
  const have = answer && withPhoto(answer);
  const said = have
    ? have.size > 0
      ? text.have(have.size)
      : text.noneHas
    : answer || problem
      ? text.unchecked
      : busy
        ? text.checking
        : "";
  return (
    <p role="status" class={have?.size === 0 ? "warning" : "hint"}>
      {said}
    </p>
  );
}

/** markOf is what is said of a product that has the photo. */
export function markOf(check: Answer<Compared>): (product: Product) => string {
  const have = check.answer && withPhoto(check.answer);
  return (product) => (have?.has(product.id) ? words.value.photos.hasPhoto : "");
}
