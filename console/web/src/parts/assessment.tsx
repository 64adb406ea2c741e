import { useState, type ReactNode } from "react";
import type { Schemas } from "../api/client";
import { language, named, useT } from "../catalogue/language";
import { RiskBadge } from "./badges";
import { useNames } from "./names";
import type { Mark } from "./spans";

type Assessment = Schemas["Assessment"];

/** Lit is the name of the marks that stand out just now: "factor:2", "topic:0". */
export type Lit = string;

/** evidenceMarks are the marks of all that an assessment rests on. */
export function evidenceMarks(a: Assessment): Mark[] {
  return [
    ...a.factors.flatMap((f, i) => f.evidence.map((e) => ({ id: `factor:${i}`, start: e.start, end: e.end }))),
    ...a.topics.flatMap((f, i) => f.evidence.map((e) => ({ id: `topic:${i}`, start: e.start, end: e.end }))),
    ...(a.elsewhere?.evidence ?? []).map((e) => ({ id: "place:1", start: e.start, end: e.end })),
    ...a.places.map((e) => ({ id: "place:0", start: e.start, end: e.end })),
  ];
}

type Props = { assessment: Assessment; lit: Lit | undefined; light: (lit: Lit | undefined) => void };

/** AssessmentPanel lists what was judged and why. Pointing at a reason, or going to it with
 * the keyboard, lights its words in the text; pressing it keeps them lit. */
export function AssessmentPanel({ assessment: a, lit, light }: Props) {
  const t = useT();
  const names = useNames();
  const [kept, setKept] = useState<Lit>();
  const reason = (id: Lit) => ({
    "aria-pressed": kept === id,
    "data-lit": lit === id,
    onPointerEnter: () => light(id),
    onPointerLeave: () => light(kept),
    onFocus: () => light(id),
    onBlur: () => light(kept),
    onClick: () => {
      const next = kept === id ? undefined : id;
      setKept(next);
      light(next ?? id);
    },
  });
  const row = (id: Lit, evidence: readonly { word: string }[], name: ReactNode, figure: ReactNode) => {
    const cells = <><span className="reason-name">{name}</span><span className="reason-words">{words(evidence)}</span>{figure}</>;
    if (evidence.length === 0) return <div className="reason reason-silent">{cells}</div>;
    return <button type="button" className="reason" {...reason(id)}>{cells}</button>;
  };
  const factors = a.factors.map((f, i) => ({ ...f, id: `factor:${i}` })).sort((x, y) => Math.abs(y.points) - Math.abs(x.points));
  return (
    <section className="panel assessment">
      <h2>{t("post.assessment")}</h2>
      <div className="verdict">
        <RiskBadge risk={a.risk} />
        <span className="verdict-score" title={t("post.score")}><b>{formatPoints(a.score)}</b>/100</span>
        <span className="verdict-topic">{names.topic(a.topic)}{a.topic2 && <span className="quiet"> + {names.topic(a.topic2)}</span>}</span>
      </div>
      <h3>{t("post.factors")}</h3>
      {factors.length === 0 ? <p className="quiet">{t("post.no_factors")}</p> : (
        <ul className="reasons">
          {factors.map((f) => (
            <li key={f.id}>{row(f.id, f.evidence,
              <>{named("factor", f.name)}{f.kind && <span className="quiet"> {f.kind}</span>}</>,
              <span className={f.points < 0 ? "reason-points reason-less" : "reason-points"}>{f.points > 0 ? "+" : ""}{formatPoints(f.points)}</span>)}</li>
          ))}
        </ul>
      )}
      <h3>{t("post.topics")}</h3>
      {a.topics.length === 0 && <p className="quiet">{t("post.no_topics")}</p>}
      <ul className="reasons">
        {a.topics.map((f, i) => (
          <li key={f.topic}>{row(`topic:${i}`, f.evidence, names.topic(f.topic), <span className="reason-points">{percent(f.probability)}</span>)}</li>
        ))}
      </ul>
      <dl className="facts assessment-facts">
        {a.kinds.length > 0 && <div><dt>{t("field.kind")}</dt><dd>{a.kinds.map(names.kind).join(", ")}</dd></div>}
        <div><dt>{t("field.intent")}</dt><dd>{names.intent(a.intent)}</dd></div>
        <div><dt>{t("post.sentiment")}</dt><dd>{named("sentiment", String(a.sentiment))}</dd></div>
        {a.streets.length > 0 && <div><dt>{t("field.street")}</dt><dd>{a.streets.map(names.unit).join(", ")}</dd></div>}
        {a.places.length > 0 && <div><dt>{t("post.places")}</dt><dd>{words(a.places)}</dd></div>}
        {a.elsewhere && <div><dt>{t("post.elsewhere")}</dt><dd>{a.elsewhere.name}{" "}
          <span className="quiet">{a.elsewhere.evidence.length > 0 ? words(a.elsewhere.evidence) : t("post.elsewhere.source")}</span></dd></div>}
        <div><dt>{t("post.versions")}</dt><dd className="figure">{t("post.versions.text", { policy: a.policy_version, model: a.model_version })}</dd></div>
      </dl>
    </section>
  );
}

function words(evidence: readonly { word: string }[]): string {
  return [...new Set(evidence.map((e) => e.word))].join(" ");
}

function formatPoints(points: number): string {
  return points.toLocaleString(language(), { maximumFractionDigits: 1 });
}

function percent(probability: number): string {
  return probability.toLocaleString(language(), { style: "percent", maximumFractionDigits: 0 });
}
