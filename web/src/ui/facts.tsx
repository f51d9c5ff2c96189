// A list of facts. What is not known is said to be not known.
import type { ComponentChildren } from "preact";
import { words } from "../words/words";

export interface Fact {
  name: string;
  /** Absent: not known. */
  value?: ComponentChildren;
}

export function Facts({ facts }: { facts: Fact[] }) {
  return (
    <dl class="sheet">
      {facts.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value === undefined || value === "" ? <Unknown /> : value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Unknown() {
  return <span class="unknown">{words.value.detail.unknown}</span>;
}

/** Section is a part of a view under a heading. */
export function Section({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="part">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** Scroll lets a wide table be moved sideways, also by keyboard. */
export function Scroll({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section class="scroll" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
