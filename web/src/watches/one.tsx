// One price watch: its state, its trend, its events, and the prices of the last observation.
import { useEffect, useState } from "preact/hooks";
import { api, type Schemas } from "../api/client";
import { asProblem, type Problem, problemOf, unwrap } from "../api/problem";
import { addressOf, go, subject } from "../state/route";
import { Facts, Scroll, Section, Unknown } from "../ui/facts";
import { GoodsPicture } from "../ui/goodspicture";
import { ProblemBox } from "../ui/problem";
import { Save } from "../ui/save";
import { RowsToCome, Waiting } from "../ui/waiting";
import { lengthOf, moment, yuan } from "../words/format";
import { words } from "../words/words";
import { useAct } from "./act";
import { TrendChart } from "./chart";
import type { Watch } from "./draft";
import { EditForm } from "./edit";
import { EventList } from "./eventlist";
import { type Event, useEvents } from "./events";
import { callsOf, stateOf, whatOf } from "./says";
import { Sure } from "./sure";
import { observationTable, trendTable } from "./tables";
import { Webhooks } from "./webhooks";

interface State {
  watch: Watch;
  trend: Schemas["QueryPriceTrendResponse"];
  /** The last observation with its products. Absent: there is none yet. */
  last?: Schemas["PriceObservation"];
}

async function read(id: string): Promise<State> {
  const path = { id };
  const [{ priceWatch: watch }, trend] = await Promise.all([
    api.GET("/v1/priceWatches/{id}", { params: { path } }).then(unwrap),
    api.GET("/v1/priceWatches/{id}:queryTrend", { params: { path } }).then(unwrap),
  ]);
  if (!watch) {
    throw new Error("no price watch");
  }
  const startTime = watch.lastObservation?.dueTime;
  if (!startTime) {
    return { watch, trend };
  }
  const query = { startTime, pageSize: 1 };
  const seen = unwrap(await api.GET("/v1/priceWatches/{id}/observations", { params: { path, query } }));
  return { watch, trend, ...(seen.observations[0] ? { last: seen.observations[0] } : {}) };
}

/** refreshMillis is how often to look: as often as the watch observes, within reason. Reading costs no calls. */
function refreshMillis(watch: Watch | undefined): number {
  const seconds = Number.parseFloat(watch?.interval ?? "5");
  return Math.min(Math.max(seconds, 3), 60) * 1000;
}

/** sameOr keeps a problem that was said already, so that looking again does not say it again. */
function sameOr(before: Problem | undefined, now: Problem): Problem {
  return before?.message === now.message && now.waitSeconds === 0 ? before : now;
}

export function WatchView({ id }: { id: string }) {
  const [state, setState] = useState<State>();
  const [problem, setProblem] = useState<Problem>();
  const live = useEvents(id);
  const newest = live.events[0]?.id;
  const [round, setRound] = useState(0);
  const again = () => setRound((n) => n + 1);
  useEffect(() => {
    let wanted = true;
    read(id)
      .then((next) => {
        if (wanted) {
          setState(next);
          setProblem(undefined);
        }
      })
      .catch((thrown: unknown) => wanted && setProblem((before) => sameOr(before, asProblem(thrown))));
    return () => {
      wanted = false;
    };
  }, [id, newest, round]);
  useEffect(() => {
    const look = () => navigator.onLine && !document.hidden && again();
    const timer = setInterval(look, refreshMillis(state?.watch));
    return () => clearInterval(timer);
  }, [state?.watch.interval]);
  const text = words.value.watches;
  const name = state?.watch.displayName;
  useEffect(() => {
    subject.value = name ?? "";
  }, [name]);
  return (
    <>
      <p>
        <a href={addressOf(["watches"])}>← {text.back}</a>
      </p>
      {!state && <h1>{text.one}</h1>}
      {problem && <ProblemBox problem={problem} retry={again} />}
      <Waiting busy={!state && !problem} />
      {!state && !problem && <RowsToCome count={8} />}
      {state && <Sheet state={state} events={live.events} again={again} />}
      <Section title={text.events}>
        <EventList live={live} named={false} />
      </Section>
      {state?.last && <Prices last={state.last} />}
      {state && <Webhooks watch={state.watch} again={again} />}
    </>
  );
}

