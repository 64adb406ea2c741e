import { useRef, useState, type KeyboardEvent } from "react";
import { language, useT } from "../catalogue/language";
import { bins, type Bin } from "./bins";
import { useWidth } from "./resize";
import { number } from "./time";

const height = 56;

/** DayChart shows counts over time. A bar can be pointed at, or walked to with the arrow
 * keys, and chosen with a click or Enter. */
export function DayChart({ days, choose }: { days: readonly { start: string; count: number }[]; choose: (bin: Bin) => void }) {
  const t = useT();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [at, setAt] = useState<number>();
  const { unit, bins: bars } = bins(days);
  const max = Math.max(1, ...bars.map((b) => b.count));
  const step = width / Math.max(1, bars.length);
  const active = at === undefined ? undefined : bars[at];
  const say = (b: Bin) => `${b.from === b.to ? b.from : `${b.from} – ${b.to}`}  ${t("chart.posts", { n: number(b.count, language()) })}`;

  function walk(event: KeyboardEvent): void {
    const here = at ?? bars.length;
    const to = { ArrowLeft: here - 1, ArrowRight: (at ?? -1) + 1, Home: 0, End: bars.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      setAt(Math.max(0, Math.min(bars.length - 1, to)));
    } else if ((event.key === "Enter" || event.key === " ") && active) {
      event.preventDefault();
      choose(active);
    } else if (event.key === "Escape") {
      setAt(undefined);
    }
  }

  const first = bars[0];
  const last = bars.at(-1);
  if (!first || !last) return null;
  return (
    <div className="chart" ref={box}>
      <svg width={width} height={height} role="slider" tabIndex={0} aria-label={t(`chart.by.${unit}`)} aria-orientation="horizontal"
        aria-valuemin={0} aria-valuemax={bars.length - 1} aria-valuenow={at ?? bars.length - 1} aria-valuetext={say(active ?? last)}
        onKeyDown={walk} onFocus={() => setAt(at ?? bars.length - 1)} onBlur={() => setAt(undefined)} onPointerLeave={() => setAt(undefined)}>
        {bars.map((b, i) => (
          <g key={b.from} className={i === at ? "chart-bar chart-at" : "chart-bar"} onPointerEnter={() => setAt(i)} onClick={() => choose(b)}>
            <rect className="chart-hit" x={i * step} width={step} height={height} />
            <rect className="chart-fill" x={i * step + gap(step)} width={Math.max(1, step - 2 * gap(step))}
              y={height - tall(b.count, max)} height={tall(b.count, max)} />
          </g>
        ))}
        <line className="chart-base" x2={width} y1={height - 0.5} y2={height - 0.5} />
      </svg>
      <div className="chart-axis"><span>{first.from}</span><span className="chart-now">{active ? say(active) : t(`chart.by.${unit}`)}</span><span>{last.to}</span></div>
    </div>
  );
}

function gap(step: number): number {
  return step > 6 ? 1 : step > 3 ? 0.5 : 0;
}

/** tall keeps a bar that counts anything to be seen. */
function tall(count: number, max: number): number {
  return count === 0 ? 0 : Math.max(2, (count / max) * (height - 4));
}
