// Whether this device is connected to a network.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { words } from "../words/words";

const connected = signal(navigator.onLine);
addEventListener("online", () => {
  connected.value = true;
});
addEventListener("offline", () => {
  connected.value = false;
});

/** Connection says that the device is offline, on every view, for as long as it is. */
export function Connection() {
  return (
    <p class={connected.value ? "visually-hidden" : "offline"} role="status">
      {!connected.value && words.value.waiting.offline}
    </p>
  );
}

/** useConnected does something once the device is connected again. */
export function useConnected(again: (() => void) | undefined): void {
  const last = useRef(again);
  last.current = again;
  useEffect(() => {
    const go = () => last.current?.();
    addEventListener("online", go);
    return () => removeEventListener("online", go);
  }, []);
}
