// What is shown until an answer is there.
import { useEffect, useState } from "preact/hooks";
import { words } from "../words/words";

/** From when on the seconds are counted. A shorter wait is not worth words. */
const longWait = 3;

interface Props {
  busy: boolean;
  /** Ends the question. Absent: it cannot be ended. */
  stop?: () => void;
}

/** Waiting says that an answer is on its way and, if it takes long, for how long and why that may be. */
export function Waiting({ busy, stop }: Props) {
  const text = words.value.waiting;
  const seconds = useSeconds(busy);
  return (
    <>
      <p role="status" class="visually-hidden">
        {busy && (seconds >= longWait ? text.stillSpoken : words.value.loading)}
      </p>
      {busy && seconds >= longWait && (
        <p class="working">
          <progress aria-label={words.value.loading} /> {text.still(seconds)}{" "}
          {stop && (
            <button type="button" onClick={stop}>
              {text.stop}
            </button>
          )}
        </p>
      )}
    </>
  );
}

/** useSeconds counts how long something has been busy. */
export function useSeconds(busy: boolean): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    setSeconds(0);
    if (!busy) {
      return;
    }
    const timer = setInterval(() => setSeconds((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, [busy]);
  return seconds;
}

/** CardsToCome holds the place of cards that are on their way. */
export function CardsToCome({ count = 10 }: { count?: number }) {
  return (
    <div class="cards" aria-hidden="true">
      {Array.from({ length: count }, (_, i) => (
        <div key={i} class="to-come blank">
          <div class="no-picture" />
          <p class="line" />
          <p class="line short" />
        </div>
      ))}
    </div>
  );
}

/** RowsToCome holds the place of lines of text. */
export function RowsToCome({ count = 4 }: { count?: number }) {
  return (
    <div class="to-come" aria-hidden="true">
      {Array.from({ length: count }, (_, i) => (
        <p key={i} class={i % 2 ? "line short" : "line"} />
      ))}
    </div>
  );
}
