// How an answer is supported: what images show, what a price holds for, what was spent, and what failed.
import type { Product, Schemas } from "../api/client";
import { problemOf } from "../api/problem";
import { Origin } from "../ui/origin";
import { previewOf } from "../ui/picture";
import { count, day, yuan } from "../words/format";
import { aside, colon, listed } from "../words/marks";
import { words } from "../words/words";

type Likeness = Schemas["MeasuredLikeness"];

/** How many ids a failed step is shown with. */
const idsShown = 3;

/** How answers name the image of the request. */
const callersImage = "caller";

/** evidenceText says what a comparison of two images shows. Only the same photo is proof. */
export function evidenceText(m: Likeness): string {
  const text = words.value.strategies;
  const value = m.value.toFixed(2);
  const yours = m.comparedWith === callersImage;
  if (m.kind === "EVIDENCE_KIND_SAME_PHOTO" || m.sameBytes) {
    return yours ? text.samePhotoAsYours(value) : text.samePhotoAs(m.comparedWith, value);
  }
  if (m.kind === "EVIDENCE_KIND_LOOKS_ALIKE") {
    return yours ? text.looksLikeYours(value) : text.looksLike(m.comparedWith, value);
  }
  return yours ? text.likenessToYours(value) : text.likenessTo(m.comparedWith, value);
}

export function isProof(m: Likeness): boolean {
  return m.kind === "EVIDENCE_KIND_SAME_PHOTO";
}

interface EvidenceProps {
  product: Product;
  /** The strongest first. */
  all: Likeness[];
  /** The pictures of the other products, by id. */
  pictures: Map<string, string>;
  /** The image of the question; empty: none. */
  image: string;
}

/** Evidence shows the two pictures side by side, and says what they show. */
export function Evidence({ product, all, pictures, image }: EvidenceProps) {
  const text = words.value.strategies;
  const [first] = all;
  if (!first) {
    return null;
  }
  const other = first.comparedWith === callersImage ? previewOf(image) : pictures.get(first.comparedWith);
  const otherName = first.comparedWith === callersImage ? text.yourPhoto : first.comparedWith;
  return (
    <figure class="evidence">
      {product.imageUrl && other && (
        <div class="pair" role="img" aria-label={text.sideBySide(product.id, otherName)}>
          <img src={product.imageUrl} alt="" width="120" height="120" loading="lazy" />
          <span aria-hidden="true">{isProof(first) ? "=" : "≈"}</span>
          <img src={other} alt="" width="120" height="120" loading="lazy" />
        </div>
      )}
      <figcaption>
        <ul class="plain-list">
          {all.map((m) => (
            <li key={m.comparedWith} class={isProof(m) ? "proof" : "no-proof"}>
              {evidenceText(m)}
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  );
}

interface PriceProps {
  price: Schemas["Money"] | undefined;
  basis: Schemas["PriceBasis"];
  quantity: string;
  product: Product | undefined;
}

/** priceText says a price and what it holds for. */
export function priceText({ price, basis, quantity, product }: PriceProps): string {
  const text = words.value.strategies;
  if (!price) {
    return product?.priceText || words.value.product.priceUnknown;
  }
  const money = yuan(price);
  const at = quantity && quantity !== "0" ? text.pieces(count(quantity, false)) : "";
  switch (basis) {
    case "PRICE_BASIS_EXACT_AT_QUANTITY":
      return at ? text.exact(money, at) : money;
    case "PRICE_BASIS_PROMOTION":
      return text.promotion(
        money,
        at || text.pieces("1"),
        product?.promotionEndTime ? text.until(day(product.promotionEndTime)) : text.endUnknown,
      );
    case "PRICE_BASIS_FROM_TIERS":
      return belowSmallestOrder(product, quantity) ? text.smallestOrder(money) : text.fromTiers(money);
    case "PRICE_BASIS_LOWEST_OF_RANGE":
      return at ? text.fromRangeAt(money, at) : text.fromRange(money);
    case "PRICE_BASIS_LIST":
      return at ? text.fromListAt(money, at) : text.list(money);
    default:
      return money;
  }
}

function belowSmallestOrder(product: Product | undefined, quantity: string): boolean {
  const smallest = product?.minimumOrder;
  return quantity !== "" && smallest !== undefined && BigInt(quantity) < BigInt(smallest);
}

/** piecesText is the quantity of the question in words. */
export function piecesText(quantity: string): string {
  return words.value.strategies.pieces(count(quantity || "1", false));
}

/** Spent says where the answer came from, what it cost, and what one should know about it. */
export function Spent({ meta, at }: { meta: Schemas["ComboMeta"] | undefined; at: number }) {
  const text = words.value.strategies;
  if (!meta) {
    return null;
  }
  return (
    <>
      <p class="summary">
        <Origin meta={meta} now={at} />
        {aside(text.budget(meta.upstreamCallBudget))}
        {meta.imagesFetched > 0 && ` · ${text.pictures(meta.imagesFetched)}`}
      </p>
      {meta.notes.map((n) => (
        <p class="hint" role="note" key={n.kind}>
          {n.text}
        </p>
      ))}
    </>
  );
}

/** Warnings lists the steps that failed or were left out. */
export function Warnings({ failures }: { failures: Schemas["PartialFailure"][] }) {
  if (failures.length === 0) {
    return null;
  }
  return (
    <details class="partial">
      <summary>{words.value.strategies.warnings(failures.length)}</summary>
      <ul>
        {failures.map((f) => (
          <li key={f.step}>{stepText(f.step) + colon() + problemOf(0, f.status).message}</li>
        ))}
      </ul>
    </details>
  );
}

/** kindText names all steps of a kind, such as "image_search of ". */
export function kindText(kind: string): string {
  const text = words.value.strategies;
  return text.stepsOf[kind] ?? text.step[kind] ?? kind;
}

/** stepText names a step, such as "image_search of 620201390233". */
export function stepText(step: string): string {
  const text = words.value.strategies;
  const [name = "", of] = step.split(" of ", 2);
  const known = text.step[name] ?? name;
  if (!of) {
    return known;
  }
  const parts = of.split(", ");
  const goods = parts.map((id) => (id === callersImage ? text.ofYours : id));
  return known + aside(parts.length > idsShown ? text.ofGoods(parts.length) : listed(goods));
}
