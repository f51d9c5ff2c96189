// The prices of offers as a histogram, with quartiles, outliers and the cheapest.
import type { Schemas } from "../api/client";
import { yuan } from "../words/format";
import { words } from "../words/words";

type Money = Schemas["Money"];

/** near is an amount as a number. It is used to draw, never to reckon. */
function near(m: Money): number {
  return Number(m.units) + m.nanos / 1e9;
}

const width = 640;
const height = 220;
const left = 34;
const top = 24;
const base = height - 34;

export function Histogram({ prices }: { prices: Schemas["PriceComparison"] }) {
  const text = words.value.strategies;
  const buckets = prices.histogram;
  const [first, last] = [buckets[0], buckets.at(-1)];
  if (!first?.low || !last?.high) {
    return null;
  }
  const x = (m: Money) => left + placeIn(buckets, near(m)) * (width - left - 30);
  const most = Math.max(...buckets.map((b) => b.count), 1);
  const y = (n: number) => base - (n / most) * (base - top);
  const s = prices.statistics;
  const cheapest = prices.cheapest?.price;
  return (
    <figure class="histogram">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={text.histogram(prices.priced, yuan(first.low), yuan(last.high))}
      >
        {s?.q1 && s.q3 && (
          <rect class="box" x={x(s.q1)} y={top} width={Math.max(2, x(s.q3) - x(s.q1))} height={base - top} />
        )}
        {buckets.map(
          (b) =>
            b.low &&
            b.high && (
              <g key={yuan(b.low)}>
                <rect
                  class="bar"
                  x={x(b.low) + 1}
                  y={y(b.count)}
                  width={Math.max(1, x(b.high) - x(b.low) - 2)}
                  height={base - y(b.count)}
                />
                {b.count > 0 && (
                  <text x={(x(b.low) + x(b.high)) / 2} y={y(b.count) - 4} class="middle">
                    {b.count}
                  </text>
                )}
              </g>
            ),
        )}
        <line class="axis" x1={left} y1={base} x2={width - 10} y2={base} />
        {ticks(buckets).map((m) => (
          <text key={yuan(m)} x={x(m)} y={base + 16} class="middle">
            {yuan(m)}
          </text>
        ))}
        {s?.median && <line class="median" x1={x(s.median)} y1={top - 6} x2={x(s.median)} y2={base} />}
        {prices.outliers.map((p) => p.price && <circle key={p.id} class="outlier" cx={x(p.price)} cy={base} r="5" />)}
        {cheapest && <path class="cheapest" d={`M${x(cheapest)} ${base} l-7 14 h14 z`} />}
      </svg>
      <figcaption class="legend">
        <span class="key box">{text.legend.box}</span>
        <span class="key median">{text.legend.median}</span>
        {cheapest && <span class="key cheapest">{text.legend.cheapest}</span>}
        {prices.outliers.length > 0 && <span class="key outlier">{text.legend.outlier}</span>}
      </figcaption>
      <details>
        <summary>{text.asTable}</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">{text.bucket}</th>
              <th scope="col" class="number">
                {text.count}
              </th>
            </tr>
          </thead>
          <tbody>
            {buckets.map(
              (b) =>
                b.low &&
                b.high && (
                  <tr key={yuan(b.low)}>
                    <th scope="row">
                      {yuan(b.low)} – {yuan(b.high)}
                    </th>
                    <td class="number">{b.count}</td>
                  </tr>
                ),
            )}
          </tbody>
        </table>
      </details>
    </figure>
  );
}

/** placeIn is where an amount is, from 0 to 1. All buckets are drawn equally wide, though the outer ones hold more. */
function placeIn(buckets: Schemas["PriceBucket"][], value: number): number {
  for (const [i, b] of buckets.entries()) {
    if (b.low && b.high && value <= near(b.high)) {
      const part = (value - near(b.low)) / (near(b.high) - near(b.low) || 1);
      return (i + Math.min(1, Math.max(0, part))) / buckets.length;
    }
  }
  return 1;
}

/** ticks are the bounds to write under the axis: not so many that they overlap. */
function ticks(buckets: Schemas["PriceBucket"][]): Money[] {
  const bounds = [...buckets.map((b) => b.low), buckets.at(-1)?.high].filter((m) => m !== undefined);
  const step = Math.ceil(bounds.length / 8);
  return bounds.filter((_, i) => i % step === 0);
}
