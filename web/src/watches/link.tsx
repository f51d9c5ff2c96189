// The link that begins a price watch. Servers without price watches have none.
import { addressOf } from "../state/route";
import { watches } from "../state/server";

interface Props {
  /** What is watched, as the parameters of the form of a new watch. */
  query: Record<string, string>;
  text: string;
  /** What a screen reader says instead of the text. */
  label?: string;
  button?: boolean;
}

export function WatchLink({ query, text, label, button = false }: Props) {
  if (watches.value?.enabled === false) {
    return null;
  }
  return (
    <a class={button ? "button" : undefined} href={addressOf(["watches"], query)} aria-label={label}>
      {text}
    </a>
  );
}
