// Compare prices: what the same and similar goods cost, and which offer is the cheapest for a quantity.
import { useEffect, useState } from "preact/hooks";
import type { Schemas } from "../api/client";
import { addressOf, go } from "../state/route";
import { Card } from "../ui/card";
import { Scroll, Section } from "../ui/facts";
import { Save } from "../ui/save";
import { productColumns, type Table, tableOf } from "../ui/table";
import { count, less, yuan } from "../words/format";
import { colon } from "../words/marks";
import { words } from "../words/words";
import {
  evidenceText,
  type PriceProps,
  piecesText,
  priceText,
  Spent,
  totalOf,
  totalText,
  Warnings,
  wants,
} from "./evidence";
import { Histogram } from "./histogram";
import { freightText, landedColumns, landedLine, landedText } from "./landed";
import type { Question } from "./question";

type Comparison = Schemas["PriceComparison"];
type Offer = Schemas["PricedOffer"];

export function Compare({
  answer,
  question,
  at,
}: {
  answer: Schemas["ComparePricesResponse"];
  question: Question;
  at: number;
}) {
  const text = words.value.strategies;
  const parts = [
    { name: "same", title: text.same, hint: text.sameHint, prices: answer.same },
    { name: "similar", title: text.similar, hint: text.similarHint, prices: answer.similar },
  ];
  return (
    <>
      <Spent meta={answer.meta} at={at} />
      <Warnings failures={answer.partialFailures} />
      <Quantity question={question} />
      {parts.map(
        ({ name, title, hint, prices }) =>
          prices && (
            <Section key={name} title={title}>
              {name === "same" && prices.priced === 0 && prices.unpriced.length === 0 ? (
                <p class="warning">{text.noneSame}</p>
              ) : (
                <>
                  <p class="hint">{hint}</p>
                  <Prices prices={prices} question={question} name={name} />
                </>
              )}
            </Section>
          ),
      )}
    </>
  );
}

const quantities = ["1", "2", "5", "10", "20", "50", "100", "200", "500", "1000", "2000", "5000", "10000"];

/** Quantity asks again for another quantity when the slider is let go. */
function Quantity({ question }: { question: Question }) {
  const text = words.value.strategies;
  const [moved, setMoved] = useState<number>();
  useEffect(() => setMoved(undefined), [question.quantity]);
  const asked = quantities.findIndex((q) => Number(q) >= Number(question.quantity || "1"));
  const place = moved ?? (asked < 0 ? quantities.length - 1 : asked);
  const shown = moved === undefined ? question.quantity : (quantities[moved] ?? "");
  const said = shown ? text.pieces(count(shown, false)) : text.noQuantity;
  return (
    <label class="slider">
      {text.quantity + colon()}
      <output>{said}</output>
      <input
        type="range"
        min="0"
        max={quantities.length - 1}
        value={place}
        aria-valuetext={said}
        onInput={(e) => setMoved(Number(e.currentTarget.value))}
        onChange={(e) =>
          go(["strategy", "compare"], { ...question, quantity: quantities[Number(e.currentTarget.value)] })
        }
      />
    </label>
  );
}

function Prices({ prices, question, name }: { prices: Comparison; question: Question; name: string }) {
  const text = words.value.strategies;
  const cheapest = prices.cheapest;
  const s = prices.statistics;
  const numbers = [
    { title: text.min, value: s?.min },
    { title: text.q1, value: s?.q1 },
    { title: text.median, value: s?.median },
    { title: text.q3, value: s?.q3 },
    { title: text.max, value: s?.max },
  ];
  return (
    <>
      <h3>{text.cheapest}</h3>
      {cheapest?.product ? (
        <div class="cheapest-offer">
          <Card product={cheapest.product} price={offerPrice(cheapest, question)} />
          <div>
            {wants(question.quantity) && (
              <p class="total">
                {text.total + colon()}
                <Total text={offerTotal(cheapest, question)} />
              </p>
            )}
            {cheapest.landed && <p class="total">{landedLine(cheapest.landed)}</p>}
            {cheapest.likeness && <p class="facts">{evidenceText(cheapest.likeness)}</p>}
            <p>
              {prices.cheapestExact
                ? text.proven(piecesText(question.quantity))
                : [text.inexact[prices.inexactReason], prices.openOffers > 0 && text.open(prices.openOffers)]
                    .filter(Boolean)
                    .join(" ")}
            </p>
          </div>
        </div>
      ) : (
        <p>{text.noCheapest}</p>
      )}
      {s && (
        <dl class="numbers">
          {numbers.map(({ title, value }) => (
            <div key={title}>
              <dt>{title}</dt>
              <dd>{value ? yuan(value) : words.value.detail.unknown}</dd>
            </div>
          ))}
        </dl>
      )}
      {s?.min && cheapest?.price && less(s.min, cheapest.price) && <p class="hint">{text.minBelow}</p>}
      <Histogram prices={prices} />
      <p class="summary">
        {prices.typicalLow && prices.typicalHigh && text.typical(yuan(prices.typicalLow), yuan(prices.typicalHigh))}
        {prices.landedStatistics?.median && ` · ${words.value.freight.median(yuan(prices.landedStatistics.median))}`}
        {prices.outliers.length > 0 && ` · ${text.outliers(prices.outliers.length)}`}
        {prices.unpriced.map((u) => ` · ${text.unpriced(u.count)}${text.unpricedReasons[u.reason] ?? u.reason}`)}
      </p>
      <Offers offers={prices.offers} question={question} name={name} />
    </>
  );
}

