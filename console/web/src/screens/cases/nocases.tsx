import { Link } from "react-router";
import { useStatus, type Session } from "../../api/queries";
import { useT } from "../../catalogue/language";
import { Nothing } from "../../parts/nothing";

/** NoCases says why there is no case. */
export function NoCases({ session, filtered }: { session: Session; filtered: boolean }) {
  const t = useT();
  const status = useStatus(!filtered && session.permissions.includes("status.read"));
  if (filtered) return <Nothing title={t("cases.empty.filtered.title")} text={t("cases.empty.filtered.text")}><p><Link to="/cases">{t("cases.empty.show_all")}</Link></p></Nothing>;
  if (session.role === "unit") return <Nothing title={t("cases.empty.unit.title")} text={t("cases.empty.unit.text", { unit: session.unit_name ?? "" })} />;
  const why = status.data?.nothing;
  return (
    <Nothing title={t("cases.empty.title")} text={t(why ? `empty.${why}.text` : "cases.empty.text")}>
      <p><Link to="/status">{t("empty.to_status")}</Link></p>
    </Nothing>
  );
}
