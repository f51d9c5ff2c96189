// Events of price watches as they happen.
import { useEffect, useState } from "preact/hooks";
import { headers, type Schemas } from "../api/client";
import { lines } from "../api/lines";
import { problemOf } from "../api/problem";

export type Event = Schemas["PriceEvent"];
type Step = Schemas["StreamPriceEventsResponse"];

/** The number of events that a view keeps. Older ones are on the server. */
const kept = 200;
/** The pauses before the stream is asked for again, in milliseconds: twice as long each time that it fails at once. */
const pause = 2000;
const longestPause = 30_000;
/** How often new events are shown at most, in milliseconds. */
const drawMillis = 200;

export interface Live {
  /** The newest first. */
  events: Event[];
  connected: boolean;
}

/**
 * useEvents reads the stream of one watch, or of all if the id is empty, from the oldest event that is kept. A browser's EventSource
 * cannot send an API key, so the stream is fetched. After a lost connection it goes on after the last event that came.
 */
export function useEvents(watchId: string): Live {
  const [live, setLive] = useState<Live>({ events: [], connected: false });
  useEffect(() => {
    const reading = new AbortController();
    let now: Live = { events: [], connected: false };
    let shown = now;
    setLive(now);
    // Thousands of events may come at once, and each view of them takes a while to draw.
    const draw = setInterval(() => {
      if (shown !== now) {
        shown = now;
        setLive(now);
      }
    }, drawMillis);
    void follow(watchId, reading.signal, (change) => {
      now = change(now);
    });
    return () => {
      reading.abort();
      clearInterval(draw);
    };
  }, [watchId]);
  return live;
}

async function follow(watchId: string, signal: AbortSignal, set: (change: (before: Live) => Live) => void) {
  let after = "0";
  let wait = pause;
  while (!signal.aborted) {
    try {
      for await (const step of read(watchId, after, signal)) {
        after = step.event?.id ?? step.heartbeatAfterEventId ?? after;
        const { event } = step;
        wait = pause;
        set((before) =>
          before.connected && !event
            ? before
            : { connected: true, events: event ? add(before.events, event) : before.events },
        );
      }
    } catch {
      // The connection was lost, or the server refused it: it is tried again below.
    }
    set((before) => ({ ...before, connected: false }));
    await new Promise((done) => setTimeout(done, wait));
    wait = Math.min(wait * 2, longestPause);
  }
}

/** add puts an event first. The stream sends each at least once, so one may be there already. */
function add(events: Event[], event: Event): Event[] {
  return events.some((e) => e.id === event.id) ? events : [event, ...events].slice(0, kept);
}

async function* read(watchId: string, after: string, signal: AbortSignal): AsyncGenerator<Step> {
  const query = new URLSearchParams({ afterEventId: after, ...(watchId ? { watchId } : {}) });
  const answer = await fetch(`/v1/priceEvents:stream?${query}`, { headers: headers(), signal });
  if (!answer.ok) {
    throw problemOf(answer.status, await answer.json().catch(() => undefined));
  }
  yield* lines<Step>(answer);
}
