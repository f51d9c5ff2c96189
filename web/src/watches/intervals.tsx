// The intervals that a new price watch can have: of a list of usual ones those that the server allows.
import { watches } from "../state/server";
import { lengthOf } from "../words/format";

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

/** IntervalOptions are the options of a list of choices. The present interval is one of them, such as "90s". */
export function IntervalOptions({ present }: { present: string }) {
  const all = allowed().map((n) => `${n}s`);
  return (
    <>
      {(all.includes(present) ? all : [present, ...all]).map((duration) => (
        <option key={duration} value={duration}>
          {lengthOf(duration)}
        </option>
      ))}
    </>
  );
}
