// The four questions for buyers: the form, and the answer that fits it.
import { useEffect, useState } from "preact/hooks";
import { addressOf, go, route } from "../state/route";
import { offers } from "../state/server";
import { answerLanguage } from "../state/session";
import { useAnswer } from "../ui/answer";
import { NumberField, quantityMax } from "../ui/number";
import { PhotoField } from "../ui/picture";
import { ProblemBox } from "../ui/problem";
import { Refine } from "../ui/refine";
import { words } from "../words/words";
import { Compare } from "./compare";
import { Competitors } from "./competitors";
import { Destination } from "./destination";
import { Expand } from "./expand";
import { counted, nothingSpent, type OnStep } from "./follow";
import { Progress } from "./progress";
import {
  type Asking,
  analyzeCompetitors,
  bounds,
  comparePrices,
  complete,
  expandSelection,
  findSource,
  freightOffers,
  lacksQuantity,
  type Name,
  type Question,
  questionOf,
  refined,
  refinementOf,
  rpcs,
  strategyNames,
} from "./question";
import { Source } from "./source";
import "./strategies.css";

export function StrategyView({ name }: { name: string | undefined }) {
  const text = words.value.strategies;
  const chosen = strategyNames.find((known) => known === name) ?? "source";
  const question = questionOf(route.value.query);
  return (
    <>
      <h1>{text.names[chosen]}</h1>
      <nav class="tabs" aria-label={words.value.navigation.strategies}>
        {strategyNames.map((known) => (
          <a
            key={known}
            href={addressOf(["strategy", known], { ...question })}
            aria-current={known === chosen ? "page" : undefined}
          >
            {text.names[known]}
          </a>
        ))}
      </nav>
      <p class="hint">{text.hints[chosen]}</p>
      <Form key={chosen} name={chosen} question={question} />
      {complete(chosen, question) && <Asked key={`${chosen} answer`} name={chosen} question={question} />}
    </>
  );
}

function Asked({ name, question }: { name: Name; question: Question }) {
  switch (name) {
    case "source":
      return <Ask name={name} question={question} ask={findSource} show={Source} />;
    case "compare":
      return <Ask name={name} question={question} ask={comparePrices} show={Compare} />;
    case "competitors":
      return <Ask name={name} question={question} ask={analyzeCompetitors} show={Competitors} />;
    case "expand":
      return <Ask name={name} question={question} ask={expandSelection} show={Expand} />;
  }
}

interface AskProps<T> {
  name: Name;
  question: Question;
  ask: Asking<T>;
  show: (props: { answer: T; question: Question; at: number }) => preact.ComponentChildren;
}

function Ask<T>({ name, question, ask, show: Show }: AskProps<T>) {
  const language = answerLanguage.value;
  const [spending, setSpending] = useState(nothingSpent);
  const asked = useAnswer(
    JSON.stringify([name, question, language]),
    async (signal) => {
      setSpending(nothingSpent);
      const onStep: OnStep = (step) => {
        if (!signal.aborted) {
          setSpending((before) => counted(before, step));
        }
      };
      return { question, found: await ask(question, language, signal, onStep) };
    },
    true,
  );
  const shown = asked.answer;
  const stopped = asked.problem?.reason === "STOPPED";
  return (
    <div aria-busy={asked.busy}>
      <Progress busy={asked.busy} stopped={stopped} spending={spending} stop={asked.stop} again={asked.again} />
      {asked.problem && !stopped && <ProblemBox problem={asked.problem} retry={asked.again} />}
      {shown && (
        <div class={asked.busy ? "stale-answer" : ""}>
          <Show answer={shown.found} question={shown.question} at={asked.at} />
        </div>
      )}
    </div>
  );
}

function Form({ name, question }: { name: Name; question: Question }) {
  const text = words.value.strategies;
  const [draft, setDraft] = useState(question);
  const [missing, setMissing] = useState(false);
  const asked = JSON.stringify(question);
  useEffect(() => setDraft(question), [asked]);
  const change = (part: Partial<Question>) => {
    setMissing(false);
    setDraft({ ...draft, ...part });
  };
  const { least, most, usual } = bounds[name];
  const buys = name === "source" || name === "compare";
  const usualCalls = usual + (buys && draft.freightTo ? freightOffers : 0);
  return (
    <form
      class="strategy"
      onSubmit={(e) => {
        e.preventDefault();
        setMissing(!complete(name, draft));
        if (complete(name, draft)) {
          go(["strategy", name], { ...draft });
        }
      }}
    >
      {name !== "competitors" && (
        <label class="wide">
          {name === "expand" ? text.seeds : text.keyword}
          <input
            value={draft.keyword}
            maxLength={name === "expand" ? 504 : 100}
            onInput={(e) => change({ keyword: e.currentTarget.value })}
          />
        </label>
      )}
      {name !== "expand" && (
        <fieldset class="wide">
          <legend>{text.photo}</legend>
          <PhotoField image={draft.image} change={(image) => change({ image })} />
        </fieldset>
      )}
      {buys && (
        <NumberField
          label={text.quantity}
          min={1}
          max={quantityMax}
          value={draft.quantity}
          change={(quantity) => change({ quantity })}
        />
      )}
      {buys && offers(rpcs[name], "freight") && (
        <Destination value={draft.freightTo} change={(freightTo) => change({ freightTo })} />
      )}
      <NumberField
        label={text.maxCalls}
        min={least}
        max={most}
        placeholder={String(usualCalls)}
        value={draft.maxCalls}
        change={(maxCalls) => change({ maxCalls })}
      />
      <details open={refined(question)}>
        <summary>{words.value.search.filters}</summary>
        <Refine
          rpc={rpcs[name]}
          draft={refinementOf(draft)}
          problem={undefined}
          change={({ filters, ...part }) => change({ ...part, ...(filters ? { filters: filters.join(",") } : {}) })}
        />
      </details>
      <button type="submit">{text.start}</button>
      <p role="alert" class="warning">
        {missing && needOf(name, draft)}
      </p>
    </form>
  );
}

/** needOf is what a question still needs. */
function needOf(name: Name, draft: Question): string {
  const text = words.value.strategies;
  switch (name) {
    case "competitors":
      return text.needPhoto;
    case "expand":
      return text.needSeeds;
    default:
      return lacksQuantity(draft) && (draft.image || draft.keyword.trim())
        ? words.value.freight.needQuantity
        : text.needOne;
  }
}
