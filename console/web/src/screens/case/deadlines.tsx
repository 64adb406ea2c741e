import type { Schemas } from "../../api/client";
import { named, useT } from "../../catalogue/language";
import { TimeLeft } from "../../parts/timeleft";
import { Instant } from "../../parts/when";

/** Deadlines shows the deadlines of a case, each with the proof of how it was counted, from
 * which it can be counted again by hand. */
export function Deadlines({ deadlines, calendar }: { deadlines: readonly Schemas["Deadline"][]; calendar: string }) {
  const t = useT();
  return (
    <section className="panel deadlines" aria-labelledby="deadlines-title">
      <h2 id="deadlines-title">{t("deadline.title")}</h2>
      <ol className="plain">
        {deadlines.map((d) => (
          <li key={d.kind} className="deadline">
            <div className="deadline-line"><b>{t(`deadline.${d.kind}`)}</b><Instant at={d.due} /></div>
            <div className="deadline-state"><Stand deadline={d} /></div>
            <details>
              <summary>{t("deadline.proof")}<span className={`basis basis-${d.basis}`}>{named("basis", d.basis)}</span></summary>
              <dl className="facts">
                <div><dt>{t("deadline.limit")}</dt><dd>{t(`deadline.unit.${d.unit}`, { n: d.limit })} {t(`deadline.clock.${d.clock}`)}</dd></div>
                <div><dt>{t("deadline.rule")}</dt><dd><code>{d.rule}</code></dd></div>
                <div><dt>{t("deadline.source")}</dt><dd>{d.source}</dd></div>
              </dl>
              <ol className="trace">{d.trace.map((line, i) => <li key={i}>{line}</li>)}</ol>
            </details>
          </li>
        ))}
      </ol>
      <p className="quiet">{t("deadline.calendar", { calendar })}</p>
    </section>
  );
}

function Stand({ deadline: d }: { deadline: Schemas["Deadline"] }) {
  const t = useT();
  if (!d.met_at) return <TimeLeft deadline={d} kind={false} />;
  return <span className={d.late ? "met met-late" : "met"}>{t(d.late ? "deadline.met_late" : "deadline.met")} <Instant at={d.met_at} /></span>;
}
