// Competitors: goods that look like the photo, the words that buyers use, and the market.
import type { Schemas } from "../api/client";
import { addressOf } from "../state/route";
import { Card } from "../ui/card";
import { Scroll, Section } from "../ui/facts";
import { Save } from "../ui/save";
import { count, percent, yuan } from "../words/format";
import { listed } from "../words/marks";
import { words } from "../words/words";
import { evidenceText, priceText, Spent, Warnings } from "./evidence";
import { alikeTable, bandTable, cheapestTable, shareTable, wordTable } from "./tables";

export function Competitors({ answer, at }: { answer: Schemas["AnalyzeCompetitorsResponse"]; at: number }) {
  const text = words.value.strategies;
  return (
    <>
      <Spent meta={answer.meta} at={at} />
      <Warnings failures={answer.partialFailures} />
      <Section title={text.competitorsFound(answer.competitors.length)}>
        <Alike all={answer.competitors} name="competitors" />
      </Section>
      <Section title={text.searchedWords}>
        <Words all={answer.words} />
        {answer.synonyms.length > 0 && <p>{text.alsoCalled(listed(answer.synonyms))}</p>}
      </Section>
      {answer.market && <Market market={answer.market} />}
    </>
  );
}

/** Alike shows goods with their likeness to what they were found by. */
export function Alike({ all, name }: { all: Schemas["AlikeProduct"][]; name: string }) {
  return (
    <>
      {all.length > 0 && (
        <p class="actions">
          <Save table={() => alikeTable(all, name)} />
        </p>
      )}
      <div class="cards">
        {all.map(
          ({ product, likeness }) =>
            product && (
              <Card key={product.id} product={product}>
                {likeness && <p class="facts">{evidenceText(likeness)}</p>}
              </Card>
            ),
        )}
      </div>
    </>
  );
}

function Words({ all }: { all: Schemas["DistinctiveWord"][] }) {
  const text = words.value.strategies;
  return (
    <Scroll label={text.searchedWords}>
      <p class="actions">
        <Save table={() => wordTable(all)} />
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">{text.word}</th>
            <th scope="col" class="number">
              {text.titles}
            </th>
            <th scope="col" class="number">
              {text.share}
            </th>
            <th scope="col">{text.searched}</th>
            <th scope="col">{text.why}</th>
          </tr>
        </thead>
        <tbody>
          {all.map((w) => (
            <tr key={w.word}>
              <th scope="row">
                <a href={addressOf(["search"], { keyword: w.word })} lang="zh">
                  {w.word}
                </a>
              </th>
              <td class="number">{w.titles}</td>
              <td class="number">{percent(w.share)}</td>
              <td>{w.searched ? words.value.detail.yes : words.value.detail.no}</td>
              <td>{w.why}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Market({ market }: { market: Schemas["CompetitorMarket"] }) {
  const text = words.value.strategies;
  const facts = [
    text.marketGoods(market.products),
    market.unpriced > 0 && `${text.unpriced(market.unpriced)}${text.unpricedReasons.UNPRICED_REASON_ABSENT}`,
    market.unknownSales > 0 && text.unknownSales(market.unknownSales),
    market.topTenthSalesShare !== undefined && text.topTenth(percent(market.topTenthSalesShare)),
    ...market.leftOut.map((l) => (text.leftOut[l.reason] ?? text.leftOutOther)(l.count)),
  ];
  return (
    <Section title={text.market}>
      <p class="summary">{facts.filter(Boolean).join(" · ")}</p>
      <div class="columns">
        <Shares title={text.suppliers(market.unknownSuppliers)} all={market.suppliers} name="suppliers" />
        <Shares title={text.locations(market.unknownLocations)} all={market.locations} name="locations" />
        <Bands all={market.priceBands} />
        <ByQuantity all={market.cheapest} />
      </div>
    </Section>
  );
}

function Shares({
  title,
  all,
  name,
}: {
  title: string;
  all: Schemas["MarketShare"][];
  name: "suppliers" | "locations";
}) {
  const text = words.value.strategies;
  return (
    <Scroll label={title}>
      <h3>{title}</h3>
      <p class="actions">
        <Save table={() => shareTable(all, name)} />
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">{title.split(/[(（]/)[0]}</th>
            <th scope="col" class="number">
              {text.products}
            </th>
            <th scope="col" class="number">
              {text.share}
            </th>
          </tr>
        </thead>
        <tbody>
          {all.map((s) => (
            <tr key={s.name}>
              <th scope="row">{s.name}</th>
              <td class="number">{s.products}</td>
              <td class="number">{percent(s.share, 1)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Bands({ all }: { all: Schemas["PriceBand"][] }) {
  const text = words.value.strategies;
  return (
    <Scroll label={text.bands}>
      <h3>{text.bands}</h3>
      <p class="actions">
        <Save table={() => bandTable(all)} />
      </p>
      <table>
        <thead>
          <tr>
            {[text.from, text.to, text.products, text.gap].map((title) => (
              <th key={title} scope="col" class="number">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {all.map((b, i) => (
            <tr key={i}>
              <td class="number">{b.low && yuan(b.low)}</td>
              <td class="number">{b.high && yuan(b.high)}</td>
              <td class="number">{b.products}</td>
              <td class="number">{b.gapAbove ? yuan(b.gapAbove) : "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function ByQuantity({ all }: { all: Schemas["CheapestAtQuantity"][] }) {
  const text = words.value.strategies;
  return (
    <Scroll label={text.cheapestBy}>
      <h3>{text.cheapestBy}</h3>
      <p class="actions">
        <Save table={() => cheapestTable(all)} />
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col" class="number">
              {text.from}
            </th>
            <th scope="col">{text.price}</th>
            <th scope="col">{text.offer}</th>
          </tr>
        </thead>
        <tbody>
          {all.map((c) => (
            <tr key={c.quantity}>
              <th scope="row" class="number">
                {text.pieces(count(c.quantity, false))}
              </th>
              <td>{priceText({ price: c.price, basis: c.priceBasis, quantity: c.quantity, product: c.product })}</td>
              <td>
                {c.product && (
                  <a href={addressOf(["product", c.product.id])}>{c.product.titleTranslated || c.product.title}</a>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
