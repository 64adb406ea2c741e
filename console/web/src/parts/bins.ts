import { chinaDay } from "./time";

/** Bin is a bar of a chart over time: from its first to its last day. */
export type Bin = { from: string; to: string; count: number };

export type BinUnit = "day" | "week" | "month" | "year";

const most = 120;
const dayLength = 86_400_000;

/** bins gathers counts by day into the smallest unit of which at most 120 cover the time,
 * empty ones included, so that gaps in time are seen as gaps. */
export function bins(days: readonly { start: string; count: number }[]): { unit: BinUnit; bins: Bin[] } {
  const counts = new Map<string, number>();
  for (const d of days) {
    const day = chinaDay(d.start);
    counts.set(day, (counts.get(day) ?? 0) + d.count);
  }
  const sorted = [...counts.keys()].sort();
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return { unit: "day", bins: [] };
  for (const unit of ["day", "week", "month", "year"] as const) {
    const out = cover(first, last, unit);
    if (out === undefined) continue;
    let at = 0;
    for (const day of sorted) {
      while (day > (out[at] as Bin).to) at++;
      (out[at] as Bin).count += counts.get(day) ?? 0;
    }
    return { unit, bins: out };
  }
  return { unit: "year", bins: [] };
}

/** cover lists the units from one day to another, or nothing when they are too many. */
function cover(first: string, last: string, unit: BinUnit): Bin[] | undefined {
  const out: Bin[] = [];
  for (let from = begin(first, unit); from <= last; from = next(from, unit)) {
    if (out.length === (unit === "year" ? 400 : most)) return undefined;
    out.push({ from, to: shiftDay(next(from, unit), -1), count: 0 });
  }
  return out;
}

function begin(day: string, unit: BinUnit): string {
  if (unit === "month") return `${day.slice(0, 7)}-01`;
  if (unit === "year") return `${day.slice(0, 4)}-01-01`;
  return unit === "week" ? shiftDay(day, -((new Date(day).getUTCDay() + 6) % 7)) : day;
}

function next(day: string, unit: BinUnit): string {
  const [year, month] = [Number(day.slice(0, 4)), Number(day.slice(5, 7))];
  if (unit === "month") return new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 10);
  if (unit === "year") return new Date(Date.UTC(year + 1, 0, 1)).toISOString().slice(0, 10);
  return shiftDay(day, unit === "week" ? 7 : 1);
}

function shiftDay(day: string, by: number): string {
  return new Date(Date.parse(day) + by * dayLength).toISOString().slice(0, 10);
}
