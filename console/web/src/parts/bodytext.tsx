import { Marked } from "./marked";
import { length, shift, type Mark } from "./spans";
import type { Lit } from "./assessment";

type Props = { part: "title" | "text"; title: string; text: string; marks: readonly Mark[]; lit: Lit | undefined };

/** BodyText is the title or the text of a post with the marks of its whole body, which is
 * the title, a line break and the text. */
export function BodyText({ part, title, text, marks, lit }: Props) {
  const shines = lit === undefined ? undefined : (id: string) => id === lit;
  if (part === "title") return <Marked text={title} marks={marks} {...(shines ? { lit: shines } : {})} />;
  const own = shift(marks, title === "" ? 0 : -length(title) - 1);
  return <p className="body-text"><Marked text={text} marks={own} {...(shines ? { lit: shines } : {})} /></p>;
}
