// Find source: groups of offers with the same photo, and the evidence for each.
import type { Schemas } from "../api/client";
import { addressOf } from "../state/route";
import { Card } from "../ui/card";
import { Section } from "../ui/facts";
import { Save } from "../ui/save";
import { productColumns, type Table, tableOf } from "../ui/table";
import { percent, yuan } from "../words/format";
import { aside, colon } from "../words/marks";
import { words } from "../words/words";
import {
  callersImage,
  Evidence,
  evidenceText,
  type Goods,
  goodsOf,
  hasCallersPhoto,
  kindText,
  piecesText,
  priceText,
  Spent,
  stepText,
  totalOf,
  totalText,
  Warnings,
  wants,
} from "./evidence";
import { landedColumns, landedLine } from "./landed";
import type { Question } from "./question";

type Found = Schemas["FindSourceResponse"];
type Offer = Schemas["SourceOffer"];

export function Source({ answer, question, at }: { answer: Found; question: Question; at: number }) {
  const text = words.value.strategies;
  const offers = [...answer.groups.flatMap((g) => g.offers), ...answer.unconfirmed];
  const goods = goodsOf(offers.map((o) => o.product));
  return (
    <>
      <Spent meta={answer.meta} at={at} />
      <Warnings failures={answer.partialFailures} />
      <p class="actions">
        <Save table={() => tableOfGroups(answer, question)} />
      </p>
      {answer.groups.length === 0 && <p>{text.noGroups}</p>}
      {question.image && noneHasIt(answer, offers) && <p class="warning">{text.nonesPhoto}</p>}
      {answer.groups.map((group, i) => (
        <Group
          key={group.offers[0]?.product?.id ?? i}
          group={group}
          title={text.group(i + 1, answer.groups.length)}
          question={question}
          goods={goods}
        />
      ))}
      {answer.unconfirmed.length > 0 && (
        <Section title={text.unconfirmed + aside(answer.unconfirmed.length)}>
          <p class="hint">{text.unconfirmedHint}</p>
          <div class="cards">
            {answer.unconfirmed.map(
              (offer) =>
                offer.product && (
                  <Card key={offer.product.id} product={offer.product}>
                    {offer.likeness && <p class="facts">{evidenceText(offer.likeness, goods)}</p>}
                  </Card>
                ),
            )}
          </div>
        </Section>
      )}
      <Steps offers={offers} />
    </>
  );
}

/** noneHasIt is whether the photo of the question was compared with goods, and none of them has it. */
function noneHasIt(answer: Found, offers: Offer[]): boolean {
  const compared = offers.flatMap((o) => [...o.confirmations, ...(o.likeness ? [o.likeness] : [])]);
  return answer.partialFailures.length === 0 && compared.length > 0 && !compared.some(hasCallersPhoto);
}

interface GroupProps {
  group: Schemas["SourceGroup"];
  title: string;
  question: Question;
  goods: Goods;
}

function Group({ group, title, question, goods }: GroupProps) {
  const text = words.value.strategies;
  return (
    <Section title={title}>
      <p class="summary">
        {[
          text.offers(group.offers.length),
          group.medianPrice && text.medianOf(yuan(group.medianPrice)),
          group.medianLandedTotal && words.value.freight.median(yuan(group.medianLandedTotal)),
        ]
          .filter(Boolean)
          .join(" · ")}
        {" · "}
        {group.cheapestExact && question.quantity
          ? text.proven(piecesText(question.quantity))
          : group.openOffers > 0
            ? text.open(group.openOffers)
            : text.inexact.INEXACT_REASON_NO_QUANTITY}
      </p>
      <ol class="offers">
        {group.offers.map((offer) => (
          <OfferRow key={offer.product?.id} offer={offer} question={question} goods={goods} />
        ))}
      </ol>
    </Section>
  );
}

