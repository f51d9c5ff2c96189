// The way to the other pages of a list.
import { useEffect, useRef } from "preact/hooks";
import { words } from "../words/words";

interface Props {
  page: number;
  /** The page to ask for next. 0: there is none. */
  next: number;
  show: (page: number) => void;
}

/** Pages stands below a list, in a section that can take the focus: a new page begins at the section's top. */
export function Pages({ page, next, show }: Props) {
  const text = words.value.search;
  const place = useRef<HTMLElement>(null);
  const turned = useRef(false);
  const turn = (to: number) => {
    turned.current = true;
    show(to);
  };
  useEffect(() => {
    const list = place.current?.closest("section");
    if (turned.current && list) {
      turned.current = false;
      list.focus({ preventScroll: true });
      list.scrollIntoView({ block: "start" });
    }
  }, [page]);
  return (
    <nav ref={place} class="pages" aria-label={text.page(page)}>
      {page > 1 && (
        <button type="button" onClick={() => turn(page - 1)}>
          {text.previous}
        </button>
      )}
      <span>{text.page(page)}</span>
      {next > 0 && (
        <button type="button" onClick={() => turn(next)}>
          {text.next}
        </button>
      )}
    </nav>
  );
}
