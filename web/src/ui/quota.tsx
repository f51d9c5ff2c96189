// The calls to 1688 that were spent today, and those that are left.
import { type Quota, quota } from "../state/quota";
import { count, moment } from "../words/format";
import { words } from "../words/words";
import { type Fact, Facts } from "./facts";

function leftOf(known: Quota): string {
  return known.callsLeft === undefined ? words.value.quota.unknown : count(known.callsLeft, false);
}

/** QuotaBar is the short form, which is always visible. */
export function QuotaBar() {
  const text = words.value.quota;
  const known = quota.value;
  if (!known) {
    return <span class="quota">{text.short(text.unknown, text.unknown)}</span>;
  }
  const end = known.exhaustedUntilTime;
  return (
    <span class={known.callsLeft === "0" ? "quota warning" : "quota"} title={text.scopes[known.scope]}>
      {text.short(count(known.callsUsed, false), leftOf(known))}
      {end && <span class="visually-hidden"> {text.usedUp(moment(end))}</span>}
    </span>
  );
}

/** QuotaFacts is the long form. */
export function QuotaFacts() {
  const text = words.value.quota;
  const known = quota.value;
  const facts: Fact[] = [
    { name: text.used, value: known && count(known.callsUsed, false) },
    { name: text.left, value: known && leftOf(known) },
    { name: text.most, value: known && (known.callsPerDay ? count(known.callsPerDay, false) : text.noLimit) },
    { name: text.counted, value: known && text.scopes[known.scope] },
    { name: text.resets, value: known?.resetTime && moment(known.resetTime) },
  ];
  return (
    <section>
      <h3>{text.title}</h3>
      <Facts facts={facts} />
      {known?.exhaustedUntilTime && <p class="warning">{text.usedUp(moment(known.exhaustedUntilTime))}</p>}
    </section>
  );
}
