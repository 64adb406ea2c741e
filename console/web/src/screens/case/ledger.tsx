import { useState } from "react";
import { useLedger } from "../../api/queries";
import { named, useT } from "../../catalogue/language";
import { FailurePanel, Loading } from "../../parts/nothing";
import { Instant } from "../../parts/when";

/** Ledger shows the lines about a case that nobody can change, when asked. */
export function Ledger({ id }: { id: string }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const ledger = useLedger(id, open);
  return (
    <details className="panel ledger no-print" onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>{t("ledger.title")}</summary>
      <p className="quiet">{t("ledger.text")}</p>
      {open && ledger.isPending && <Loading />}
      {ledger.isError && <FailurePanel error={ledger.error} retry={() => void ledger.refetch()} />}
      <ol className="plain">
        {ledger.data?.entries.map((e) => (
          <li key={e.seq}><span className="figure quiet">{e.seq}</span><Instant at={e.at} /><span>{named("ledger", e.action)}</span><span>{e.role === "system" ? t("role.system") : e.actor}</span></li>
        ))}
      </ol>
    </details>
  );
}