function pricing(offer: Offer, { quantity }: Question): PriceProps {
  return { price: offer.price, basis: offer.priceBasis, quantity, product: offer.product };
}

function offerPrice(offer: Offer, question: Question): string {
  return priceText(pricing(offer, question));
}

function offerTotal(offer: Offer, question: Question): string {
  return totalText(pricing(offer, question));
}

/** Total stresses the sum, and not how it is reckoned. */
function Total({ text }: { text: string }) {
  const [sum, how] = text.split(" = ", 2);
  return (
    <>
      <b>{sum}</b>
      {how && ` = ${how}`}
    </>
  );
}

function notesOf(offer: Offer): string {
  const text = words.value.strategies;
  return offer.incomparable.map((reason) => text.incomparable[reason] ?? reason).join("; ");
}

function Offers({ offers, question, name }: { offers: Offer[]; question: Question; name: string }) {
  const text = words.value.strategies;
  const landed = offers.some((o) => o.landed);
  return (
    <details>
      <summary>{text.allOffers(offers.length)}</summary>
      <p class="actions">
        <Save table={() => tableOfOffers(offers, question, `prices-${name}`)} />
      </p>
      <Scroll label={`${name === "same" ? text.same : text.similar}: ${text.allOffers(offers.length)}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">{text.offer}</th>
              <th scope="col">{text.price}</th>
              {wants(question.quantity) && <th scope="col">{text.total}</th>}
              {landed && <th scope="col">{words.value.freight.freight}</th>}
              {landed && <th scope="col">{words.value.freight.total}</th>}
              <th scope="col">{words.value.csv.supplier}</th>
              <th scope="col">{text.note}</th>
            </tr>
          </thead>
          <tbody>
            {offers.map((o) => (
              <tr key={o.product?.id}>
                <th scope="row">
                  {o.product?.imageUrl && <img src={o.product.imageUrl} alt="" width="48" height="48" loading="lazy" />}
                  <a href={addressOf(["product", o.product?.id ?? ""])}>
                    {o.product?.titleTranslated || o.product?.title}
                  </a>
                </th>
                <td>{offerPrice(o, question)}</td>
                {wants(question.quantity) && <td>{offerTotal(o, question)}</td>}
                {landed && <td>{o.landed && freightText(o.landed)}</td>}
                {landed && <td>{o.landed && landedText(o.landed)}</td>}
                <td>{o.product?.supplier?.name ?? words.value.product.inDetails}</td>
                <td>{[o.likeness && evidenceText(o.likeness), notesOf(o)].filter(Boolean).join("; ")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </details>
  );
}

function tableOfOffers(offers: Offer[], question: Question, name: string): Table {
  const text = words.value.csv;
  return tableOf(
    name,
    [
      { kind: "amount", title: text.unitPrice, of: (o) => o.price },
      { kind: "text", title: text.basis, of: (o) => offerPrice(o, question) },
      { kind: "amount", title: text.total, of: (o) => totalOf(pricing(o, question)) },
      ...landedColumns<Offer>((o) => o.landed),
      { kind: "text", title: text.evidence, of: (o) => o.likeness && evidenceText(o.likeness) },
      { kind: "text", title: words.value.strategies.note, of: notesOf },
      ...productColumns<Offer>((o) => o.product),
    ],
    offers,
  );
}
