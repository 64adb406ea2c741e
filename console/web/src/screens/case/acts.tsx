import { useId, useState } from "react";
import { Failure, type Schemas } from "../../api/client";
import { useAct, useCheckAnswer, type Session } from "../../api/queries";
import { language, useT } from "../../catalogue/language";
import { length } from "../../parts/spans";
import { number } from "../../parts/time";
import { useDraft } from "./draft";
import { ReadingBody } from "./reading";

const longest = 20_000;

type Case = Schemas["CaseDetail"];
type Action = Schemas["Allowed"]["action"];

/** Worded are the acts that say something. */
type Worded = Extract<Action, "answer" | "return">;
const isWorded = (action: Action): action is Worded => action === "answer" || action === "return";

type Props = { found: Case; session: Session; reload: () => Promise<unknown> };

/** Acts offers what the server allows this person to do with the case now, and says why
 * there is nothing to do when there is nothing. */
export function Acts({ found: c, session, reload }: Props) {
  const t = useT();
  const act = useAct(c.id);
  const [chosen, setChosen] = useState<Action>();
  const send = (action: Action, text: string, done?: () => void) =>
    act.mutate({ action, revision: c.revision, ...(text ? { text } : {}) }, {
      onSuccess: () => {
        setChosen(undefined);
        done?.();
      },
    });
  const plain = c.allowed.filter((a) => !a.needs_text);
  const worded = c.allowed.map((a) => a.action).filter(isWorded);
  const open = worded.find((a) => a === chosen) ?? (plain.length === 0 && worded.length === 1 ? worded[0] : undefined);
  if (c.allowed.length === 0) {
    return <p className="acts-none quiet no-print" role="status">{t(whyNone(c, session))}</p>;
  }
  return (
    <section className="panel acts no-print" aria-labelledby="acts-title">
      <h2 id="acts-title">{t("acts.title")}</h2>
      <Conflict error={act.error} reload={() => void reload().then(() => act.reset())} />
      <div className="acts-buttons">
        {plain.map((a) => (
          <button key={a.action} type="button" className="button button-main" disabled={act.isPending} onClick={() => send(a.action, "")}>{t(`acts.${a.action}`)}</button>
        ))}
        {worded.length > 0 && open === undefined && worded.map((a) => (
          <button key={a} type="button" className="button" onClick={() => setChosen(a)}>{t(`acts.${a}`)}</button>
        ))}
      </div>
      {plain.map((a) => <p key={a.action} className="quiet acts-hint">{t(`acts.${a.action}.hint`)}</p>)}
      {open && <Words key={open} caseID={c.id} action={open} pending={act.isPending} send={send} {...(chosen ? { cancel: () => setChosen(undefined) } : {})} />}
    </section>
  );
}

type WordsProps = { caseID: string; action: Worded; pending: boolean; send: (action: Worded, text: string, done: () => void) => void; cancel?: () => void };

/** Words takes the text of an answer or of a reason. An answer is read before it is sent;
 * where there is something to look at, the unit sees it first and may send it all the same. */
function Words({ caseID, action, pending, send, cancel }: WordsProps) {
  const t = useT();
  const id = useId();
  const [text, setText, clear] = useDraft(`${caseID}.${action}`);
  const check = useCheckAnswer(caseID);
  const used = length(text);
  const over = used > longest;
  const words = text.trim();
  const go = () => send(action, words, clear);
  const doubt = check.data && check.variables === words && check.data.warnings.length > 0 ? check.data : undefined;
  function submit(): void {
    if (action !== "answer" || doubt) return go();
    // A reading that fails must not hold an answer up.
    check.mutate(words, { onSuccess: (read) => read.warnings.length === 0 && go(), onError: go });
  }
  return (
    <form className="acts-words" onSubmit={(event) => {
      event.preventDefault();
      submit();
    }}>
      <label htmlFor={id}>{t(`acts.${action}.label`)}</label>
      <textarea id={id} rows={action === "answer" ? 9 : 4} value={text} required aria-describedby={`${id}-hint ${id}-count`} aria-invalid={over} onChange={(e) => setText(e.target.value)} />
      <div className="acts-under">
        <span id={`${id}-hint`} className="quiet">{t(`acts.${action}.hint`)}</span>
        <span id={`${id}-count`} className={over ? "acts-count acts-over" : "acts-count"}>{over ? t("acts.over", { n: number(used - longest, language()) }) : t("acts.count", { n: number(used, language()), most: number(longest, language()) })}</span>
      </div>
      {doubt && <section className="assessment doubt" role="alert" aria-label={t("reading.before")}><h3>{t("reading.before")}</h3><ReadingBody text={words} reading={doubt} /></section>}
      <div className="acts-buttons">
        <button type="submit" className="button button-main" disabled={pending || check.isPending || over || words === ""}>{pending || check.isPending ? t("acts.pending") : t(doubt ? "reading.anyway" : `acts.${action}.send`)}</button>
        {cancel && <button type="button" className="button" onClick={cancel}>{t("app.cancel")}</button>}
      </div>
    </form>
  );
}

/** Conflict explains a refusal. When the case changed meanwhile it offers to read it again;
 * the draft stays. */
function Conflict({ error, reload }: { error: unknown; reload: () => void }) {
  const t = useT();
  if (!error) return null;
  const failure = error instanceof Failure ? error : undefined;
  const stale = failure?.status === 409;
  return (
    <div className="notice notice-bad" role="alert">
      <p>{failure?.problem?.detail ?? t("failure.network.text")}{stale && ` ${t("acts.draft_stays")}`}</p>
      {stale && <button type="button" className="button" onClick={reload}>{t("acts.reload")}</button>}
    </div>
  );
}

function whyNone(c: Case, session: Session) {
  if (c.state === "closed") return "acts.none.closed" as const;
  if (session.role === "leader") return "acts.none.leader" as const;
  if (session.role === "unit") return session.unit === c.lead_unit ? ("acts.none.review" as const) : ("acts.none.co_unit" as const);
  return "acts.none.unit_first" as const;
}
