// The view of searching by words and by photo.
import { useEffect, useState } from "preact/hooks";
import { imagesIn } from "../api/photo";
import { go, route } from "../state/route";
import { offeredValues } from "../state/server";
import { language } from "../state/session";
import { ProductList } from "../ui/list";
import { Origin } from "../ui/origin";
import { ProblemBox } from "../ui/problem";
import { words } from "../words/words";
import { BatchResults } from "./batch";
import { batch, closeBatch, startBatch } from "./batchstate";
import { productIdIn } from "./link";
import { PhotoPanel } from "./regions";
import { answered, busy, type Criteria, type Found, found, givePhoto, photo, problem, region, search } from "./state";
import "./search.css";

/** criteriaOf reads an address. What does not fit is left out: the server says what is wrong with the rest. */
function criteriaOf(query: URLSearchParams): Criteria {
  return {
    keyword: query.get("keyword") ?? "",
    page: Number.parseInt(query.get("page") ?? "1", 10) || 1,
    sort: query.get("sort") ?? "",
    priceMin: query.get("priceMin") ?? "",
    priceMax: query.get("priceMax") ?? "",
    filters: (query.get("filters") ?? "").split(",").filter(Boolean),
  };
}

function show(c: Criteria): void {
  const { filters, page, ...rest } = c;
  go(["search"], { ...rest, filters: filters.join(","), page: page > 1 ? page : undefined });
}

export function SearchView() {
  const criteria = criteriaOf(route.value.query);
  const asked = JSON.stringify(criteria);
  const file = photo.value?.file;
  const spoken = language.value;
  const part = region.value;
  useEffect(() => {
    if (criteria.keyword || file) {
      void search(criteria);
    }
  }, [asked, file, spoken, part]);
  usePaste();
  return (
    <Drop>
      <h1 class="visually-hidden">{words.value.search.title}</h1>
      <search>
        <SearchForm criteria={criteria} />
      </search>
      <p role="status" class="visually-hidden">
        {busy.value ? words.value.loading : found.value && totalOf(found.value)}
      </p>
      {batch.value ? (
        <BatchResults batch={batch.value} />
      ) : (
        <>
          {problem.value && <ProblemBox problem={problem.value} retry={() => void search(criteria)} />}
          {found.value && <Results answer={found.value} criteria={criteria} />}
        </>
      )}
    </Drop>
  );
}

