import type { Schemas } from "../../api/client";
import { useT } from "../../catalogue/language";
import { useNames } from "../../parts/names";
import { Instant } from "../../parts/when";

/** Deliveries tells how the notifications of a case fared. */
export function Deliveries({ deliveries }: { deliveries: readonly Schemas["Delivery"][] }) {
  const t = useT();
  const names = useNames();
  return (
    <section className="panel" aria-labelledby="deliveries-title">
      <h2 id="deliveries-title">{t("delivery.title")}</h2>
      {deliveries.length === 0 && <p className="quiet">{t("delivery.none")}</p>}
      <ul className="plain">
        {deliveries.map((d) => (
          <li key={d.id} className="delivery">
            <span>{names.unit(d.unit)} <span className="quiet">{t(`delivery.channel.${d.channel}`)} {d.target}</span></span>
            <span className={`delivery-state delivery-${d.state}`}>{t(`delivery.state.${d.state}`)}</span>
            <span className="quiet">{d.done_at ? <Instant at={d.done_at} /> : t("delivery.attempts", { n: d.attempts })}</span>
            {d.error && <span className="delivery-error">{d.error}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
