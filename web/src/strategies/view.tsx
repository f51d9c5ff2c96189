// The four questions for buyers: the form, and the answer that fits it.
import { useEffect, useState } from "preact/hooks";
import { addressOf, go, route } from "../state/route";
import { answerLanguage } from "../state/session";
import { type Answer, useAnswer } from "../ui/answer";
import { NumberField, quantityMax } from "../ui/number";
import { PhotoField } from "../ui/picture";
import { ProblemBox } from "../ui/problem";
import { words } from "../words/words";
import { Compare } from "./compare";
import { Competitors } from "./competitors";
import { Expand } from "./expand";
import {
  analyzeCompetitors,
  bounds,
  comparePrices,
  complete,
  expandSelection,
  findSource,
  type Name,
  type Question,
  questionOf,
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
  ask: (q: Question, language: string, signal: AbortSignal) => Promise<T>;
  show: (props: { answer: T; question: Question; at: number }) => preact.ComponentChildren;
}

function Ask<T>({ name, question, ask, show: Show }: AskProps<T>) {
  const language = answerLanguage.value;
  const asked = useAnswer(
    JSON.stringify([name, question, language]),
    async (signal) => ({ question, found: await ask(question, language, signal) }),
    true,
  );
  const shown = asked.answer;
  return (
    <div aria-busy={asked.busy}>
      <Working asked={asked} />
      {asked.problem && <ProblemBox problem={asked.problem} retry={asked.again} />}
      {shown && (
        <div class={asked.busy ? "stale-answer" : ""}>
          <Show answer={shown.found} question={shown.question} at={asked.at} />
        </div>
      )}
    </div>
  );
}

/** Working counts the seconds, since several searches take a while. */
function Working({ asked }: { asked: Answer<unknown> }) {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    setSeconds(0);
    if (!asked.busy) {
      return;
    }
    const timer = setInterval(() => setSeconds((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, [asked.busy]);
  const text = words.value;
  return (
    <>
      <p role="status" class="visually-hidden">
        {asked.busy && text.loading}
      </p>
      {asked.busy && (
        <p class="working">
          <progress aria-label={text.loading} /> {text.strategies.working(seconds)}
        </p>
      )}
    </>
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
  const need = name === "competitors" ? text.needPhoto : name === "expand" ? text.needSeeds : text.needOne;
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
      {(name === "source" || name === "compare") && (
        <NumberField
          label={text.quantity}
          min={1}
          max={quantityMax}
          value={draft.quantity}
          change={(quantity) => change({ quantity })}
        />
      )}
      <NumberField
        label={text.maxCalls}
        min={least}
        max={most}
        placeholder={String(usual)}
        value={draft.maxCalls}
        change={(maxCalls) => change({ maxCalls })}
      />
      <button type="submit">{text.start}</button>
      <p role="alert" class="warning">
        {missing && need}
      </p>
    </form>
  );
}
