// The frame of the page: what is always visible, and the view that the address names.
import { useEffect, useRef } from "preact/hooks";
import { ProductView } from "./product/view";
import { SearchView } from "./search/view";
import { addressOf, route, subject } from "./state/route";
import { askServer, sandbox, server, serverProblem } from "./state/server";
import { StrategyView } from "./strategies/view";
import { Connection } from "./ui/connection";
import { ProblemBox } from "./ui/problem";
import { QuotaBar } from "./ui/quota";
import { Settings } from "./ui/settings";
import { WatchesView } from "./watches/list";
import { WatchView } from "./watches/one";
import { words } from "./words/words";

export function Page() {
  useEffect(() => {
    void askServer();
  }, []);
  const view = route.value.path[0] ?? "search";
  useArrival();
  return (
    <>
      <button type="button" class="skip" onClick={toContent}>
        {words.value.skip}
      </button>
      <header>
        <a class="brand" href={addressOf(["search"])}>
          找货 <span>zhaohuo</span>
        </a>
        <nav>
          <a href={addressOf(["search"])} aria-current={view === "search" ? "page" : undefined}>
            {words.value.navigation.search}
          </a>
          <a href={addressOf(["strategy", "source"])} aria-current={view === "strategy" ? "page" : undefined}>
            {words.value.navigation.strategies}
          </a>
          <a href={addressOf(["watches"])} aria-current={view === "watches" ? "page" : undefined}>
            {words.value.navigation.watches}
          </a>
          <a href="/docs">{words.value.navigation.docs}</a>
        </nav>
        <Mode />
        <QuotaBar />
        <Settings />
      </header>
      <Connection />
      <main id="content" tabIndex={-1}>
        {serverProblem.value && !server.value ? (
          <>
            <h1 class="visually-hidden">{words.value.title}</h1>
            <ProblemBox problem={serverProblem.value} retry={askServer} />
          </>
        ) : view === "search" ? (
          <SearchView />
        ) : view === "product" && route.value.path[1] ? (
          <ProductView id={route.value.path[1]} />
        ) : view === "strategy" ? (
          <StrategyView name={route.value.path[1]} />
        ) : view === "watches" ? (
          route.value.path[1] ? (
            <WatchView key={route.value.path[1]} id={route.value.path[1]} />
          ) : (
            <WatchesView />
          )
        ) : (
          <h1>{words.value.notFound}</h1>
        )}
      </main>
    </>
  );
}

/** The place to which a search was scrolled, by its address: who comes back from a product goes on there. */
const places = new Map<string, number>();

/** useArrival begins a new view at its top, and tells a screen reader of it. */
function useArrival(): void {
  const { path } = route.value;
  const view = path.join("/");
  const address = location.hash;
  const first = useRef(true);
  useEffect(() => {
    const { navigation, title } = words.value;
    const name = subject.value || { strategy: navigation.strategies, watches: navigation.watches }[path[0] ?? ""];
    document.title = name ? `${name} – ${title}` : title;
  }, [view, words.value, subject.value]);
  useEffect(() => {
    const keep = () => places.set(address, scrollY);
    addEventListener("scrollend", keep);
    return () => removeEventListener("scrollend", keep);
  }, [address]);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    document.getElementById("content")?.focus({ preventScroll: true });
    scrollTo(0, path[0] === "search" ? (places.get(address) ?? 0) : 0);
  }, [view]);
}

function toContent() {
  document.getElementById("content")?.focus();
}

/** Mode says whether the goods are real. */
function Mode() {
  const text = words.value.state;
  if (sandbox.value === undefined) {
    return <span class="mode">{text.unknown}</span>;
  }
  return sandbox.value ? (
    <span class="mode made-up" title={text.sandboxHint}>
      {text.sandbox}
    </span>
  ) : (
    <span class="mode real" title={text.liveHint}>
      {text.live}
    </span>
  );
}
