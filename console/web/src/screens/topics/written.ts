import type { Draft, UnitTopic } from "../../api/topics";

/** Written is what a person has written of a topic so far. */
export type Written = { name: string; keywords: string; exclusions: string; examples: Draft["examples"]; threshold: number };

/** lines are the words of a text with one a line, or with commas between them: each once, with
 * single blanks, without empty ones. */
export function lines(text: string): string[] {
  const words = text.split(/[\n,，、;；]/u).map((w) => w.trim().replace(/\s+/gu, " ")).filter((w) => w !== "");
  return [...new Set(words)];
}

/** draftOf is what is asked of the server: the text of an example that is a post stays out. */
export function draftOf(w: Written): Draft {
  return {
    keywords: lines(w.keywords), exclusions: lines(w.exclusions), threshold: w.threshold,
    examples: w.examples.map((e) => (e.post_id ? { post_id: e.post_id } : { text: e.text ?? "" })),
  };
}

/** same tells whether a text says what is kept. */
export function same(kept: UnitTopic, w: Written): boolean {
  const of = (name: string, d: Draft) => JSON.stringify([name, d.keywords, d.exclusions, d.threshold, d.examples]);
  const was = draftOf({ name: kept.name, keywords: kept.keywords.join("\n"), exclusions: kept.exclusions.join("\n"), examples: kept.examples, threshold: kept.threshold });
  return of(kept.name, was) === of(w.name.trim(), draftOf(w));
}
