// The events of price watches as a list.
import { addressOf } from "../state/route";
import { Save } from "../ui/save";
import { moment, percent, yuan } from "../words/format";
import { aside } from "../words/marks";
import { words } from "../words/words";
import type { Event, Live } from "./events";
import { eventTable } from "./tables";

export function EventList({ live, named }: { live: Live; named: boolean }) {
  const text = words.value.watches;
  return (
    <>
      <p class="summary">
        <span class={live.connected ? "real" : "stale"}>● {live.connected ? text.live : text.connecting}</span>
      </p>
      {live.events.length > 0 && (
        <p class="actions">
          <Save table={() => eventTable(live.events)} />
        </p>
      )}
      {live.events.length === 0 && <p class="hint">{text.noEvents}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard. */}
      <div class="events" role="log" aria-label={text.events} tabIndex={0}>
        <ol>
          {live.events.map((e) => (
            <li key={e.id}>
              <time dateTime={e.time}>{e.time && moment(e.time)}</time> <EventText event={e} />
              {named && (
                <>
                  {" · "}
                  <a href={addressOf(["watches", e.watchId])}>{e.watchDisplayName || e.watchId}</a>
                </>
              )}
            </li>
          ))}
        </ol>
      </div>
    </>
  );
}

function EventText({ event }: { event: Event }) {
  const text = words.value.watches;
  const [before, after] = [event.before?.price, event.after?.price];
  return (
    <>
      <b>{text.kinds[event.kind] ?? event.kind}</b>
      {before && after && ` ${text.change(yuan(before), yuan(after))}`}
      {!before && after && ` ${yuan(after)}`}
      {event.changeRatio !== undefined && aside(signed(event.changeRatio))}
      {event.productId && (
        <>
          {" "}
          <a href={addressOf(["product", event.productId])}>{event.title || event.productId}</a>
        </>
      )}
      {event.supplierName && ` · ${event.supplierName}`}
    </>
  );
}

function signed(ratio: number): string {
  return `${ratio > 0 ? "+" : ""}${percent(ratio, 1)}`;
}
