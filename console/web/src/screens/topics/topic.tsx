import { useEffect, useMemo, useState, type FormEvent, type KeyboardEvent } from "react";
import { Link, useLocation, useNavigate, useParams, useSearchParams } from "react-router";
import { Failure } from "../../api/client";
import type { Session } from "../../api/queries";
import { useKeep, useTopic, type Draft, type UnitTopic } from "../../api/topics";
import { useT } from "../../catalogue/language";
import { FailurePanel, Loading } from "../../parts/nothing";
import { useNames } from "../../parts/names";
import { useTitle } from "../../parts/title";
import { Caught } from "./caught";
import { draftOf, lines, same, type Written } from "./written";
import "./topics.css";

/** Topic shows a topic of a unit with what it catches. Who may change it sees the effect of
 * every change before it is saved. */
export default function Topic({ session }: { session: Session }) {
  const { id } = useParams();
  const topic = useTopic(id);
  if (id === undefined) return <Editor key="new" session={session} kept={undefined} />;
  if (topic.data) return <Editor key={id} session={session} kept={topic.data} />;
  return <div className="page">{topic.isPending ? <Loading /> : <FailurePanel error={topic.error} retry={() => void topic.refetch()} />}</div>;
}

function Editor({ session, kept }: { session: Session; kept: UnitTopic | undefined }) {
  const t = useT();
  const names = useNames();
  const navigate = useNavigate();
  const [address] = useSearchParams();
  const arrived = (useLocation().state as { saved?: boolean } | null)?.saved ?? false;
  const keep = useKeep();
  const [unit, setUnit] = useState(session.unit ?? address.get("unit") ?? "");
  const [written, setWritten] = useState<Written>(() => fresh(kept, address.get("example")));
  const may = kept ? kept.may_change : session.permissions.includes("topics.keep");
  const draft = useMemo(() => draftOf(written), [written]);
  const changed = !kept || !same(kept, written);
  const shown = useSettled(changed && may ? draft : undefined);
  const empty = draft.keywords.length === 0 && draft.examples.length === 0;
  useTitle(kept?.name ?? t("topics.new"));

  const set = (change: Partial<Written>) => setWritten((w) => ({ ...w, ...change }));
  function save(active: boolean): void {
    keep.mutate({ unit, kept, name: written.name.trim(), active, draft }, {
      onSuccess: (saved) => {
        setWritten(fresh(saved, null));
        if (!kept) void navigate(`/topics/${encodeURIComponent(saved.id)}`, { replace: true, state: { saved: true } });
      },
    });
  }
  function submit(event: FormEvent): void {
    event.preventDefault();
    save(true);
  }
  function hurry(event: KeyboardEvent<HTMLFormElement>): void {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
  }

  return (
    <div className="page topic">
      <header className="page-head">
        <h1>{kept?.name ?? t("topics.new")}</h1>
        {kept && <span className="quiet">{names.unit(kept.unit)}{!kept.active && ` · ${t("topics.aside")}`}</span>}
        <Link className="topics-back" to="/topics">{t("topics.back")}</Link>
      </header>
      <div className={kept ? "topic-columns topic-kept" : "topic-columns"}>
        <form className="panel topic-form" aria-label={t("topics.rules")} onSubmit={submit} onKeyDown={hurry}>
          <fieldset disabled={!may}>
            {!kept && session.role !== "unit" && (
              <label className="field"><span>{t("cases.unit")}</span>
                <select required value={unit} onChange={(e) => setUnit(e.target.value)}>
                  <option value="">{t("topics.choose_unit")}</option>
                  {names.answering.map((u) => <option key={u.id} value={u.id}>{u.name}</option>)}
                </select>
              </label>
            )}
            <label className="field"><span>{t("topics.name")}</span><input required maxLength={40} value={written.name} autoComplete="off" onChange={(e) => set({ name: e.target.value })} /></label>
            <Words label={t("topics.keywords")} hint={t("topics.keywords.hint")} value={written.keywords} write={(keywords) => set({ keywords })} />
            <Words label={t("topics.exclusions")} hint={t("topics.exclusions.hint")} value={written.exclusions} write={(exclusions) => set({ exclusions })} />
            <Examples written={written} set={set} may={may} />
            {written.examples.length > 0 && (
              <label className="field"><span>{t("topics.threshold", { n: Math.round(written.threshold * 100) })}</span>
                <input type="range" min={0.1} max={1} step={0.05} value={written.threshold} onChange={(e) => set({ threshold: Number(e.target.value) })} />
                <span className="quiet">{t("topics.threshold.hint")}</span>
              </label>
            )}
            {may && (
              <p className="topic-acts">
                <button type="submit" className="button button-main" disabled={keep.isPending || empty || !changed && (kept?.active ?? false)}>{t(kept && !kept.active ? "topics.take_up" : "topics.save")}</button>
                {kept?.active && <button type="button" className="button" disabled={keep.isPending} onClick={() => save(false)}>{t("topics.put_aside")}</button>}
                <span className="quiet">{(keep.isSuccess || arrived) && !changed ? t("topics.saved") : changed ? t("topics.unsaved") : ""}</span>
              </p>
            )}
          </fieldset>
          {keep.isError && <p className="notice notice-bad" role="alert">{keep.error instanceof Failure && keep.error.problem ? keep.error.problem.detail : t("failure.network.text")}</p>}
        </form>
        <Caught id={kept?.id} draft={shown} empty={empty} changed={changed && may}
          {...(may ? { learn: (example) => set({ examples: [...written.examples, example] }), known: written.examples.map((e) => e.post_id ?? "") } : {})} />
      </div>
    </div>
  );
}

