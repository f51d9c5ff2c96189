// The view of one product: all that is known of it.
import { useState } from "preact/hooks";
import { api, type Schemas } from "../api/client";
import { unwrap } from "../api/problem";
import { addressOf } from "../state/route";
import { offersAny } from "../state/server";
import { answerLanguage, translated } from "../state/session";
import { useAnswer } from "../ui/answer";
import { Section } from "../ui/facts";
import { ProductList } from "../ui/list";
import { Origin } from "../ui/origin";
import { ProblemBox } from "../ui/problem";
import { WatchLink } from "../watches/link";
import { words } from "../words/words";
import { Attributes, Certificates, Invoice, Service, SupplierSheet, TradeFacts } from "./facts";
import { Gallery } from "./gallery";
import { Prices, Skus } from "./prices";
import "./product.css";

export function ProductView({ id }: { id: string }) {
  const languageCode = answerLanguage.value;
  const asked = useAnswer(`${id} ${languageCode}`, async (signal) =>
    unwrap(await api.GET("/v1/products/{id}", { params: { path: { id }, query: { languageCode } }, signal })),
  );
  const product = asked.answer?.product;
  return (
    <>
      <p role="status" class="visually-hidden">
        {asked.busy && words.value.loading}
      </p>
      {!product && <h1>{id}</h1>}
      {asked.busy && !product && <p class="hint">{words.value.loading}</p>}
      {asked.problem && <ProblemBox problem={asked.problem} retry={asked.again} />}
      {product?.summary && (
        <Sheet product={product} summary={product.summary}>
          {asked.answer?.meta && <Origin meta={asked.answer.meta} now={asked.at} />}
        </Sheet>
      )}
    </>
  );
}

interface SheetProps {
  product: Schemas["ProductDetail"];
  summary: Schemas["Product"];
  children: preact.ComponentChildren;
}

function Sheet({ product, summary, children }: SheetProps) {
  const text = words.value.detail;
  const title = translated(summary.title, summary.titleTranslated);
  const supplier = summary.supplier;
  return (
    <article class="product">
      <h1>
        {title}
        {title !== summary.title && <small lang="zh">{summary.title}</small>}
      </h1>
      <p class="summary">
        {summary.id} · {children}
      </p>
      {product.status === "PRODUCT_STATUS_OFF_SALE" && <p class="warning">{text.offSale}</p>}
      {product.status === "PRODUCT_STATUS_UNSPECIFIED" && <p class="hint">{text.statusUnknown}</p>}
      <div class="columns">
        <Gallery key={summary.id} product={product} title={title} />
        <div>
          <Prices product={product} />
          <p class="actions">
            <WatchLink button query={{ product: summary.id, name: title.slice(0, 100) }} text={text.watch} />
            {summary.imageUrl && (
              <a class="button" href={addressOf(["strategy", "source"], { image: summary.imageUrl })}>
                {text.findSource}
              </a>
            )}
            {summary.detailUrl && (
              <a class="button" href={summary.detailUrl} target="_blank" rel="noreferrer">
                {words.value.product.on1688}
              </a>
            )}
          </p>
          <TradeFacts product={product} />
        </div>
      </div>
      <Skus product={product} />
      <SupplierSheet supplier={supplier} />
      <Service title={text.service} rates={summary.serviceRates} />
      <Service title={text.supplierService} rates={supplier?.serviceRates} />
      <Invoice terms={summary.invoiceTerms} />
      <Attributes product={product} />
      <Certificates all={product.certificates} />
      <Others id={summary.id} sellerId={supplier?.id} />
    </article>
  );
}

/** Others are further products. They cost calls, so they are asked for only when somebody wants to see them. */
function Others({ id, sellerId }: { id: string; sellerId: string | undefined }) {
  const text = words.value.detail;
  return (
    <>
      {offersAny("ProductService/ListSellerProducts") && (
        <Section title={text.sellerProducts}>
          {sellerId ? <Later what={{ sellerId }} /> : <p class="hint">{text.sellerNotOffered}</p>}
        </Section>
      )}
      {offersAny("ProductService/ListRelatedProducts") && (
        <Section title={text.related}>
          <Later what={{ id }} />
        </Section>
      )}
    </>
  );
}

type Wanted = { sellerId: string } | { id: string };

function Later({ what }: { what: Wanted }) {
  const [wanted, setWanted] = useState(false);
  const languageCode = answerLanguage.value;
  const asked = useAnswer(wanted ? `${JSON.stringify(what)} ${languageCode}` : "", async (signal) =>
    "sellerId" in what
      ? unwrap(
          await api.GET("/v1/sellers/{sellerId}/products", { params: { path: what, query: { languageCode } }, signal }),
        )
      : unwrap(await api.GET("/v1/products/{id}/related", { params: { path: what, query: { languageCode } }, signal })),
  );
  if (!wanted) {
    return (
      <button type="button" onClick={() => setWanted(true)}>
        {words.value.detail.more}
      </button>
    );
  }
  return (
    <div aria-busy={asked.busy}>
      <p role="status">{asked.busy && words.value.loading}</p>
      {asked.problem && <ProblemBox problem={asked.problem} retry={asked.again} />}
      {asked.answer && (
        <>
          <p class="summary">{asked.answer.meta && <Origin meta={asked.answer.meta} now={asked.at} />}</p>
          {asked.answer.products.length === 0 && <p>{words.value.detail.noneListed}</p>}
          <ProductList products={asked.answer.products} name={"sellerId" in what ? "seller" : "related"} />
        </>
      )}
    </div>
  );
}
