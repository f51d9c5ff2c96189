// One product as a card.
import type { ComponentChildren } from "preact";
import type { Product } from "../api/client";
import { addressOf } from "../state/route";
import { language } from "../state/session";
import { WatchLink } from "../watches/link";
import { count, day, percent, yuan } from "../words/format";
import { words } from "../words/words";
import { GoodsPicture } from "./goodspicture";

interface Props {
  product: Product;
  likeness?: number;
  /** What it costs for a question about a quantity, said in place of the price of the list. */
  price?: ComponentChildren;
  /** What else is to be said of it. */
  children?: ComponentChildren;
}

export function Card({ product, likeness, price, children }: Props) {
  const text = words.value.product;
  const title = (language.value === "en" && product.titleTranslated) || product.title;
  return (
    <article class="card">
      <GoodsPicture url={product.imageUrl} size={240} />
      <h2 title={title}>
        <a href={addressOf(["product", product.id])}>{title}</a>
        {title !== product.title && <small lang="zh">{product.title}</small>}
      </h2>
      {price ? <p class="price">{price}</p> : <Price product={product} />}
      <p class="facts">
        {[
          product.minimumOrder && text.moq(count(product.minimumOrder, false)),
          product.soldCount && text.sold(count(product.soldCount, product.soldAtLeast), product.soldDays),
          product.repurchaseRate !== undefined && text.repurchase(percent(product.repurchaseRate)),
          likeness !== undefined && text.likeness(percent(likeness)),
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
      <p class="facts">
        {[product.supplier?.name ?? text.supplierInDetails, product.supplier?.location].filter(Boolean).join(" · ")}
      </p>
      <ul class="badges">
        {product.supplier?.kinds.map((kind) => (
          <li key={kind}>{words.value.kinds[kind] ?? kind}</li>
        ))}
        {product.badges.map((badge) => (
          <li key={badge}>{words.value.badges[badge] ?? badge}</li>
        ))}
      </ul>
      {children}
      <p class="links">
        <WatchLink
          query={{ product: product.id, name: title.slice(0, 100) }}
          text={words.value.detail.watch}
          label={words.value.detail.watchOf(title)}
        />
        {product.detailUrl && (
          <a href={product.detailUrl} target="_blank" rel="noreferrer" aria-label={`${text.on1688}: ${title}`}>
            {text.on1688}
          </a>
        )}
      </p>
    </article>
  );
}

/** Price says the price and what it is. A price that is not known is never shown as a number. */
function Price({ product }: { product: Product }) {
  const text = words.value.product;
  if (!product.price) {
    return <p class="price">{product.priceText || text.priceUnknown}</p>;
  }
  const list = yuan(product.price);
  return (
    <p class="price">
      {product.priceMax ? `${list} – ${yuan(product.priceMax)}` : list}
      {product.promotionPrice && (
        <small>
          {yuan(product.promotionPrice)}{" "}
          {product.promotionEndTime ? text.promotionUntil(day(product.promotionEndTime)) : text.promotion}
        </small>
      )}
    </p>
  );
}
