import { language, useT } from "../catalogue/language";

/** Below this an event is called cold: less than a tenth of one fresh post is left. */
const cold = 0.1;

/** Heat shows how much attention an event has now; its bar grows with the logarithm. */
export function Heat({ heat }: { heat: number }) {
  const t = useT();
  if (heat < cold) return <span className="heat heat-cold quiet">{t("event.cold")}</span>;
  const wide = Math.min(100, (Math.log10(1 + heat) / 3) * 100);
  return (
    <span className="heat" title={t("event.heat.hint")}>
      <span className="figure">{heat.toLocaleString(language(), { minimumFractionDigits: heat < 10 ? 1 : 0, maximumFractionDigits: heat < 10 ? 1 : 0 })}</span>
      <svg className="heat-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect className="left-track" width="100" height="4" /><rect className="heat-fill" width={wide} height="4" /></svg>
    </span>
  );
}
