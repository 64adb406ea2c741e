import type { Schemas } from "../api/client";
import { useT } from "../catalogue/language";
import { useNow } from "./clock";
import { chinaSecond, timeLeft } from "./time";

type Deadline = Schemas["Deadline"];

/** nextDeadline is the unmet deadline that falls due first. */
export function nextDeadline(deadlines: readonly Deadline[]): Deadline | undefined {
  return deadlines.filter((d) => !d.met_at).sort((a, b) => Date.parse(a.due) - Date.parse(b.due))[0];
}

/** TimeLeft says in words how an unmet deadline stands and shows as a bar how much of its
 * time is used up. */
export function TimeLeft({ deadline, kind = true }: { deadline: Deadline; kind?: boolean }) {
  const t = useT();
  const left = timeLeft(deadline.start, deadline.due, useNow());
  const tone = left.overdue ? "over" : left.soon ? "soon" : "calm";
  return (
    <span className={`left left-${tone}`} title={`${t(`deadline.${deadline.kind}`)} · ${chinaSecond(deadline.due)} ${t("time.zone")}`}>
      <span className="left-words">{kind && <span className="left-kind">{t(`deadline.${deadline.kind}`)}</span>}{left.overdue && <OverSign />}{t(left.key, left.params)}</span>
      <svg className="left-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect className="left-track" width="100" height="4" /><rect className="left-used" width={left.fraction * 100} height="4" />
      </svg>
    </span>
  );
}

function OverSign() {
  return <svg className="over-sign" viewBox="0 0 12 12" aria-hidden="true"><path d="M6 .5 12 11.5H0z" fill="currentColor" /><path d="M6 4.2v3.4M6 8.8v1.1" stroke="var(--surface)" strokeWidth="1.4" /></svg>;
}
