import { useRef, useState, type KeyboardEvent } from "react";
import type { Schemas } from "../../api/client";
import { language, useT } from "../../catalogue/language";
import { useNames } from "../../parts/names";
import { useWidth } from "../../parts/resize";
import { chinaTime, number } from "../../parts/time";
import { Instant } from "../../parts/when";

const height = 96;

type Timeline = Schemas["Timeline"];

/** TimelinePanel shows an event's posts over time, and what happened, beside them and in
 * words below. */
export function TimelinePanel({ timeline }: { timeline: Timeline }) {
  const t = useT();
  const names = useNames();
  return (
    <section className="panel" aria-labelledby="timeline-title">
      <h2 id="timeline-title">{t("event.timeline")}</h2>
      <Bars timeline={timeline} />
      <ol className="marks">
        {timeline.marks.map((m, i) => (
          <li key={`${m.kind}${i}`} className={`mark-row mark-${m.kind}`}>
            <Instant at={m.at} /><span><b>{t(`event.mark.${m.kind}`)}</b>{m.unit && <span className="quiet"> {names.unit(m.unit)}</span>}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Bars can be pointed at, or walked along with the arrow keys. */
function Bars({ timeline: { unit, bars, marks } }: { timeline: Timeline }) {
  const t = useT();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [at, setAt] = useState<number>();
  const [first, last] = [bars[0], bars.at(-1)];
  if (!first || !last) return <p className="quiet" ref={box}>{t("event.no_bars")}</p>;
  const max = Math.max(...bars.map((b) => b.count));
  const step = width / bars.length;
  const gap = step > 6 ? 1 : step > 3 ? 0.5 : 0;
  const active = at === undefined ? undefined : bars[at];
  const say = (b: Schemas["Bar"]) => `${label(b.start, unit)}  ${t("chart.posts", { n: number(b.count, language()) })}`;
  const place = placer(bars, unit, width);

  function walk(event: KeyboardEvent): void {
    const to = { ArrowLeft: (at ?? bars.length) - 1, ArrowRight: (at ?? -1) + 1, Home: 0, End: bars.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    setAt(Math.max(0, Math.min(bars.length - 1, to)));
  }

  return (
    <div className="chart timeline" ref={box}>
      <svg width={width} height={height} role="slider" tabIndex={0} aria-label={t(`event.by.${unit}`)} aria-orientation="horizontal"
        aria-valuemin={0} aria-valuemax={Math.max(1, bars.length - 1)} aria-valuenow={at ?? bars.length - 1} aria-valuetext={say(active ?? last)}
        onKeyDown={walk} onBlur={() => setAt(undefined)} onPointerLeave={() => setAt(undefined)}>
        {bars.map((b, i) => (
          <g key={b.start} className={i === at ? "chart-bar chart-at" : "chart-bar"} onPointerEnter={() => setAt(i)}>
            <rect className="chart-hit" x={i * step} width={step} height={height} />
            <rect className="chart-fill" x={i * step + gap} width={Math.max(1, Math.min(step - 2 * gap, 48))} y={height - tall(b.count, max)} height={tall(b.count, max)} />
          </g>
        ))}
        <line className="chart-base" x2={width} y1={height - 0.5} y2={height - 0.5} />
        {marks.map((m, i) => {
          const x = place(m.at);
          return x === undefined ? null : <g key={`${m.kind}${i}`} className={`chart-mark chart-mark-${m.kind}`}><line x1={x} x2={x} y1={8} y2={height} /><path d={`M${x - 4} 0h8l-4 7z`} /></g>;
        })}
      </svg>
      <div className="chart-axis"><span>{label(first.start, unit)}</span><span className="chart-now">{active ? say(active) : t(`event.by.${unit}`)}</span><span>{bars.length > 1 && label(last.start, unit)}</span></div>
    </div>
  );
}

/** placer tells where an instant lies along the bars; one outside has no place. */
function placer(bars: Timeline["bars"], unit: Timeline["unit"], width: number): (at: string) => number | undefined {
  const starts = bars.map((b) => Date.parse(b.start));
  const [from, last] = [starts[0] ?? 0, starts.at(-1) ?? 0];
  const to = last + { hour: 3_600_000, day: 86_400_000, month: 30 * 86_400_000 }[unit];
  return (at) => {
    const ms = Date.parse(at);
    if (ms < from || ms >= to) return undefined;
    const i = starts.findLastIndex((s) => s <= ms);
    const begin = starts[i] ?? from;
    const end = starts[i + 1] ?? to;
    return ((i + Math.min(1, (ms - begin) / (end - begin))) / bars.length) * width;
  };
}

function label(start: string, unit: Timeline["unit"]): string {
  const whole = chinaTime(start);
  return unit === "hour" ? whole : whole.slice(0, unit === "day" ? 10 : 7);
}

/** tall keeps a bar that counts anything to be seen. */
function tall(count: number, max: number): number {
  return count === 0 ? 0 : Math.max(2, (count / Math.max(1, max)) * (height - 14));
}
