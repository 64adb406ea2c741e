import { useEffect, useRef, useState, type FormEvent } from "react";
import { Failure } from "../../api/client";
import { useT, type Key } from "../../catalogue/language";
import { mistakeText } from "../../parts/mistake";

const examples = ["search.help.both", "search.help.either", "search.help.without", "search.help.phrase", "search.help.title", "search.help.risk", "search.help.date", "search.help.fields"] as const satisfies readonly Key[];

/** QueryBox takes a question in the query language. A mistake is shown under the very
 * character. */
export function QueryBox({ query, error, submit }: { query: string; error: unknown; submit: (query: string) => void }) {
  const t = useT();
  const [text, setText] = useState(query);
  const [help, setHelp] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  const problem = error instanceof Failure && error.reason === "query_syntax" ? error.problem : undefined;

  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      event.preventDefault();
      box.current?.focus();
      box.current?.select();
    };
    document.addEventListener("keydown", focus);
    return () => document.removeEventListener("keydown", focus);
  }, []);

  function send(event: FormEvent): void {
    event.preventDefault();
    submit(text);
  }

  return (
    <form className="querybox" role="search" onSubmit={send}>
      <div className="querybox-line">
        <label className="unseen" htmlFor="q">{t("search.query")}</label>
        <input id="q" ref={box} type="search" value={text} maxLength={2000} autoComplete="off" spellCheck={false}
          placeholder={t("search.placeholder")} aria-invalid={problem !== undefined} aria-describedby={problem ? "q-error" : undefined}
          onChange={(e) => setText(e.target.value)} onKeyDown={(e) => e.key === "Escape" && box.current?.blur()} />
        <button type="submit" className="button button-main">{t("search.submit")}</button>
        <button type="button" className="button" aria-expanded={help || problem !== undefined} aria-controls="q-help" onClick={() => setHelp(!help)}>{t("search.help")}</button>
      </div>
      {problem && <Mistake query={query} position={Number(problem.params?.["position"] ?? 0)} expected={problem.params?.["expected"] ?? problem.detail} />}
      <div id="q-help" className="querybox-help" hidden={!help && problem === undefined}>
        <dl>
          {examples.map((key) => {
            const [example = "", meaning = ""] = t(key).split(" — ");
            return <div key={key}><dt><code>{example}</code></dt><dd>{meaning}</dd></div>;
          })}
        </dl>
        <p className="quiet">{t("search.help.keys")}</p>
      </div>
    </form>
  );
}

/** Mistake repeats the query and points at the character that is wrong. */
function Mistake({ query, position, expected }: { query: string; position: number; expected: string }) {
  const t = useT();
  const points = Array.from(query);
  const at = Math.max(0, position - 1);
  return (
    <div id="q-error" className="mistake" role="alert">
      <p className="mistake-query">{points.slice(0, at).join("")}<b>{points[at] ?? "\u00a0"}</b>{points.slice(at + 1).join("")}</p>
      <p>{t("search.mistake.at", { position, what: mistakeText(expected) })}</p>
    </div>
  );
}

/** isTyping tells keys that belong to a field from shortcuts of the page. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
