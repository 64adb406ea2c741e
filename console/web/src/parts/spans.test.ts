import { describe, expect, test } from "vitest";
import { excerpt, pieces } from "./spans";

describe("pieces", () => {
  test("counts code points, not UTF-16 units", () => {
    const text = "😀停车难";
    expect(pieces(text, [{ id: "a", start: 1, end: 3 }])).toEqual([
      { text: "😀", ids: [], start: 0 },
      { text: "停车", ids: ["a"], start: 1 },
      { text: "难", ids: [], start: 3 },
    ]);
  });

  test("overlapping marks share the middle piece", () => {
    const got = pieces("一二三四五", [{ id: "a", start: 0, end: 3 }, { id: "b", start: 2, end: 5 }]);
    expect(got.map((p) => [p.text, p.ids.join("")])).toEqual([["一二", "a"], ["三", "ab"], ["四五", "b"]]);
  });

  test("marks outside, empty and repeated do no harm", () => {
    const got = pieces("一二", [
      { id: "a", start: -5, end: 1 }, { id: "a", start: 0, end: 1 }, { id: "b", start: 7, end: 9 }, { id: "c", start: 1, end: 1 },
    ]);
    expect(got.map((p) => [p.text, p.ids.join("")])).toEqual([["一", "a"], ["二", ""]]);
  });

  test("random marks: the pieces joined are the text, and every point has its marks", () => {
    let seed = 7;
    const random = (n: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
    for (let round = 0; round < 300; round++) {
      const points = Array.from({ length: random(12) }, () => ["中", "a", "😀", "\n"][random(4)] as string);
      const marks = Array.from({ length: random(5) }, (_, i) => ({ id: `m${i}`, start: random(14) - 1, end: random(14) }));
      const got = pieces(points.join(""), marks);
      expect(got.map((p) => p.text).join("")).toBe(points.join(""));
      for (const piece of got) {
        Array.from(piece.text).forEach((_, k) => {
          const at = piece.start + k;
          const want = marks.filter((m) => m.start <= at && at < m.end).map((m) => m.id);
          expect([...piece.ids].sort()).toEqual(want.sort());
        });
      }
    }
  });
});

describe("excerpt", () => {
  const long = "甲".repeat(300) + "停车" + "乙".repeat(300);

  test("a late match is moved into view with its mark", () => {
    const got = excerpt(long, [{ id: "h", start: 300, end: 302 }], 80);
    expect(Array.from(got.text)).toHaveLength(80);
    const mark = got.marks[0]!;
    expect(Array.from(got.text).slice(mark.start, mark.end).join("")).toBe("停车");
    expect([got.before, got.after]).toEqual([true, true]);
  });

  test("a short text stays whole", () => {
    expect(excerpt("一\n二", [], 80)).toEqual({ text: "一 二", marks: [], before: false, after: false });
  });
});
