import type { Schemas } from "../api/client";
import { language, useT } from "../catalogue/language";
import { Instant } from "./when";

/** BurstNotice says that a burst was called, and on what evidence. */
export function BurstNotice({ burst: b }: { burst: Schemas["Burst"] }) {
  const t = useT();
  const say = (n: number) => n.toLocaleString(language(), { maximumFractionDigits: n < 10 ? 1 : 0 });
  const minutes = Math.max(1, Math.round((Date.parse(b.at) - Date.parse(b.from)) / 60_000));
  return (
    <section className="notice notice-bad burst" aria-label={t("event.mark.burst")}>
      <p><BurstBadge /> <Instant at={b.at} /></p>
      <p>{b.usual > 0 ? t("burst.evidence", { minutes, window: say(b.window), usual: say(b.usual) }) : t("burst.evidence.new", { minutes, window: say(b.window) })} {t("burst.forecast", { seen: say(b.seen), further: say(b.further), reach: say(b.reach) })}</p>
    </section>
  );
}

/** BurstBadge marks an event of which a burst was called. */
export function BurstBadge() {
  const t = useT();
  return (
    <span className="burst-badge">
      <svg viewBox="0 0 12 12" fill="currentColor" aria-hidden="true"><path d="M0 12 4 6l3 2 3-5-1.6-.9L12 0v4.2L10.700 3.400 7.500 10.500 4.400 8.300 2.200 12z" /></svg>
      {t("event.mark.burst")}
    </span>
  );
}
