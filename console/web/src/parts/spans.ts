/** Span is a piece of a text: code points [start, end). */
export type Span = { start: number; end: number };

/** Mark is a span with the name of what it stands for. */
export type Mark = Span & { id: string };

/** Piece is a run of text over which the same marks lie. */
export type Piece = { text: string; ids: string[]; start: number };

/**
 * pieces cuts a text wherever a mark begins or ends. Marks may overlap, touch and repeat;
 * what lies outside the text is left out. The pieces joined are the text again.
 */
export function pieces(text: string, marks: readonly Mark[]): Piece[] {
  const points = Array.from(text);
  const inside = marks
    .map((m) => ({ id: m.id, start: Math.max(0, m.start), end: Math.min(points.length, m.end) }))
    .filter((m) => m.start < m.end);
  const cuts = new Set([0, points.length]);
  for (const m of inside) cuts.add(m.start).add(m.end);
  const places = [...cuts].sort((a, b) => a - b);
  const out: Piece[] = [];
  for (let i = 0; i + 1 < places.length; i++) {
    const [start, end] = [places[i] as number, places[i + 1] as number];
    const ids = [...new Set(inside.filter((m) => m.start <= start && end <= m.end).map((m) => m.id))];
    out.push({ text: points.slice(start, end).join(""), ids, start });
  }
  return out;
}

/** shift moves spans by some code points, to show a part of a text. */
export function shift<T extends Span>(spans: readonly T[], by: number): T[] {
  return spans.map((s) => ({ ...s, start: s.start + by, end: s.end + by }));
}

/** length counts code points. */
export function length(text: string): number {
  return Array.from(text).length;
}

/**
 * excerpt cuts a text to some code points around the first mark, so that a match deep in
 * a long text is seen in a list. Line breaks become spaces: offsets stay right.
 */
export function excerpt(text: string, marks: readonly Mark[], size: number): { text: string; marks: Mark[]; before: boolean; after: boolean } {
  const points = Array.from(text.replace(/\s/gu, " "));
  const first = marks.reduce((least, m) => Math.min(least, m.start), Infinity);
  const lead = Math.floor(size / 4);
  let start = first === Infinity || first < size - lead ? 0 : first - lead;
  start = Math.max(0, Math.min(start, points.length - size));
  const end = Math.min(points.length, start + size);
  return {
    text: points.slice(start, end).join(""),
    marks: shift(marks, -start),
    before: start > 0,
    after: end < points.length,
  };
}
