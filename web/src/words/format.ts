// Amounts, shares and ages as people write them.
import type { Schemas } from "../api/client";
import { language } from "../state/session";

/** Making a formatter takes long, and lists need the same one hundreds of times: each is made once. */
const formatters = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function numbers(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  return made(`n ${JSON.stringify(options)}`, () => new Intl.NumberFormat(language.value, options));
}

function times(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return made(`t ${JSON.stringify(options)}`, () => new Intl.DateTimeFormat(language.value, options));
}

function made<F extends Intl.NumberFormat | Intl.DateTimeFormat>(name: string, make: () => F): F {
  const key = `${language.value} ${name}`;
  const formatter = (formatters.get(key) as F | undefined) ?? make();
  formatters.set(key, formatter);
  return formatter;
}

/** yuan writes an amount exactly: it is never made a floating-point number. */
export function yuan(amount: Schemas["Money"]): string {
  const cents = String(amount.nanos).padStart(9, "0").replace(/0+$/, "");
  const fraction = cents === "" ? "" : `.${cents.padEnd(2, "0")}`;
  const sign = amount.currencyCode === "CNY" ? "¥" : `${amount.currencyCode} `;
  return `${sign}${amount.units}${fraction}`;
}

/** One yuan in the smallest part that an amount has. */
const nanosOfOne = 1_000_000_000n;

function nanosOf(amount: Schemas["Money"]): bigint {
  return BigInt(amount.units) * nanosOfOne + BigInt(amount.nanos);
}

/** product is what so many pieces cost, exactly. */
export function product(one: Schemas["Money"], pieces: string): Schemas["Money"] {
  const all = nanosOf(one) * BigInt(pieces);
  return { ...one, units: String(all / nanosOfOne), nanos: Number(all % nanosOfOne) };
}

/** less is whether an amount is smaller than another one in the same currency. */
export function less(a: Schemas["Money"], b: Schemas["Money"]): boolean {
  return a.currencyCode === b.currencyCode && nanosOf(a) < nanosOf(b);
}

export function percent(share: number, digits = 0): string {
  return numbers({ style: "percent", maximumFractionDigits: digits }).format(share);
}

export function count(text: string, atLeast: boolean): string {
  return `${BigInt(text).toLocaleString(language.value)}${atLeast ? "+" : ""}`;
}

/** plural is an English noun for several things. Measures such as "kg", and words of other languages, stay as they are. */
export function plural(noun: string): string {
  if (!/^[a-z]{3,}$/i.test(noun)) {
    return noun;
  }
  return /(s|x|z|ch|sh)$/i.test(noun) ? `${noun}es` : `${noun}s`;
}

export function day(time: string): string {
  return times({ dateStyle: "medium" }).format(new Date(time));
}

/** age is how long ago a time was, in the largest whole unit. */
export function age(time: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(time)) / 1000));
  const [value, unit] =
    seconds < 60
      ? [seconds, "second"]
      : seconds < 3600
        ? [Math.floor(seconds / 60), "minute"]
        : seconds < 86400
          ? [Math.floor(seconds / 3600), "hour"]
          : [Math.floor(seconds / 86400), "day"];
  return inUnits(value, unit);
}

/** moment is a date and a time of day, to the second. */
export function moment(time: string): string {
  return times({ dateStyle: "short", timeStyle: "medium" }).format(new Date(time));
}

/** lengthOf writes a number of seconds such as "3600s" in the largest unit that is exact. */
export function lengthOf(duration: string): string {
  const seconds = Number.parseFloat(duration);
  const units = [
    ["day", 86400],
    ["hour", 3600],
    ["minute", 60],
  ] as const;
  const [unit, size] = units.find(([, n]) => seconds >= n && seconds % n === 0) ?? (["second", 1] as const);
  return inUnits(seconds / size, unit);
}

/** inUnits writes a length of time. The long form of Chinese says 秒钟 for seconds. */
function inUnits(value: number, unit: string): string {
  return numbers({ style: "unit", unit, unitDisplay: language.value === "en" ? "long" : "short" }).format(value);
}
