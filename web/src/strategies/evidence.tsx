// How an answer is supported: what images show, what a price holds for, what was spent, and what failed.
import type { Product, Schemas } from "../api/client";
import { problemOf } from "../api/problem";
import { addressOf } from "../state/route";
import { translated } from "../state/session";
import { Origin } from "../ui/origin";
import { previewOf } from "../ui/picture";
import { count, day, percent, product as productOf, yuan } from "../words/format";
import { aside, colon, listed } from "../words/marks";
import { words } from "../words/words";

type Likeness = Schemas["MeasuredLikeness"];

/** How answers name the image of the request. */
export const callersImage = "caller";

/** Goods are the products of an answer by their ids. */
export type Goods = ReadonlyMap<string, Product>;

export function goodsOf(products: (Product | undefined)[]): Goods {
  return new Map(products.flatMap((p) => (p ? [[p.id, p] as const] : [])));
}

export function isProof(m: Likeness): boolean {
  return m.kind === "EVIDENCE_KIND_SAME_PHOTO" || m.sameBytes;
}

/** hasCallersPhoto is whether goods have the photo of the question. */
export function hasCallersPhoto(m: Likeness | undefined): boolean {
  return m !== undefined && m.comparedWith === callersImage && isProof(m);
}

/** says is what a comparison with an image shows. Only the same photo is proof. */
function says(m: Likeness, image: string): string {
  const text = words.value.strategies;
  if (isProof(m)) {
    return text.samePhoto(image);
  }
  return m.kind === "EVIDENCE_KIND_LOOKS_ALIKE" ? text.looksLike(image) : text.unlike(image);
}

/** amountOf is the value of a likeness. Values of different kinds mean different things. */
function amountOf(m: Likeness): string {
  const text = words.value.strategies;
  return isProof(m) ? text.sure(percent(m.value)) : text.alike(percent(m.value));
}

/** evidenceText says in one line what a comparison of two images shows, for lists that are saved and for lists without links. */
export function evidenceText(m: Likeness, goods?: Goods): string {
  const text = words.value.strategies;
  const other = goods?.get(m.comparedWith);
  const name = other ? translated(other.title, other.titleTranslated) : text.goods(m.comparedWith);
  const image = m.comparedWith === callersImage ? text.yourPhoto : text.pictureOf(name);
  return says(m, image) + aside(amountOf(m));
}

/** EvidenceLine says what a comparison shows, with a link to the goods that were compared with. */
function EvidenceLine({ of: m, goods, exact }: { of: Likeness; goods: Goods; exact: boolean }) {
  const text = words.value.strategies;
  const amount = exact && aside(amountOf(m));
  if (m.comparedWith === callersImage) {
    return (
      <>
        {says(m, text.yourPhoto)}
        {amount}
      </>
    );
  }
  const other = goods.get(m.comparedWith);
  const [before, after] = says(m, text.pictureOf("\n")).split("\n");
  return (
    <>
      {before}
      <a href={addressOf(["product", m.comparedWith])}>
        {other ? translated(other.title, other.titleTranslated) : text.goods(m.comparedWith)}
      </a>
      {after}
      {amount}
    </>
  );
}

interface EvidenceProps {
  product: Product;
  /** The strongest first. */
  all: Likeness[];
  goods: Goods;
  /** The image of the question; empty: none. */
  image: string;
}

/** Evidence shows the two pictures side by side, and says what they show. The other comparisons are folded. */
export function Evidence({ product, all, goods, image }: EvidenceProps) {
  const text = words.value.strategies;
  const [first] = all;
  if (!first) {
    return null;
  }
  const compared = goods.get(first.comparedWith);
  const other = first.comparedWith === callersImage ? previewOf(image) : compared?.imageUrl;
  const title = (p: Product | undefined) =>
    p ? translated(p.title, p.titleTranslated) : text.goods(first.comparedWith);
  const otherName = first.comparedWith === callersImage ? text.yourPhoto : title(compared);
  return (
    <figure class="evidence">
      {product.imageUrl && other && (
        <div class="pair" role="img" aria-label={text.sideBySide(title(product), otherName)}>
          <img src={product.imageUrl} alt="" width="120" height="120" loading="lazy" />
          <span aria-hidden="true">{isProof(first) ? "=" : "≈"}</span>
          <img src={other} alt="" width="120" height="120" loading="lazy" />
        </div>
      )}
      <figcaption>
        <p class={isProof(first) ? "proof" : "no-proof"}>
          <EvidenceLine of={first} goods={goods} exact={false} />
        </p>
        <details>
          <summary>{text.comparedWith(all.length)}</summary>
          <ul class="plain-list">
            {all.map((m) => (
              <li key={m.comparedWith} class={isProof(m) ? "proof" : "no-proof"}>
                <EvidenceLine of={m} goods={goods} exact />
              </li>
            ))}
          </ul>
        </details>
      </figcaption>
    </figure>
  );
}

export interface PriceProps {
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
  const at = wants(quantity) ? text.pieces(count(quantity, false)) : "";
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

/**
 * totalOf is what the quantity of the question costs, exactly; undefined: no quantity was asked for, or the price is not known to hold
 * at it.
 */
export function totalOf({ price, basis, quantity }: PriceProps): Schemas["Money"] | undefined {
  const holds = basis === "PRICE_BASIS_EXACT_AT_QUANTITY" || basis === "PRICE_BASIS_PROMOTION";
  return price && holds && wants(quantity) ? productOf(price, quantity) : undefined;
}

/** totalText says what the quantity of the question costs, as far as it is known. Empty: no quantity was asked for. */
export function totalText(of: PriceProps): string {
  const text = words.value.strategies;
  const { price, basis, quantity, product } = of;
  if (!wants(quantity)) {
    return "";
  }
  const total = totalOf(of);
  if (total && price) {
    return text.totalOf(yuan(total), yuan(price), piecesText(quantity));
  }
  const least = basis === "PRICE_BASIS_LIST" || basis === "PRICE_BASIS_LOWEST_OF_RANGE";
  return price && least && !belowSmallestOrder(product, quantity)
    ? text.totalFrom(yuan(productOf(price, quantity)))
    : text.totalUnknown;
}

/** wants is whether a quantity was asked for. */
export function wants(quantity: string): boolean {
  return quantity !== "" && quantity !== "0";
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
  // A step for one word, or for products: words are said, ids are counted.
  const parts = of.split(", ");
  const isId = (part: string) => /^\d{6,}$/.test(part);
  const ids = parts.filter(isId).length;
  const rest = parts.filter((part) => !isId(part)).map((part) => (part === callersImage ? text.ofYours : part));
  return known + aside(listed(ids > 0 ? [...rest, text.ofGoods(ids)] : rest));
}
