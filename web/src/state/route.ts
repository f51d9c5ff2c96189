// The address after # says what is shown, so that a view can be linked and the back button works.
import { signal } from "@preact/signals";

export interface Route {
  /** The parts of the path, such as ["product", "610947572360"]. */
  path: string[];
  query: URLSearchParams;
}

export const route = signal(read());

/** What the view shows, such as a product's title, once it is known. It begins the title of the document. */
export const subject = signal("");

function read(): Route {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?", 2);
  return { path: path.split("/").filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(query) };
}

addEventListener("hashchange", () => {
  const next = read();
  if (next.path.join("/") !== route.value.path.join("/")) {
    subject.value = "";
  }
  route.value = next;
});

/** addressOf is the address of a view. Parameters without a value are left out. */
export function addressOf(path: string[], query: Record<string, string | number | undefined> = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") {
      parameters.set(name, String(value));
    }
  }
  const text = parameters.toString();
  return `#/${path.map(encodeURIComponent).join("/")}${text ? `?${text}` : ""}`;
}

/** go shows a view. */
export function go(path: string[], query: Record<string, string | number | undefined> = {}): void {
  location.hash = addressOf(path, query);
}
