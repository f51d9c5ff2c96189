// The view of one product: all that is known of it.
import { useEffect } from "preact/hooks";
import { api, type Schemas } from "../api/client";
import { unwrap } from "../api/problem";
import { addressOf, subject } from "../state/route";
import { answerLanguage, translated } from "../state/session";
import { useAnswer } from "../ui/answer";
import { Origin } from "../ui/origin";
import { ProblemBox } from "../ui/problem";
import { RowsToCome, Waiting } from "../ui/waiting";
import { WatchLink } from "../watches/link";
import { words } from "../words/words";
import { Attributes, Certificates, Invoice, Service, SupplierSheet, TradeFacts } from "./facts";
import { Further } from "./further";
import { Gallery } from "./gallery";
import { Prices, Skus } from "./prices";
import "./product.css";

export function ProductView({ id }: { id: string }) {
  const languageCode = answerLanguage.value;
  const asked = useAnswer(`${id} ${languageCode}`, async (signal) =>
    unwrap(await api.GET("/v1/products/{id}", { params: { path: { id }, query: { languageCode } }, signal })),
  );
  const product = asked.answer?.product;
  const summary = product?.summary;
  useEffect(() => {
    subject.value = summary ? translated(summary.title, summary.titleTranslated) : "";
  }, [summary]);
  return (
    <>
      <Waiting busy={asked.busy} stop={asked.stop} />
      {!product && <h1>{words.value.detail.product(id)}</h1>}
      {asked.busy && !product && <ProductToCome />}
      {asked.problem && <ProblemBox problem={asked.problem} retry={asked.again} />}
      {product && summary && (
        <Sheet product={product} summary={summary}>
          {asked.answer?.meta && <Origin meta={asked.answer.meta} now={asked.at} />}
        </Sheet>
      )}
    </>
  );
}

/** ProductToCome holds the places of the pictures and of the facts. */
function ProductToCome() {
  return (
    <div class="columns to-come" aria-hidden="true">
      <div class="no-picture" />
      <div>
        <RowsToCome count={9} />
      </div>
    </div>
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
      <Further id={summary.id} sellerId={supplier?.id} />
    </article>
  );
}
