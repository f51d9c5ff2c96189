// What a product costs, and for which quantity each price holds.
import type { Schemas } from "../api/client";
import { translated } from "../state/session";
import { Scroll, Section, Unknown } from "../ui/facts";
import { Save } from "../ui/save";
import { type Table, tableOf } from "../ui/table";
import { count, day, plural, yuan } from "../words/format";
import { aside, colon } from "../words/marks";
import { words } from "../words/words";

type Detail = Schemas["ProductDetail"];

/** unitOf is what a product is counted in, for a number of it. */
export function unitOf(product: Detail): (n: string) => string {
  const one = translated(product.unit ?? "", product.unitTranslated);
  return (n) => (one === "" ? words.value.detail.piece : n === "1" ? one : plural(one));
}

export function Prices({ product }: { product: Detail }) {
  const text = words.value.detail;
  return (
    <Section title={text.prices}>
      {product.priceTiers.length > 0 ? <Tiers product={product} /> : <ListPrice product={product} />}
      <OtherPrices summary={product.summary} />
    </Section>
  );
}

function Tiers({ product }: { product: Detail }) {
  const text = words.value.detail;
  const unit = unitOf(product);
  const promoted = product.priceTiers.some((t) => t.promotionPrice);
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{text.quantity}</th>
          <th scope="col" class="number">
            {text.unitPrice}
          </th>
          {promoted && (
            <th scope="col" class="number">
              {promotionName(product.summary)}
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {product.priceTiers.map((tier, i) => (
          <tr key={tier.minQuantity}>
            <th scope="row">{quantities(tier.minQuantity, product.priceTiers[i + 1]?.minQuantity, unit)}</th>
            <td class="number strong">{tier.price ? yuan(tier.price) : text.negotiable}</td>
            {promoted && <td class="number">{tier.promotionPrice ? yuan(tier.promotionPrice) : "–"}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function quantities(low: string, next: string | undefined, unit: (n: string) => string): string {
  const text = words.value.detail;
  if (next === undefined) {
    return text.fromQuantity(count(low, false), unit(low));
  }
  const high = BigInt(next) - 1n;
  return text.betweenQuantities(count(low, false), count(String(high), false), unit(String(high)));
}

function promotionName(summary: Schemas["Product"] | undefined): string {
  const end = summary?.promotionEndTime;
  return end ? words.value.product.promotionUntil(day(end)) : words.value.detail.promotion;
}

function ListPrice({ product }: { product: Detail }) {
  const text = words.value.detail;
  const summary = product.summary;
  if (!summary?.price) {
    return <p class="price">{summary?.priceText || words.value.product.priceUnknown}</p>;
  }
  const range = summary.priceMax !== undefined;
  return (
    <>
      <p class="price">
        {range && summary.priceMax ? `${yuan(summary.price)} – ${yuan(summary.priceMax)}` : yuan(summary.price)}
        <small>{text.listPrice}</small>
      </p>
      <p class="hint">
        {range ? text.rangeHint : text.listPriceHint} {text.noTiers}
      </p>
    </>
  );
}

function OtherPrices({ summary }: { summary: Schemas["Product"] | undefined }) {
  const text = words.value.detail;
  const all = [
    ...(summary?.promotionPrice ? [{ name: promotionName(summary), price: summary.promotionPrice }] : []),
    ...(summary?.dropshippingPrice
      ? [{ name: text.priceKinds.PRICE_KIND_DROPSHIPPING, price: summary.dropshippingPrice }]
      : []),
    ...(summary?.otherPrices ?? []).map((p) => ({
      name: text.priceKinds[p.kind] ?? p.kindText ?? p.kind,
      price: p.price,
    })),
  ];
  return (
    <ul class="plain-list">
      {all.map(({ name, price }) => (
        <li key={name}>
          {name + colon()}
          {price ? yuan(price) : <Unknown />}
        </li>
      ))}
    </ul>
  );
}

export function Skus({ product }: { product: Detail }) {
  const text = words.value.detail;
  if (product.skus.length === 0) {
    return (
      <Section title={text.skus}>
        <p>
          <Unknown />
        </p>
      </Section>
    );
  }
  const tiered = product.priceTiers.length > 0;
  const promoted = product.skus.some((s) => s.promotionPrice);
  const single = product.skus.some((s) => s.dropshippingPrice);
  return (
    <Section title={text.skus + aside(product.skus.length)}>
      <p class="actions">
        <Save table={() => tableOfSkus(product)} />
      </p>
      <Scroll label={text.skus}>
        <table>
          <thead>
            <tr>
              <th scope="col">{text.sku}</th>
              <th scope="col" class="number">
                {text.unitPrice}
              </th>
              {promoted && (
                <th scope="col" class="number">
                  {text.promotion}
                </th>
              )}
              {single && (
                <th scope="col" class="number">
                  {text.priceKinds.PRICE_KIND_DROPSHIPPING}
                </th>
              )}
              <th scope="col" class="number">
                {text.stock}
              </th>
              <th scope="col" class="number">
                {text.weight}
              </th>
              <th scope="col">{text.cargoNumber}</th>
            </tr>
          </thead>
          <tbody>
            {product.skus.map((sku) => (
              <tr key={sku.id}>
                <th scope="row">
                  {sku.imageUrl && <img src={sku.imageUrl} alt="" width="36" height="36" loading="lazy" />}
                  {skuName(sku)}
                </th>
                <td class="number strong">{sku.price ? yuan(sku.price) : tiered ? text.byQuantity : <Unknown />}</td>
                {promoted && <td class="number">{sku.promotionPrice ? yuan(sku.promotionPrice) : "–"}</td>}
                {single && <td class="number">{sku.dropshippingPrice ? yuan(sku.dropshippingPrice) : "–"}</td>}
                <td class="number">{sku.stock === undefined ? <Unknown /> : count(sku.stock, false)}</td>
                <td class="number">
                  {sku.weightGrams === undefined ? <Unknown /> : text.grams(count(sku.weightGrams, false))}
                </td>
                <td>{sku.cargoNumber || <Unknown />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Section>
  );
}

function tableOfSkus(product: Detail): Table {
  const text = words.value.detail;
  const csv = words.value.csv;
  return tableOf(
    `skus-${product.summary?.id}`,
    [
      { kind: "text", title: csv.id, of: (s) => s.id },
      { kind: "text", title: text.sku, of: skuName },
      { kind: "amount", title: csv.price, of: (s) => s.price },
      { kind: "amount", title: csv.promotion, of: (s) => s.promotionPrice },
      { kind: "amount", title: text.priceKinds.PRICE_KIND_DROPSHIPPING ?? "", of: (s) => s.dropshippingPrice },
      { kind: "count", title: text.stock, of: (s) => s.stock },
      { kind: "count", title: csv.grams, of: (s) => s.weightGrams },
      { kind: "text", title: text.cargoNumber, of: (s) => s.cargoNumber },
      { kind: "link", title: csv.image, of: (s) => s.imageUrl },
    ],
    product.skus,
  );
}

function skuName(sku: Schemas["ProductSku"]): string {
  return sku.attributes.map((a) => translated(a.value, a.valueTranslated)).join(" / ") || sku.id;
}
