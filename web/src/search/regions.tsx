// The photo that is searched by, with the goods that were seen on it. A part of it can be chosen.
import { useRef, useState } from "preact/hooks";
import type { Schemas } from "../api/client";
import { addressOf } from "../state/route";
import { WatchLink } from "../watches/link";
import { words } from "../words/words";
import { choosePart, detected, givePhoto, type Photo, region, searched } from "./state";

type Region = Schemas["ImageRegion"];

/** Parts smaller than this share of a side are slips of the finger. */
const smallest = 0.03;

export function PhotoPanel({ photo }: { photo: Photo }) {
  const text = words.value;
  return (
    <figure class="photo">
      <Frame photo={photo} />
      <div>
        <Choice />
        <p class="actions">
          <button type="button" onClick={() => givePhoto(undefined)}>
            {text.search.removePhoto}
          </button>
          {photo.id && (
            <>
              <a class="button" href={addressOf(["strategy", "source"], { image: photo.id })}>
                {text.photos.source}
              </a>
              <a class="button" href={addressOf(["strategy", "compare"], { image: photo.id })}>
                {text.photos.compare}
              </a>
              <WatchLink button query={{ image: photo.id }} text={text.watches.watchPhoto} />
            </>
          )}
        </p>
      </div>
    </figure>
  );
}

/** Frame draws the regions. A click chooses one, dragging draws one; the buttons and fields beside it do the same by keyboard. */
function Frame({ photo }: { photo: Photo }) {
  const place = useRef<HTMLDivElement>(null);
  const [start, setStart] = useState<{ x: number; y: number }>();
  const [drawn, setDrawn] = useState<Region>();
  const at = (e: PointerEvent) => {
    const box = place.current?.getBoundingClientRect();
    const within = (n: number) => Math.min(1, Math.max(0, n));
    return box
      ? { x: within((e.clientX - box.left) / box.width), y: within((e.clientY - box.top) / box.height) }
      : { x: 0, y: 0 };
  };
  const end = (e: PointerEvent) => {
    if (!start) {
      return;
    }
    const made = between(start, at(e));
    setStart(undefined);
    setDrawn(undefined);
    if (made.right - made.left >= smallest && made.bottom - made.top >= smallest) {
      choosePart(made);
      return;
    }
    const hit = detected.value.filter((r) => holds(r, start)).sort((a, b) => area(a) - area(b))[0];
    if (hit) {
      choosePart(hit);
    }
  };
  return (
    <div
      ref={place}
      class="frame"
      onPointerDown={(e) => {
        if (e.button === 0) {
          e.currentTarget.setPointerCapture(e.pointerId);
          setStart(at(e));
        }
      }}
      onPointerMove={(e) => start && setDrawn(between(start, at(e)))}
      onPointerUp={end}
      onPointerCancel={() => {
        setStart(undefined);
        setDrawn(undefined);
      }}
    >
      <img src={photo.preview} alt={words.value.search.yourPhoto} draggable={false} />
      <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
        {detected.value.map((r, i) => (
          <Box key={`${r.left} ${r.top} ${r.right} ${r.bottom}`} region={r} kind={`seen seen-${i % 3}`} />
        ))}
        {!region.value && searched.value && <Box region={searched.value} kind="searched" />}
        {region.value && !drawn && <Box region={region.value} kind="chosen" />}
        {drawn && <Box region={drawn} kind="chosen" />}
      </svg>
    </div>
  );
}

function Box({ region: r, kind }: { region: Region; kind: string }) {
  return <rect class={kind} x={r.left} y={r.top} width={r.right - r.left} height={r.bottom - r.top} />;
}

function between(a: { x: number; y: number }, b: { x: number; y: number }): Region {
  return {
    left: Math.min(a.x, b.x),
    top: Math.min(a.y, b.y),
    right: Math.max(a.x, b.x),
    bottom: Math.max(a.y, b.y),
  };
}

const area = (r: Region) => (r.right - r.left) * (r.bottom - r.top);

function holds(r: Region, p: { x: number; y: number }): boolean {
  return p.x >= r.left && p.x <= r.right && p.y >= r.top && p.y <= r.bottom;
}

function same(a: Region | undefined, b: Region): boolean {
  return a !== undefined && a.left === b.left && a.top === b.top && a.right === b.right && a.bottom === b.bottom;
}

function Choice() {
  const text = words.value.photos;
  const chosen = region.value;
  const byHand = chosen !== undefined && !detected.value.some((r) => same(chosen, r));
  return (
    <fieldset class="regions">
      <legend>{text.region}</legend>
      <p class="actions">
        <button type="button" aria-pressed={chosen === undefined} onClick={() => choosePart(undefined)}>
          {text.whole}
        </button>
        {detected.value.map((r, i) => (
          <button
            key={`${r.left} ${r.top} ${r.right} ${r.bottom}`}
            type="button"
            aria-pressed={same(chosen, r)}
            onClick={() => choosePart(r)}
          >
            {text.detected(i + 1)}
          </button>
        ))}
      </p>
      <details>
        <summary>
          {text.byHand}
          {byHand && " ✓"}
        </summary>
        <Edges key={JSON.stringify(chosen)} chosen={chosen} />
      </details>
    </fieldset>
  );
}

const sides = ["left", "top", "right", "bottom"] as const;

/** Edges takes a part by its edges in percent. It stands in the form of the search, so Enter must not send that. */
function Edges({ chosen }: { chosen: Region | undefined }) {
  const text = words.value.photos;
  const [edges, setEdges] = useState<Region>(chosen ?? { left: 0, top: 0, right: 1, bottom: 1 });
  const valid = edges.left < edges.right && edges.top < edges.bottom;
  const apply = () => {
    if (valid) {
      choosePart(edges);
    }
  };
  return (
    <div class="edges">
      <p class="hint">{text.drag}</p>
      {sides.map((side) => (
        <label key={side}>
          {text[side]}
          <input
            type="number"
            min="0"
            max="100"
            step="any"
            value={Math.round(edges[side] * 1000) / 10}
            onInput={(e) => setEdges({ ...edges, [side]: Number(e.currentTarget.value) / 100 })}
            onKeyDown={(e) => {
              if (e.key === "Enter") {
                e.preventDefault();
                apply();
              }
            }}
          />
        </label>
      ))}
      <button type="button" disabled={!valid} onClick={apply}>
        {text.searchPart}
      </button>
    </div>
  );
}
