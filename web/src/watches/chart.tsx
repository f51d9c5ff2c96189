// The trend of a price watch, drawn by uPlot.
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Schemas } from "../api/client";
import { language, theme } from "../state/session";
import { words } from "../words/words";
import type { Event } from "./events";

type Money = Schemas["Money"] | undefined;
type Trend = Schemas["QueryPriceTrendResponse"];

/** near is an amount as a number. It is used to draw, never to reckon. */
function near(m: Money): number | null {
  return m ? Number(m.units) + m.nanos / 1e9 : null;
}

const fields = ["max", "q3", "median", "q1", "min"] as const;

/** dataOf are the series. A time without observations is a gap: a point without prices is put into it. */
function dataOf(trend: Trend, intervalSeconds: number): uPlot.AlignedData {
  const step = { PRICE_RESOLUTION_HOUR: 3600, PRICE_RESOLUTION_DAY: 86400 } as Record<string, number>;
  const longest = Math.max(step[trend.resolution] ?? 0, intervalSeconds) * 2.5;
  const times: number[] = [];
  const series: (number | null)[][] = fields.map(() => []);
  for (const point of trend.points) {
    const time = Date.parse(point.time ?? "") / 1000;
    const before = times.at(-1);
    if (before !== undefined && time - before > longest) {
      times.push((time + before) / 2);
      for (const values of series) {
        values.push(null);
      }
    }
    times.push(time);
    fields.forEach((name, i) => {
      series[i]?.push(near(point[name]));
    });
  }
  return [times, ...series] as uPlot.AlignedData;
}

interface Props {
  trend: Trend;
  events: Event[];
  intervalSeconds: number;
}

export function TrendChart({ trend, events, intervalSeconds }: Props) {
  const text = words.value.watches;
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const marks = useRef<number[]>([]);
  marks.current = events.flatMap((e) => (e.time ? [Date.parse(e.time) / 1000] : []));
  const spoken = language.value;
  const look = theme.value;
  useEffect(() => {
    const element = place.current;
    if (!element) {
      return;
    }
    const made = new uPlot(optionsOf(element, marks, intervalSeconds), dataOf(trend, intervalSeconds), element);
    chart.current = made;
    const size = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: 260 }));
    size.observe(element);
    return () => {
      size.disconnect();
      made.destroy();
      chart.current = undefined;
    };
  }, [spoken, look]);
  useEffect(() => {
    chart.current?.setData(dataOf(trend, intervalSeconds));
  }, [trend, events.length]);
  return (
    <figure class="trend">
      <div ref={place} class="chart" role="img" aria-label={text.trendOf(trend.points.length)} />
      <figcaption class="legend">
        <span class="key lowest">{text.lowest}</span>
        <span class="key middling">{text.median}</span>
        <span class="key box">{text.middle}</span>
        <span class="key highest">{text.highest}</span>
        {events.length > 0 && <span class="key happened">{text.event}</span>}
      </figcaption>
    </figure>
  );
}

/** optionsOf takes the colours from the style sheet: of the element, whose properties have them. */
function optionsOf(element: HTMLElement, marks: { current: number[] }, intervalSeconds: number): uPlot.Options {
  const style = getComputedStyle(element);
  const [ink, line, accent] = [style.color, style.borderTopColor, style.caretColor];
  const good = style.textDecorationColor;
  const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
  const plain = { width: 1, stroke: line, points: { show: false } };
  return {
    width: element.clientWidth,
    height: 260,
    legend: { show: false },
    scales: { x: { time: true, range: (u: uPlot, from, to) => spanOf(u.data[0], from, to, intervalSeconds) } },
    axes: [
      { ...axis, space: 90, values: (_: uPlot, all: number[]) => all.map((t, i) => stamp(t, all[i - 1])) },
      { ...axis, size: 64, values: (_: uPlot, all: number[]) => all.map((n) => `¥${n}`) },
    ],
    series: [
      {},
      { ...plain, stroke: ink, dash: [4, 4] },
      plain,
      { width: 2, stroke: accent, points: { show: true, size: 5, fill: accent } },
      plain,
      { width: 2, stroke: good, points: { show: false } },
    ],
    bands: [{ series: [2, 4], fill: line }],
    hooks: { draw: [(u) => drawMarks(u, marks.current, accent)] },
  };
}

/** spanOf are the times that the chart shows. A single one stands in the middle: uPlot would show years after it. */
function spanOf(times: ArrayLike<number>, from: number, to: number, intervalSeconds: number): uPlot.Range.MinMax {
  const only = times.length === 1 ? times[0] : undefined;
  return only === undefined ? [from, to] : [only - intervalSeconds, only + intervalSeconds];
}

/** stamp writes a time on the axis, with the day where it changes. */
function stamp(seconds: number, before: number | undefined): string {
  const at = new Date(seconds * 1000);
  const sameDay = before !== undefined && new Date(before * 1000).toDateString() === at.toDateString();
  const options: Intl.DateTimeFormatOptions = sameDay
    ? { hour: "2-digit", minute: "2-digit", second: "2-digit" }
    : { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" };
  return new Intl.DateTimeFormat(language.value, options).format(at);
}

/** drawMarks puts a mark at the time of each event. */
function drawMarks(u: uPlot, times: number[], colour: string): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.fillStyle = colour;
  for (const time of times) {
    const x = u.valToPos(time, "x", true);
    if (x >= bbox.left && x <= bbox.left + bbox.width) {
      ctx.beginPath();
      ctx.moveTo(x, bbox.top + 9 * devicePixelRatio);
      ctx.lineTo(x - 5 * devicePixelRatio, bbox.top);
      ctx.lineTo(x + 5 * devicePixelRatio, bbox.top);
      ctx.fill();
    }
  }
  ctx.restore();
}
