// The intervals that a new price watch can have: of a list of usual ones those that the server allows.
import { watches } from "../state/server";
import { words } from "../words/words";

const usual = [10, 60, 600, 3600, 21_600, 86_400, 604_800];

const seconds = (duration: string | undefined, unknown: number) =>
  duration === undefined ? unknown : Number.parseFloat(duration);

/** allowed are the intervals in seconds. The shortest one that the server allows is among them if it is longer than the first. */
function allowed(): number[] {
  const least = seconds(watches.value?.intervalMin, 600);
  const most = seconds(watches.value?.intervalMax, Number.POSITIVE_INFINITY);
  const within = usual.filter((n) => n >= least && n <= most);
  return least <= 10 || within[0] === least ? within : [least, ...within];
}

/** usualInterval is an hour, or what comes closest to it. With made-up goods, which may change quickly, it is the shortest. */
export function usualInterval(shortest: boolean): string {
  const all = allowed();
  return `${(shortest ? all[0] : (all.find((n) => n >= 3600) ?? all.at(-1))) ?? 3600}s`;
}

/** IntervalOptions are the options of a list of choices. */
export function IntervalOptions() {
  return (
    <>
      {allowed().map((n) => (
        <option key={n} value={`${n}s`}>
          {spoken(n)}
        </option>
      ))}
    </>
  );
}

function spoken(n: number): string {
  const text = words.value.watches;
  const [size, unit] =
    n % 86_400 === 0
      ? [86_400, text.days]
      : n % 3600 === 0
        ? [3600, text.hours]
        : n % 60 === 0
          ? [60, text.minutes]
          : [1, text.seconds];
  return unit(n / size);
}