function fresh(kept: UnitTopic | undefined, example: string | null): Written {
  if (!kept) return { name: "", keywords: "", exclusions: "", examples: example ? [{ post_id: example }] : [], threshold: 0.5 };
  return { name: kept.name, keywords: kept.keywords.join("\n"), exclusions: kept.exclusions.join("\n"), examples: kept.examples, threshold: kept.threshold };
}

/** useSettled gives a draft once it has not changed for a moment. */
function useSettled(draft: Draft | undefined): Draft | undefined {
  const text = draft ? JSON.stringify(draft) : "";
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const later = setTimeout(() => setSettled(text), 500);
    return () => clearTimeout(later);
  }, [text]);
  return useMemo(() => (settled && text ? (JSON.parse(settled) as Draft) : undefined), [settled, text]);
}

function Words({ label, hint, value, write }: { label: string; hint: string; value: string; write: (text: string) => void }) {
  return (
    <label className="field"><span>{label}</span>
      <textarea rows={Math.min(8, Math.max(3, lines(value).length + 1))} value={value} spellCheck={false} onChange={(e) => write(e.target.value)} />
      <span className="quiet">{hint}</span>
    </label>
  );
}

function Examples({ written, set, may }: { written: Written; set: (change: Partial<Written>) => void; may: boolean }) {
  const t = useT();
  const [text, setText] = useState("");
  const add = () => {
    set({ examples: [...written.examples, { text: text.trim() }] });
    setText("");
  };
  return (
    <div className="field">
      <span id="examples">{t("topics.examples")}</span>
      <ul className="topic-examples" aria-labelledby="examples">
        {written.examples.map((e, i) => (
          <li key={`${e.post_id ?? ""}${i}`}>
            <span className="topic-example">{e.text || t("topics.example.post", { id: (e.post_id ?? "").slice(0, 8) })}</span>
            {may && <button type="button" className="link" aria-label={t("topics.example.drop", { n: i + 1 })} onClick={() => set({ examples: written.examples.filter((_, at) => at !== i) })}>×</button>}
          </li>
        ))}
      </ul>
      {may && written.examples.length < 20 && (
        <>
          <textarea rows={2} maxLength={5000} aria-label={t("topics.example.new")} placeholder={t("topics.example.new")} value={text} onChange={(e) => setText(e.target.value)} />
          <button type="button" className="button button-small" disabled={text.trim() === ""} onClick={add}>{t("topics.example.add")}</button>
        </>
      )}
      <span className="quiet">{t("topics.examples.hint")}</span>
    </div>
  );
}
