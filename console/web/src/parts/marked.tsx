import { pieces, type Mark } from "./spans";

/** Marked is a text with marks. A mark's class is the part of its name before the colon;
 * those in lit stand out. */
export function Marked({ text, marks, lit }: { text: string; marks: readonly Mark[]; lit?: (id: string) => boolean }) {
  return pieces(text, marks).map((p) => {
    if (p.ids.length === 0) return p.text;
    const kinds = [...new Set(p.ids.map((id) => `m-${id.split(":")[0]}`))];
    if (lit && p.ids.some(lit)) kinds.push("m-lit");
    return <mark key={p.start} className={kinds.join(" ")}>{p.text}</mark>;
  });
}
