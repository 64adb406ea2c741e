import type { Schemas } from "../api/client";
import { useT, type Key } from "../catalogue/language";

const shapes = [
  <circle key="0" cx="6" cy="6" r="4" fill="none" stroke="currentColor" strokeWidth="1.6" />,
  <circle key="1" cx="6" cy="6" r="4.6" />,
  <path key="2" d="M6 .8 11.6 10.8H.4z" />,
  <path key="3" d="M6 0l6 6-6 6-6-6z" />,
];

/** RiskShape tells the four risks apart without colour: ring, disc, triangle, diamond. */
export function RiskShape({ risk }: { risk: number }) {
  return <svg className="risk-shape" viewBox="0 0 12 12" fill="currentColor" aria-hidden="true">{shapes[risk] ?? shapes[0]}</svg>;
}

export function riskKey(risk: number): Key {
  return (["risk.0", "risk.1", "risk.2", "risk.3"] as const)[risk] ?? "risk.0";
}

export function RiskBadge({ risk }: { risk: number }) {
  const t = useT();
  return <span className={`risk risk-${risk}`}><RiskShape risk={risk} />{t(riskKey(risk))}</span>;
}

export function LevelBadge({ level }: { level: Schemas["CaseSummary"]["level"] }) {
  const t = useT();
  if (level === "") return <span className="level level-none">{t("level.none")}</span>;
  return <span className={`level level-${level}`} title={t(`level.long.${level}`)}>{t(`level.${level}`)}</span>;
}

export function StateBadge({ state }: { state: Schemas["CaseSummary"]["state"] }) {
  const t = useT();
  return <span className={`state state-${state}`}>{t(`state.${state}`)}</span>;
}
