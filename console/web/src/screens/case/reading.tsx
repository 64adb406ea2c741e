import { useState } from "react";
import { Link } from "react-router";
import type { Schemas } from "../../api/client";
import { named, useT } from "../../catalogue/language";
import { Marked } from "../../parts/marked";
import type { Mark } from "../../parts/spans";
import { Instant } from "../../parts/when";

type Reading = Schemas["AnswerReading"];

const grades = ["relevance", "completeness", "explained", "action"] as const;

/** AnswerPanel shows the latest answer with what was read in it, as advice to those who
 * accept it. */
export function AnswerPanel({ answer }: { answer: Schemas["ReadAnswer"] }) {
  const t = useT();
  return (
    <section className="panel answer-reading assessment" aria-labelledby="answer-title">
      <h2 id="answer-title">{t("reading.title")} <span className="quiet">{t("reading.advice")}</span></h2>
      <ReadingBody text={answer.text} reading={answer.reading} />
    </section>
  );
}

/** ReadingBody is an answer with its reading: pointing at a reason, or going to it with the
 * keyboard, lights its words. */
export function ReadingBody({ text, reading: r }: { text: string; reading: Reading }) {
  const t = useT();
  const [lit, setLit] = useState<string>();
  const marks: Mark[] = [
    ...r.reasons.flatMap((x) => x.evidence.map((e) => ({ id: `factor:${x.name}`, start: e.start, end: e.end }))),
    ...r.demands.flatMap((d, i) => d.answer.map((e) => ({ id: `topic:${i}`, start: e.start, end: e.end }))),
  ];
  const light = (id: string) => ({
    "data-lit": lit === id, onPointerEnter: () => setLit(id), onPointerLeave: () => setLit(undefined), onFocus: () => setLit(id), onBlur: () => setLit(undefined),
  });
  return (
    <>
      <Warnings reading={r} />
      <p className="step-text answer-text"><Marked text={text} marks={marks} {...(lit === undefined ? {} : { lit: (id: string) => id === lit })} /></p>
      <dl className="grades">
        {grades.map((g) => <div key={g} className={`grade grade-${r[g]}`}><dt title={t(`reading.${g}.what`)}>{t(`reading.${g}`)}</dt><dd><Dots n={r[g]} />{t(`reading.grade.${gradeOf(r[g])}`)}</dd></div>)}
      </dl>
      <h3>{t("reading.demands")}</h3>
      {r.demands.length === 0 && <p className="quiet">{t("reading.no_demands")}</p>}
      <ul className="reasons">
        {r.demands.map((d, i) => <li key={d.point.start}><Row silent={d.answer.length === 0} events={light(`topic:${i}`)} name={d.point.word} words={joined(d.answer)} figure={t(d.met ? "reading.met" : "reading.unmet")} bad={!d.met} /></li>)}
      </ul>
      <h3>{t("reading.reasons")}</h3>
      {r.reasons.length === 0 && <p className="quiet">{t("reading.no_reasons")}</p>}
      <ul className="reasons">
        {r.reasons.map((x) => <li key={x.name}><Row silent={x.evidence.length === 0} events={light(`factor:${x.name}`)} name={named("reading.reason", x.name)} words={joined(x.evidence)} figure={String(x.count)} bad={false} /></li>)}
      </ul>
    </>
  );
}

type RowProps = { silent: boolean; events: object; name: string; words: string; figure: string; bad: boolean };

function Row({ silent, events, name, words, figure, bad }: RowProps) {
  const cells = <><span className="reason-name">{name}</span><span className="reason-words">{words}</span><span className={bad ? "reason-points bad" : "reason-points"}>{figure}</span></>;
  return silent ? <div className="reason reason-silent">{cells}</div> : <button type="button" className="reason" {...events}>{cells}</button>;
}

function Warnings({ reading: r }: { reading: Reading }) {
  const t = useT();
  if (r.warnings.length === 0) return <p className="quiet">{t("reading.fine")}</p>;
  return (
    <ul className="plain reading-warnings">
      {r.warnings.map((w) => <li key={w}>{named("reading.warning", w)}{w === "copy" && r.copies.map((c) => <span key={c.case_id + c.at} className="quiet"> <Link to={`/cases/${encodeURIComponent(c.case_id)}`}>{c.number}</Link> <Instant at={c.at} /></span>)}</li>)}
      {r.warnings.length > 0 && <li className="quiet">{t("reading.limits")}</li>}
    </ul>
  );
}

/** Dots show a grade without colour. */
function Dots({ n }: { n: number }) {
  return (
    <svg className="grade-dots" viewBox="0 0 26 10" aria-hidden="true">
      {[0, 1].map((i) => <circle key={i} cx={6 + 14 * i} cy="5" r="4" className={i < n ? "grade-on" : "grade-off"} />)}
    </svg>
  );
}

function gradeOf(n: number): "0" | "1" | "2" {
  return n >= 2 ? "2" : n === 1 ? "1" : "0";
}

function joined(words: readonly { word: string }[]): string {
  return [...new Set(words.map((w) => w.word))].join(" ");
}
