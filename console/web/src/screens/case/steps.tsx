import type { Schemas } from "../../api/client";
import { useT } from "../../catalogue/language";
import { useNames } from "../../parts/names";
import { Instant } from "../../parts/when";

/** Steps is what happened to a case, oldest first. */
export function Steps({ steps }: { steps: readonly Schemas["Step"][] }) {
  const t = useT();
  const names = useNames();
  return (
    <section className="panel" aria-labelledby="steps-title">
      <h2 id="steps-title">{t("steps.title")}</h2>
      <ol className="steps">
        {steps.map((s) => (
          <li key={s.seq} className={`step step-${s.action}`}>
            <div className="step-line"><b>{t(`action.${s.action}`)}</b><span>{s.unit ? names.unit(s.unit) : t(`role.${s.role}`)}{s.role !== "system" && <span className="quiet"> {s.actor}</span>}</span><Instant at={s.at} /></div>
            {s.text && <p className="step-text">{s.text}</p>}
          </li>
        ))}
      </ol>
    </section>
  );
}
