import { expect, test } from "vitest";
import { bins } from "./bins";

test("days of China, with the empty ones between", () => {
  const got = bins([{ start: "2019-01-03T16:00:00Z", count: 2 }, { start: "2019-01-01T00:00:00+08:00", count: 1 }]);
  expect(got.unit).toBe("day");
  expect(got.bins.map((b) => [b.from, b.count])).toEqual([["2019-01-01", 1], ["2019-01-02", 0], ["2019-01-03", 0], ["2019-01-04", 2]]);
});

test("longer times get larger units that begin where calendars do, and lose no count", () => {
  for (const [span, unit, first] of [[200, "week", "2018-12-31"], [1000, "month", "2019-01-01"], [20000, "year", "2019-01-01"]] as const) {
    const days = Array.from({ length: span }, (_, i) => ({ start: new Date(Date.UTC(2019, 0, 2 + i)).toISOString(), count: 1 }));
    const got = bins(days);
    expect([got.unit, got.bins[0]?.from]).toEqual([unit, first]);
    expect(got.bins.reduce((sum, b) => sum + b.count, 0)).toBe(span);
    got.bins.slice(1).forEach((b, i) => expect(Date.parse(b.from) - Date.parse(got.bins[i]!.to)).toBe(86_400_000));
  }
});

test("no counts, no bars", () => {
  expect(bins([]).bins).toEqual([]);
});
