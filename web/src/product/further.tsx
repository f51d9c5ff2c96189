// Further products: those of the same supplier, and related ones. They cost calls, so they are asked for only when somebody wants to see
// them. What is wanted stands in the address, so that reloading and going back keep it.
import { useEffect, useState } from "preact/hooks";
import { api, type Product, type Schemas } from "../api/client";
import { unwrap } from "../api/problem";
import { go, route } from "../state/route";
import { offers, offersAny } from "../state/server";
import { answerLanguage } from "../state/session";
import { useAnswer } from "../ui/answer";
import { Section } from "../ui/facts";
import { Field } from "../ui/field";
import { ProductList } from "../ui/list";
import { allLoaded } from "../ui/loaded";
import { Origin } from "../ui/origin";
import { Pages } from "../ui/pages";
import { ProblemBox } from "../ui/problem";
import { Refine, type Refinement } from "../ui/refine";
import { CardsToCome, Waiting } from "../ui/waiting";
import { words } from "../words/words";

const sellerRPC = "ProductService/ListSellerProducts";
const relatedRPC = "ProductService/ListRelatedProducts";

export function Further({ id, sellerId }: { id: string; sellerId: string | undefined }) {
  const text = words.value.detail;
  return (
    <>
      {offersAny(sellerRPC) && (
        <Section title={text.sellerProducts}>
          {sellerId ? <OfSeller id={id} sellerId={sellerId} /> : <p class="hint">{text.sellerNotOffered}</p>}
        </Section>
      )}
      {offersAny(relatedRPC) && (
        <Section title={text.related}>
          <Related id={id} />
        </Section>
      )}
    </>
  );
}

interface Criteria extends Refinement {
  keyword: string;
  /** 0: the list is not wanted yet. */
  page: number;
}

/** criteriaOf reads what is wanted of a list from the address: its parameters begin with the list's name. */
function criteriaOf(list: string): Criteria {
  const text = (name: string) => route.value.query.get(`${list}.${name}`) ?? "";
  return {
    keyword: text("keyword"),
    page: Number.parseInt(text("page"), 10) || 0,
    sort: text("sort"),
    priceMin: text("priceMin"),
    priceMax: text("priceMax"),
    filters: text("filters").split(",").filter(Boolean),
  };
}

function show(list: string, c: Criteria): void {
  const { path, query } = route.value;
  const changed: Record<string, string | number> = { ...Object.fromEntries(query) };
  for (const [name, value] of Object.entries(c)) {
    changed[`${list}.${name}`] = Array.isArray(value) ? value.join(",") : value;
  }
  go(path, changed);
}

function OfSeller({ id, sellerId }: { id: string; sellerId: string }) {
  const criteria = criteriaOf("seller");
  const languageCode = answerLanguage.value;
  const key = criteria.page > 0 ? JSON.stringify([sellerId, criteria, languageCode]) : "";
  const asked = useAnswer(
    key,
    async (signal) => {
      const { keyword, page, sort, priceMin, priceMax, filters } = criteria;
      const query = {
        page,
        languageCode,
        ...(keyword ? { keyword } : {}),
        ...(sort ? { sort: sort as "SORT_ORDER_RELEVANCE" } : {}),
        ...(priceMin ? { priceMin } : {}),
        ...(priceMax ? { priceMax } : {}),
        ...(filters.length ? { filters: filters as "PRODUCT_FILTER_SHIPS_TODAY"[] } : {}),
      };
      const answer = unwrap(
        await api.GET("/v1/sellers/{sellerId}/products", { params: { path: { sellerId }, query }, signal }),
      );
      const question = [sellerId, { ...query, page: 0 }];
      return { ...answer, all: allLoaded("seller", question, page, answer.products) };
    },
    true,
  );
  return (
    <List
      name="seller"
      without={id}
      page={criteria.page}
      asked={asked}
      turn={(page) => show("seller", { ...criteria, page })}
    >
      <SellerForm criteria={criteria} problem={asked.problem} />
    </List>
  );
}

function SellerForm({ criteria, problem }: { criteria: Criteria; problem: ReturnType<typeof useAnswer>["problem"] }) {
  const text = words.value;
  const [draft, setDraft] = useState(criteria);
  const given = JSON.stringify(criteria);
  useEffect(() => setDraft(criteria), [given]);
  return (
    <form
      class="search"
      onSubmit={(e) => {
        e.preventDefault();
        show("seller", { ...draft, keyword: draft.keyword.trim(), page: 1 });
      }}
    >
      {offers(sellerRPC, "keyword") && (
        <Field label={text.detail.sellerKeyword} problem={problem} path="keyword" wide>
          {(marks) => (
            <input
              {...marks}
              type="search"
              maxLength={100}
              value={draft.keyword}
              onInput={(e) => setDraft({ ...draft, keyword: e.currentTarget.value })}
            />
          )}
        </Field>
      )}
      <button type="submit">{text.search.submit}</button>
      <details>
        <summary>{text.search.filters}</summary>
        <Refine rpc={sellerRPC} draft={draft} problem={problem} change={(part) => setDraft({ ...draft, ...part })} />
      </details>
    </form>
  );
}

function Related({ id }: { id: string }) {
  const { page } = criteriaOf("related");
  const languageCode = answerLanguage.value;
  const asked = useAnswer(
    page > 0 ? JSON.stringify([id, page, languageCode]) : "",
    async (signal) => {
      const query = { languageCode, page };
      const answer = unwrap(await api.GET("/v1/products/{id}/related", { params: { path: { id }, query }, signal }));
      return { ...answer, all: allLoaded("related", [id, languageCode], page, answer.products) };
    },
    true,
  );
  return <List name="related" without={id} page={page} asked={asked} turn={(to) => turnRelated(to)} />;
}

function turnRelated(page: number): void {
  const { path, query } = route.value;
  go(path, { ...Object.fromEntries(query), "related.page": page });
}

type Found = (Schemas["ListSellerProductsResponse"] | Schemas["ListRelatedProductsResponse"]) & {
  /** The goods of all pages that were looked at. */
  all: Product[];
};

interface ListProps {
  name: string;
  /** The product of the view, which is not listed again. */
  without: string;
  page: number;
  asked: ReturnType<typeof useAnswer<Found>>;
  turn: (page: number) => void;
  children?: preact.ComponentChildren;
}

function List({ name, without, page, asked, turn, children }: ListProps) {
  if (page === 0) {
    return (
      <button type="button" onClick={() => turn(1)}>
        {words.value.detail.more}
      </button>
    );
  }
  const { answer, problem, busy } = asked;
  const products = answer?.products.filter((p) => p.id !== without) ?? [];
  return (
    <section class="further" aria-busy={busy} aria-label={words.value.search.page(page)} tabIndex={-1}>
      {children}
      <Waiting busy={busy} stop={asked.stop} />
      {problem && <ProblemBox problem={problem} retry={asked.again} />}
      {!answer && busy && <CardsToCome count={5} />}
      {answer && (
        <div class={busy || problem ? "stale-answer" : ""}>
          <p class="summary">{answer.meta && <Origin meta={answer.meta} now={asked.at} />}</p>
          {products.length === 0 && <p>{words.value.detail.noneListed}</p>}
          <ProductList products={products} saved={answer.all.filter((p) => p.id !== without)} name={name} />
          <Pages page={answer.page} next={answer.nextPage} show={turn} />
        </div>
      )}
    </section>
  );
}
