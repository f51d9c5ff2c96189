// The view of searching by words and by photo.
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import { imagesIn } from "../api/photo";
import { addressOf, go, route } from "../state/route";
import { language } from "../state/session";
import { ProductList } from "../ui/list";
import { Origin } from "../ui/origin";
import { Pages } from "../ui/pages";
import { ProblemBox } from "../ui/problem";
import { Refine } from "../ui/refine";
import { CardsToCome, Waiting } from "../ui/waiting";
import { words } from "../words/words";
import { BatchResults } from "./batch";
import { batch, closeBatch, startBatch } from "./batchstate";
import { CheckResult, markOf, useCheck } from "./check";
import { Examples } from "./examples";
import { productIdIn } from "./link";
import { loaded } from "./loaded";
import { PhotoPanel } from "./regions";
import {
  answered,
  busy,
  type Criteria,
  type Found,
  found,
  givePhoto,
  photo,
  problem,
  region,
  search,
  stopSearch,
} from "./state";
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
  const given = photo.value?.preview;
  const spoken = language.value;
  const part = region.value;
  // The request is sent before the frame is drawn, not after it.
  useLayoutEffect(() => {
    if (criteria.keyword || given) {
      void search(criteria);
    }
  }, [asked, given, spoken, part]);
  usePaste();
  return (
    <Drop>
      <h1 class="visually-hidden">{words.value.search.title}</h1>
      <search>
        <SearchForm criteria={criteria} />
      </search>
      <p role="status" class="visually-hidden">
        {!busy.value && found.value && totalOf(found.value)}
      </p>
      {batch.value ? (
        <BatchResults batch={batch.value} />
      ) : (
        <>
          <Waiting busy={busy.value} stop={stopSearch} />
          {problem.value && <ProblemBox problem={problem.value} retry={() => void search(criteria)} />}
          {problem.value && found.value && <p class="hint">{words.value.waiting.before}</p>}
          {found.value ? (
            <div class={busy.value || problem.value ? "stale-answer" : ""}>
              <Results answer={found.value} criteria={criteria} />
            </div>
          ) : (
            busy.value && <CardsToCome />
          )}
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
      <details open={refined(criteria)}>
        <summary>{text.filters}</summary>
        <Refine
          rpc={photo.value ? "SearchService/ImageSearch" : "SearchService/KeywordSearch"}
          draft={draft}
          problem={problem.value}
          change={change}
        />
      </details>
      {photo.value ? <PhotoPanel photo={photo.value} /> : <p class="hint">{text.drop}</p>}
      {!photo.value && !criteria.keyword && !batch.value && <Examples />}
    </form>
  );
}

/** refined is whether more is asked for than words or a photo. */
function refined(c: Criteria): boolean {
  return c.sort !== "" || c.priceMin !== "" || c.priceMax !== "" || c.filters.length > 0;
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
  const check = useCheck(criteria);
  return (
    <section aria-label={text.title} aria-busy={busy.value} tabIndex={-1}>
      <p class="summary">
        {totalOf(answer)} {answer.meta && <Origin meta={answer.meta} now={answered.value} />}
        {criteria.keyword && !photo.value && answer.products.length > 0 && (
          <>
            {" · "}
            <a href={addressOf(["strategy", "compare"], { keyword: criteria.keyword })}>{words.value.photos.compare}</a>
          </>
        )}
      </p>
      {answer.products.length === 0 && <p>{text.none}</p>}
      {photo.value && answer.products.length > 0 && <CheckResult check={check} />}
      <ProductList products={answer.products} saved={loaded.value} name="search" mark={markOf(check)} />
      <Pages page={answer.page} next={answer.nextPage} show={(page) => show({ ...criteria, page })} />
    </section>
  );
}