/** Drop takes a photo that is dropped anywhere on the view. */
function Drop({ children }: { children: preact.ComponentChildren }) {
  const [over, setOver] = useState(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is one of three ways to give a photo; the others take the keyboard.
    <div
      class={over ? "drop over" : "drop"}
      onDragOver={(e) => {
        e.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(e) => {
        e.preventDefault();
        setOver(false);
        takeFiles(e.dataTransfer?.files);
      }}
    >
      {children}
    </div>
  );
}

/** usePaste takes photos, and links to products, wherever they are pasted. */
function usePaste(): void {
  useEffect(() => {
    const paste = (e: ClipboardEvent) => {
      const id = productIdIn(e.clipboardData?.getData("text") ?? "");
      if (id) {
        e.preventDefault();
        go(["product", id]);
        return;
      }
      takeFiles(e.clipboardData?.files);
    };
    addEventListener("paste", paste);
    return () => removeEventListener("paste", paste);
  }, []);
}

/** takeFiles searches by one photo, or by several at once. */
function takeFiles(files: FileList | null | undefined): void {
  const images = imagesIn(files);
  if (images.length > 1) {
    givePhoto(undefined);
    void startBatch(images);
  } else if (images[0]) {
    closeBatch();
    givePhoto(images[0]);
  }
}

function SearchForm({ criteria }: { criteria: Criteria }) {
  const [draft, setDraft] = useState(criteria);
  const asked = JSON.stringify(criteria);
  useEffect(() => setDraft(criteria), [asked]);
  const text = words.value.search;
  const change = (part: Partial<Criteria>) => setDraft({ ...draft, ...part });
  return (
    <form
      class="search"
      onSubmit={(e) => {
        e.preventDefault();
        const id = productIdIn(draft.keyword);
        if (id) {
          go(["product", id]);
          return;
        }
        closeBatch();
        show({ ...draft, keyword: draft.keyword.trim(), page: 1 });
      }}
    >
      <label class="keyword">
        <span class="visually-hidden">{text.keyword}</span>
        <input
          type="search"
          value={draft.keyword}
          placeholder={text.placeholder}
          maxLength={2048}
          onInput={(e) => change({ keyword: e.currentTarget.value })}
        />
      </label>
      <label class="button">
        {text.photo}
        <input
          class="visually-hidden"
          type="file"
          accept="image/*,.heic,.avif"
          multiple
          onChange={(e) => {
            takeFiles(e.currentTarget.files);
            e.currentTarget.value = ""; // The same file can be chosen again.
          }}
        />
      </label>
      <button type="submit">{text.submit}</button>
      <details>
        <summary>{text.filters}</summary>
        <Refine draft={draft} change={change} />
      </details>
      {photo.value ? <PhotoPanel photo={photo.value} /> : <p class="hint">{text.drop}</p>}
    </form>
  );
}

/** Refine shows the orders and filters that the dialect offers. */
function Refine({ draft, change }: { draft: Criteria; change: (part: Partial<Criteria>) => void }) {
  const text = words.value.search;
  const rpc = photo.value ? "SearchService/ImageSearch" : "SearchService/KeywordSearch";
  const sorts = offeredValues(rpc, "sort") ?? Object.keys(words.value.sorts);
  const filters = offeredValues(rpc, "filters") ?? Object.keys(words.value.filters);
  return (
    <div class="refine">
      <label>
        {text.sort}
        <select value={draft.sort} onChange={(e) => change({ sort: e.currentTarget.value })}>
          <option value="">{words.value.sorts.SORT_ORDER_RELEVANCE}</option>
          {sorts
            .filter((s) => s !== "SORT_ORDER_RELEVANCE" && s !== "SORT_ORDER_UNSPECIFIED")
            .map((s) => (
              <option key={s} value={s}>
                {words.value.sorts[s] ?? s}
              </option>
            ))}
        </select>
      </label>
      <label>
        {text.priceMin}
        <input
          inputMode="decimal"
          value={draft.priceMin}
          onInput={(e) => change({ priceMin: e.currentTarget.value })}
        />
      </label>
      <label>
        {text.priceMax}
        <input
          inputMode="decimal"
          value={draft.priceMax}
          onInput={(e) => change({ priceMax: e.currentTarget.value })}
        />
      </label>
      <fieldset>
        <legend>{text.filters}</legend>
        {filters.map((f) => (
          <label key={f}>
            <input
              type="checkbox"
              checked={draft.filters.includes(f)}
              onChange={(e) =>
                change({
                  filters: e.currentTarget.checked ? [...draft.filters, f] : draft.filters.filter((x) => x !== f),
                })
              }
            />
            {words.value.filters[f] ?? f}
          </label>
        ))}
      </fieldset>
    </div>
  );
}

function totalOf(answer: Found): string {
  const text = words.value.search;
  if (answer.total === undefined) {
    return text.totalUnknown;
  }
  const n = Number(answer.total);
  return answer.truncated ? text.totalAtLeast(n) : text.total(n);
}

function Results({ answer, criteria }: { answer: Found; criteria: Criteria }) {
  const text = words.value.search;
  return (
    <section aria-label={text.title} aria-busy={busy.value}>
      <p class="summary">
        {totalOf(answer)} {answer.meta && <Origin meta={answer.meta} now={answered.value} />}
      </p>
      {answer.products.length === 0 && <p>{text.none}</p>}
      <ProductList products={answer.products} name="search" />
      <nav class="pages" aria-label={text.page(answer.page)}>
        {answer.page > 1 && (
          <button type="button" onClick={() => show({ ...criteria, page: answer.page - 1 })}>
            {text.previous}
          </button>
        )}
        <span>{text.page(answer.page)}</span>
        {answer.nextPage > 0 && (
          <button type="button" onClick={() => show({ ...criteria, page: answer.nextPage })}>
            {text.next}
          </button>
        )}
      </nav>
    </section>
  );
}
