// All price watches of the caller.
import { api } from "../api/client";
import { unwrap } from "../api/problem";
import { addressOf, route } from "../state/route";
import { sandbox, watches } from "../state/server";
import { language } from "../state/session";
import { useAnswer } from "../ui/answer";
import { Scroll, Section, Unknown } from "../ui/facts";
import { GoodsPicture } from "../ui/goodspicture";
import { ProblemBox } from "../ui/problem";
import { Save } from "../ui/save";
import { RowsToCome, Waiting } from "../ui/waiting";
import { moment, yuan } from "../words/format";
import { words } from "../words/words";
import { CreateForm } from "./create";
import type { Watch } from "./draft";
import { EventList } from "./eventlist";
import { useEvents } from "./events";
import { callsOf, stateOf, whatOf } from "./says";
import { watchTable } from "./tables";
import "./watches.css";

async function allWatches(signal: AbortSignal): Promise<Watch[]> {
  const all: Watch[] = [];
  let pageToken = "";
  do {
    const query = { pageSize: 100, ...(pageToken ? { pageToken } : {}) };
    const page = unwrap(await api.GET("/v1/priceWatches", { params: { query }, signal }));
    all.push(...page.priceWatches);
    pageToken = page.nextPageToken;
  } while (pageToken);
  return all;
}

export function WatchesView() {
  const text = words.value.watches;
  return watches.value?.enabled === false ? (
    <>
      <h1>{text.title}</h1>
      <p>{text.off}</p>
    </>
  ) : (
    <Watches />
  );
}

function Watches() {
  const text = words.value.watches;
  const live = useEvents("");
  const query = route.value.query;
  const asked = useAnswer(`watches ${language.value}`, allWatches);
  const given = query.has("product") || query.has("image") || query.has("keyword");
  const form = <CreateForm key={`${query} ${sandbox.value} ${watches.value?.intervalMin}`} query={query} />;
  return (
    <>
      <h1>{text.title}</h1>
      {given ? (
        <Section title={text.create}>{form}</Section>
      ) : (
        <details>
          <summary>{text.create}</summary>
          {form}
        </details>
      )}
      <Waiting busy={asked.busy} stop={asked.stop} />
      {asked.busy && !asked.answer && <RowsToCome />}
      {asked.problem && <ProblemBox problem={asked.problem} retry={asked.again} />}
      {asked.answer?.length === 0 && <p>{text.none}</p>}
      {asked.answer && asked.answer.length > 0 && <Saved watches={asked.answer} />}
      {asked.answer && asked.answer.length > 0 && <Table watches={asked.answer} />}
      <Section title={text.events}>
        <EventList live={live} named />
      </Section>
    </>
  );
}

function Saved({ watches }: { watches: Watch[] }) {
  return (
    <p class="actions">
      <Save table={() => watchTable(watches)} />
    </p>
  );
}

function Table({ watches }: { watches: Watch[] }) {
  const text = words.value.watches;
  return (
    <Scroll label={text.title}>
      <table>
        <thead>
          <tr>
            <th scope="col">{text.name}</th>
            <th scope="col">{text.what}</th>
            <th scope="col">{text.state}</th>
            <th scope="col" class="number">
              {text.lowest}
            </th>
            <th scope="col" class="number">
              {text.median}
            </th>
            <th scope="col">{text.last}</th>
            <th scope="col" class="number">
              {text.callsToday}
            </th>
          </tr>
        </thead>
        <tbody>
          {watches.map((w) => {
            const seen = w.lastObservation;
            return (
              <tr key={w.id}>
                <th scope="row">
                  <GoodsPicture url={seen?.imageUrl} size={48} />
                  <a href={addressOf(["watches", w.id])}>{w.displayName || w.id}</a>
                </th>
                <td>{whatOf(w)}</td>
                <td>{stateOf(w)}</td>
                <td class="number strong">{seen?.statistics?.min ? yuan(seen.statistics.min) : <Unknown />}</td>
                <td class="number">{seen?.statistics?.median ? yuan(seen.statistics.median) : <Unknown />}</td>
                <td>{seen?.dueTime ? moment(seen.dueTime) : text.notYet}</td>
                <td class="number">{callsOf(w)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}
