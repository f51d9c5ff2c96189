// Expand: what else could be sold.
import type { Schemas } from "../api/client";
import { addressOf } from "../state/route";
import { translated } from "../state/session";
import { Section } from "../ui/facts";
import { ProductList } from "../ui/list";
import { Save } from "../ui/save";
import { yuan } from "../words/format";
import { words } from "../words/words";
import { Alike } from "./competitors";
import { Spent, Warnings } from "./evidence";
import { clusterTable } from "./tables";

export function Expand({ answer, at }: { answer: Schemas["ExpandSelectionResponse"]; at: number }) {
  const text = words.value.strategies;
  const titles = new Map(answer.winners.map((w) => [w.id, translated(w.title, w.titleTranslated)]));
  return (
    <>
      <Spent meta={answer.meta} at={at} />
      <Warnings failures={answer.partialFailures} />
      {answer.relatedKeywords.length > 0 && (
        <p>
          {text.alsoSearched}:{" "}
          {answer.relatedKeywords.map((word) => (
            <a key={word} class="tag" lang="zh" href={addressOf(["strategy", "expand"], { keyword: word })}>
              {word}
            </a>
          ))}
        </p>
      )}
      <Section title={text.winners}>
        <ProductList products={answer.winners} name="winners" />
      </Section>
      {answer.clusters.length > 0 && (
        <p class="actions">
          <Save table={() => clusterTable(answer)} />
        </p>
      )}
      {answer.clusters.length === 0 && <p>{text.noClusters}</p>}
      {answer.clusters.map((c) => (
        <Section key={c.winnerId} title={text.cluster(titles.get(c.winnerId) ?? c.winnerId)}>
          <p class="summary">
            {c.priceLow && c.priceHigh
              ? `${yuan(c.priceLow)} – ${yuan(c.priceHigh)}`
              : words.value.product.priceUnknown}
            {" · "}
            {text.clusterFacts(c.suppliers, c.unknownSuppliers)}
          </p>
          <Alike all={c.products} name={`like-${c.winnerId}`} />
        </Section>
      ))}
    </>
  );
}
