import type { Key, Language, Params } from "../catalogue/language";

const zone = "Asia/Shanghai";
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Said is a message of the catalogue with its parameters. */
export type Said = { key: Key; params: Params };

type Parts = Record<"year" | "month" | "day" | "hour" | "minute" | "second", string>;

const formatter = new Intl.DateTimeFormat("en-CA", {
  timeZone: zone, hourCycle: "h23",
  year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
});

function parts(at: string | number): Parts {
  const out: Partial<Parts> = {};
  for (const { type, value } of formatter.formatToParts(new Date(at))) {
    if (type in { year: 1, month: 1, day: 1, hour: 1, minute: 1, second: 1 }) out[type as keyof Parts] = value;
  }
  return out as Parts;
}

/** chinaDay is the day of an instant in China Standard Time, such as 2026-11-25. */
export function chinaDay(at: string | number): string {
  const p = parts(at);
  return `${p.year}-${p.month}-${p.day}`;
}

/** chinaTime writes an instant in China Standard Time to the minute. */
export function chinaTime(at: string | number): string {
  const p = parts(at);
  return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}`;
}

/** chinaSecond writes an instant to the second. */
export function chinaSecond(at: string | number): string {
  return `${chinaTime(at)}:${parts(at).second}`;
}

/** ago says how long ago something was; beyond a week it is the day itself. */
export function ago(at: string, now: number): Said {
  const passed = now - Date.parse(at);
  if (passed < minute) return { key: "time.now", params: {} };
  if (passed < hour) return { key: "time.minutes_ago", params: { n: Math.floor(passed / minute) } };
  if (passed < day) return { key: "time.hours_ago", params: { n: Math.floor(passed / hour) } };
  if (passed < 7 * day) return { key: "time.days_ago", params: { n: Math.floor(passed / day) } };
  return { key: "time.on", params: { day: chinaDay(at) } };
}

/** TimeLeft is how a deadline stands. fraction is the part of the time that is used up,
 * 0 to 1. */
export type TimeLeft = Said & { overdue: boolean; soon: boolean; fraction: number };

/** timeLeft says how long is left until due, or how long it is overdue. Soon means that
 * less than a fifth of the time is left, or less than an hour. */
export function timeLeft(start: string, due: string, now: number): TimeLeft {
  const [from, to] = [Date.parse(start), Date.parse(due)];
  const left = to - now;
  const overdue = left < 0;
  const whole = Math.max(1, to - from);
  const fraction = Math.min(1, Math.max(0, (now - from) / whole));
  return { ...span(Math.abs(left), overdue), overdue, soon: !overdue && (left < hour || left < whole / 5), fraction };
}

// Time left is rounded down and time overdue too: neither claims a minute that is not
// there.
function span(length: number, overdue: boolean): Said {
  const [d, h, m] = [Math.floor(length / day), Math.floor((length % day) / hour), Math.floor((length % hour) / minute)];
  if (d > 0 && h > 0) return { key: overdue ? "left.over_dh" : "left.dh", params: { d, h } };
  if (d > 0) return { key: overdue ? "left.over_d" : "left.d", params: { d } };
  if (h > 0 && m > 0) return { key: overdue ? "left.over_hm" : "left.hm", params: { h, m } };
  if (h > 0) return { key: overdue ? "left.over_h" : "left.h", params: { h } };
  if (m > 0) return { key: overdue ? "left.over_m" : "left.m", params: { m } };
  return { key: overdue ? "left.over_now" : "left.now", params: {} };
}

/** number writes a count with its thousands apart. */
export function number(n: number, language: Language): string {
  return n.toLocaleString(language);
}
