// What is known of a product, its supplier, its service and its invoices.
import type { Schemas } from "../api/client";
import { translated } from "../state/session";
import { type Fact, Facts, Section, Unknown } from "../ui/facts";
import { count, day, percent, yuan } from "../words/format";
import { colon, listed } from "../words/marks";
import { words } from "../words/words";
import { unitOf } from "./prices";

type Detail = Schemas["ProductDetail"];

/** soldText leaves out what the name of the fact says. */
function soldText(sold: string, days: number | undefined): string {
  return days ? words.value.product.sold(sold, days) : sold;
}

export function TradeFacts({ product }: { product: Detail }) {
  const text = words.value.detail;
  const unit = unitOf(product);
  const summary = product.summary;
  const quantity = (n: string | undefined) => (n === undefined ? undefined : `${count(n, false)} ${unit(n)}`);
  const sold = summary?.soldCount;
  const week = summary?.weeklySoldCount;
  const facts: Fact[] = [
    { name: text.moq, value: quantity(summary?.minimumOrder) },
    { name: text.stock, value: quantity(product.stock) },
    { name: text.sold, value: sold && soldText(count(sold, summary.soldAtLeast), summary.soldDays) },
    { name: text.soldInWeek, value: week && count(week, summary?.weeklySoldAtLeast ?? false) },
    { name: text.repurchase, value: share(summary?.repurchaseRate) },
    { name: text.shipsFrom, value: product.shipsFrom },
    { name: text.shipping },
    { name: text.weight, value: product.weightGrams && text.grams(count(product.weightGrams, false)) },
    { name: text.size, value: sizeOf(product.size) },
    { name: text.mixedOrder, value: mixedOrder(product, unit) },
    { name: text.category, value: product.categoryName },
    { name: text.cargoNumber, value: product.cargoNumber },
    { name: text.listed, value: summary?.createTime && day(summary.createTime) },
    ...(product.batchSize ? [{ name: text.batchSize, value: quantity(product.batchSize) }] : []),
  ];
  return (
    <Section title={text.facts}>
      <Facts facts={facts} />
    </Section>
  );
}

function share(rate: number | undefined): string | undefined {
  return rate === undefined ? undefined : percent(rate, 1);
}

function sizeOf(size: Schemas["ProductDimensions"] | undefined): string | undefined {
  const sides = [size?.lengthMm, size?.widthMm, size?.heightMm];
  return sides.every((side) => side !== undefined) ? `${sides.join(" × ")} mm` : undefined;
}

function mixedOrder(product: Detail, unit: (n: string) => string): string | undefined {
  const text = words.value.detail;
  const rule = product.mixedOrder;
  if (!rule) {
    return undefined;
  }
  if (rule.accepted === false) {
    return text.mixedNo;
  }
  const parts = [
    rule.minimumAmount && yuan(rule.minimumAmount),
    rule.minimumQuantity && `${count(rule.minimumQuantity, false)} ${unit(rule.minimumQuantity)}`,
  ].filter(Boolean);
  return parts.length > 0 ? text.mixedFrom(parts.join(text.or)) : text.mixedYes;
}

export function SupplierSheet({ supplier }: { supplier: Schemas["Supplier"] | undefined }) {
  const text = words.value.detail;
  const score = (name: keyof typeof text.scores): Fact => {
    const value = supplier?.scores?.[name];
    return { name: text.scores[name], value: value === undefined ? undefined : value.toFixed(1) };
  };
  const kinds = supplier && listed(supplier.kinds.map((kind) => words.value.kinds[kind] ?? kind));
  return (
    <Section title={text.supplier}>
      <Facts
        facts={[
          { name: text.company, value: supplier?.name },
          { name: text.location, value: supplier?.location },
          { name: text.kinds, value: kinds },
          { name: text.trustPass, value: supplier?.trustPassYears && text.years(supplier.trustPassYears) },
          { name: text.medal, value: supplier?.tradeMedalLevel && text.level(supplier.tradeMedalLevel) },
          { name: text.repurchase, value: share(supplier?.repurchaseRate) },
          ...(Object.keys(text.scores) as (keyof typeof text.scores)[]).map(score),
        ]}
      />
    </Section>
  );
}

export function Service({ title, rates }: { title: string; rates: Schemas["ServiceRates"] | undefined }) {
  const names = words.value.detail.rates;
  return (
    <Section title={title}>
      {rates ? (
        <Facts
          facts={(Object.keys(names) as (keyof typeof names)[]).map((name) => ({
            name: names[name],
            value: share(rates[name]),
          }))}
        />
      ) : (
        <p>
          <Unknown />
        </p>
      )}
    </Section>
  );
}

export function Invoice({ terms }: { terms: Schemas["InvoiceTerms"] | undefined }) {
  const text = words.value.detail;
  const yesNo = (value: boolean | undefined) => (value === undefined ? undefined : value ? text.yes : text.no);
  return (
    <Section title={text.invoice}>
      {terms ? (
        <Facts
          facts={[
            { name: text.invoiceTypes, value: listed(terms.types) },
            { name: text.taxpayer, value: terms.taxpayerType },
            { name: text.invoiceOnline, value: yesNo(terms.online) },
            { name: text.invoiceFast, value: yesNo(terms.fast) },
          ]}
        />
      ) : (
        <p>
          <Unknown />
        </p>
      )}
    </Section>
  );
}

export function Attributes({ product }: { product: Detail }) {
  const text = words.value.detail;
  // A property with several values comes once for each.
  const values = new Map<string, string[]>();
  for (const a of product.attributes) {
    const name = translated(a.name, a.nameTranslated);
    values.set(name, [...(values.get(name) ?? []), translated(a.value, a.valueTranslated)]);
  }
  return (
    <Section title={text.attributes}>
      {values.size > 0 ? (
        <Facts facts={[...values].map(([name, all]) => ({ name, value: listed(all) }))} />
      ) : (
        <p>
          <Unknown />
        </p>
      )}
      {product.sellingPoints.length > 0 && (
        <p>
          {text.sellingPoints + colon()}
          <span lang="zh">{product.sellingPoints.join("；")}</span>
        </p>
      )}
    </Section>
  );
}

export function Certificates({ all }: { all: Schemas["ProductCertificate"][] }) {
  if (all.length === 0) {
    return null;
  }
  return (
    <Section title={words.value.detail.certificates}>
      <ul>
        {all.map((c) => (
          <li key={`${c.name} ${c.code}`}>
            {c.name} {c.code}
          </li>
        ))}
      </ul>
    </Section>
  );
}