function Sheet({ state, events, again }: { state: State; events: Event[]; again: () => void }) {
  const text = words.value.watches;
  const { watch, trend } = state;
  const seen = watch.lastObservation;
  const [editing, setEditing] = useState(false);
  const [saved, setSaved] = useState(false);
  return (
    <>
      <h1>{watch.displayName || watch.id}</h1>
      <Buttons watch={watch} again={again} editing={editing} edit={() => setEditing(!editing)} />
      {editing && (
        <EditForm
          watch={watch}
          done={(changed) => {
            setEditing(false);
            setSaved(changed !== undefined);
            again();
          }}
        />
      )}
      <p role="status">{saved && text.saved}</p>
      <Facts
        facts={[
          { name: text.what, value: whatOf(watch) },
          { name: text.state, value: stateOf(watch) },
          { name: text.interval, value: watch.interval && lengthOf(watch.interval) },
          { name: text.callsToday, value: callsOf(watch) },
          { name: text.last, value: seen?.dueTime ? moment(seen.dueTime) : text.notYet },
          ...(watch.nextDueTime ? [{ name: text.next, value: moment(watch.nextDueTime) }] : []),
          { name: text.lowest, value: seen?.statistics?.min && yuan(seen.statistics.min) },
          { name: text.median, value: seen?.statistics?.median && yuan(seen.statistics.median) },
        ]}
      />
      {seen?.error && (
        <p class="warning">
          {text.failed} {problemOf(0, seen.error).message}
        </p>
      )}
      <Section title={text.trend}>
        {trend.points.some((p) => p.median) ? (
          <>
            <TrendChart trend={trend} events={events} intervalSeconds={Number.parseFloat(watch.interval ?? "0")} />
            <TrendTable trend={trend} />
          </>
        ) : (
          <p class="hint">{text.noTrend}</p>
        )}
      </Section>
    </>
  );
}

interface ButtonsProps {
  watch: Watch;
  again: () => void;
  editing: boolean;
  edit: () => void;
}

function Buttons({ watch, again, editing, edit }: ButtonsProps) {
  const text = words.value.watches;
  const { busy, problem, act } = useAct(again);
  const path = { id: watch.id };
  const ask = (question: () => Promise<{ data?: unknown; error?: unknown; response: Response }>) =>
    act(async () => {
      unwrap(await question());
    });
  const remove = async () => {
    if (await ask(() => api.DELETE("/v1/priceWatches/{id}", { params: { path } }))) {
      go(["watches"]);
    }
  };
  const paused = watch.state === "PRICE_WATCH_STATE_PAUSED";
  return (
    <div class="actions">
      <button
        type="button"
        disabled={busy}
        onClick={() => ask(() => api.POST("/v1/priceWatches/{id}:run", { params: { path }, body: {} }))}
      >
        {text.run}
      </button>
      <button
        type="button"
        disabled={busy}
        onClick={() =>
          ask(() =>
            paused
              ? api.POST("/v1/priceWatches/{id}:resume", { params: { path }, body: {} })
              : api.POST("/v1/priceWatches/{id}:pause", { params: { path }, body: {} }),
          )
        }
      >
        {paused ? text.resume : text.pause}
      </button>
      <button type="button" aria-expanded={editing} onClick={edit}>
        {text.edit}
      </button>
      <Sure busy={busy} ask={text.remove} yes={text.removeSure} act={() => void remove()} />
      {problem && <ProblemBox problem={problem} />}
    </div>
  );
}

function TrendTable({ trend }: { trend: Schemas["QueryPriceTrendResponse"] }) {
  const text = words.value.watches;
  const price = (m: Schemas["Money"] | undefined) => <td class="number">{m ? yuan(m) : "–"}</td>;
  return (
    <>
      <p class="actions">
        <Save table={() => trendTable(trend)} />
      </p>
      <details>
        <summary>{words.value.strategies.asTable}</summary>
        <Scroll label={text.trend}>
          <table>
            <thead>
              <tr>
                <th scope="col">{text.time}</th>
                {[text.lowest, text.median, text.highest].map((title) => (
                  <th key={title} scope="col" class="number">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {trend.points
                .slice(-100)
                .reverse()
                .map((p) => (
                  <tr key={p.time}>
                    <th scope="row">{p.time && moment(p.time)}</th>
                    {price(p.min)}
                    {price(p.median)}
                    {price(p.max)}
                  </tr>
                ))}
            </tbody>
          </table>
        </Scroll>
      </details>
    </>
  );
}

function Prices({ last }: { last: Schemas["PriceObservation"] }) {
  const text = words.value.watches;
  return (
    <Section title={text.prices}>
      {last.unseen.length > 0 && <p class="hint">{text.unseen(last.unseen.length)}</p>}
      <p class="actions">
        <Save table={() => observationTable(last)} />
      </p>
      <Scroll label={text.prices}>
        <table>
          <thead>
            <tr>
              <th scope="col">{words.value.csv.title}</th>
              <th scope="col" class="number">
                {words.value.csv.price}
              </th>
              <th scope="col">{words.value.csv.basis}</th>
              <th scope="col">{words.value.csv.supplier}</th>
            </tr>
          </thead>
          <tbody>
            {last.products.map((p) => (
              <tr key={p.productId}>
                <th scope="row">
                  <GoodsPicture url={p.imageUrl} size={48} />
                  <a href={addressOf(["product", p.productId])}>{p.title || p.productId}</a>
                </th>
                <td class="number strong">{p.price ? yuan(p.price) : <Unknown />}</td>
                <td>{text.basis[p.priceBasis] ?? ""}</td>
                <td>{p.supplierName || <Unknown />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Section>
  );
}