function OfferRow({ offer, question, goods }: { offer: Offer; question: Question; goods: Goods }) {
  const text = words.value.strategies;
  const product = offer.product;
  if (!product) {
    return null;
  }
  const price = { price: offer.unitPrice, basis: offer.priceBasis, quantity: question.quantity, product };
  const supplier = product.supplier;
  return (
    <li class="offer">
      <Evidence product={product} all={offer.confirmations} goods={goods} image={question.image} />
      <div>
        <h3>
          <a href={addressOf(["product", product.id])}>{product.titleTranslated || product.title}</a>
        </h3>
        <p class="price">{priceText(price)}</p>
        {wants(question.quantity) && <p class="facts">{text.total + colon() + totalText(price)}</p>}
        {offer.landed && <p class="facts">{landedLine(offer.landed)}</p>}
        <p class="facts">
          {[
            offer.shippingPerUnit ? text.shipping(yuan(offer.shippingPerUnit)) : !offer.landed && text.shippingUnknown,
            offer.relativePrice && text.ofMedian(percent(offer.relativePrice.ratio)),
            product.minimumOrder && words.value.product.moq(product.minimumOrder),
          ]
            .filter(Boolean)
            .join(" · ")}
        </p>
        <p class="facts">
          {[supplier?.name ?? words.value.product.supplierInDetails, supplier?.location].filter(Boolean).join(" · ")}{" "}
          {supplier?.kinds.map((kind) => (
            <span key={kind} class="tag">
              {words.value.kinds[kind] ?? kind}
            </span>
          ))}
        </p>
        {offer.minimumOrderExceeds && <p class="warning">{text.moqExceeds}</p>}
        {offer.notOnSale && <p class="warning">{text.notOnSale}</p>}
        {text.ranks[offer.beforeNext] && <p class="facts">{text.whyFirst + colon() + text.ranks[offer.beforeNext]}</p>}
      </div>
    </li>
  );
}

/** Steps says which step found how many of the offers. */
function Steps({ offers }: { offers: Offer[] }) {
  const text = words.value.strategies;
  const counts = new Map<string, number>();
  for (const { step, imageOf } of offers.flatMap((o) => o.foundBy)) {
    const name = !imageOf
      ? stepText(step)
      : imageOf === callersImage
        ? stepText(`${step} of ${imageOf}`)
        : kindText(`${step} of `);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return (
    <details>
      <summary>{text.steps}</summary>
      <ul>
        {[...counts].map(([step, n]) => (
          <li key={step}>{step + colon() + text.found(n)}</li>
        ))}
      </ul>
    </details>
  );
}

function tableOfGroups(answer: Found, question: Question): Table {
  const text = words.value;
  const rows = [
    ...answer.groups.flatMap((g, i) => g.offers.map((offer) => ({ group: String(i + 1), offer }))),
    ...answer.unconfirmed.map((offer) => ({ group: text.strategies.unconfirmed, offer })),
  ];
  const price = (o: Offer) => ({
    price: o.unitPrice,
    basis: o.priceBasis,
    quantity: question.quantity,
    product: o.product,
  });
  const goods = goodsOf(rows.map((r) => r.offer.product));
  const evidence = (o: Offer) => (o.confirmations.length > 0 ? o.confirmations : o.likeness ? [o.likeness] : []);
  return tableOf(
    "source",
    [
      { kind: "text", title: text.csv.group, of: (r) => r.group },
      { kind: "amount", title: text.csv.unitPrice, of: (r) => r.offer.unitPrice },
      { kind: "text", title: text.csv.basis, of: (r) => priceText(price(r.offer)) },
      { kind: "amount", title: text.csv.total, of: (r) => totalOf(price(r.offer)) },
      { kind: "amount", title: text.csv.shipping, of: (r) => r.offer.shippingPerUnit },
      ...landedColumns<(typeof rows)[number]>((r) => r.offer.landed),
      {
        kind: "text",
        title: text.csv.evidence,
        of: (r) =>
          evidence(r.offer)
            .map((m) => evidenceText(m, goods))
            .join("; "),
      },
      ...productColumns<(typeof rows)[number]>((r) => r.offer.product),
    ],
    rows,
  );
}
