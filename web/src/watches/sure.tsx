// A button whose act cannot be undone: it asks once more.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { words } from "../words/words";

interface Props {
  busy: boolean;
  /** What the button says, and for who cannot see where it stands: of what. */
  ask: string;
  askOf?: string;
  /** What the second button says. */
  yes: string;
  act: () => void;
}

export function Sure({ busy, ask, askOf, yes, act }: Props) {
  const [asked, setAsked] = useState(false);
  const first = useRef<HTMLButtonElement>(null);
  const second = useRef<HTMLButtonElement>(null);
  const was = useRef(false);
  // The focus goes to the button that takes the place of the one that had it, before anything is drawn without it.
  useLayoutEffect(() => {
    if (asked !== was.current) {
      was.current = asked;
      (asked ? second : first).current?.focus();
    }
  }, [asked]);
  if (!asked) {
    return (
      <button
        ref={first}
        type="button"
        disabled={busy}
        {...(askOf ? { "aria-label": askOf } : {})}
        onClick={() => setAsked(true)}
      >
        {ask}
      </button>
    );
  }
  return (
    <>
      <button ref={second} type="button" class="danger" disabled={busy} onClick={act}>
        {yes}
      </button>
      <button type="button" onClick={() => setAsked(false)}>
        {words.value.watches.keep}
      </button>
    </>
  );
}
