// Marks between words. Chinese has wide ones of its own.
import { language } from "../state/session";

const english = () => language.value === "en";

/** listed joins names. */
export function listed(names: readonly string[]): string {
  return names.join(english() ? ", " : "、");
}

/** colon stands between a name and what it names. */
export function colon(): string {
  return english() ? ": " : "：";
}

/** aside is a remark in brackets behind something. */
export function aside(text: string | number): string {
  return english() ? ` (${text})` : `（${text}）`;
}
