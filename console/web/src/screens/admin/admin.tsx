import type { Session } from "../../api/queries";
import { useT } from "../../catalogue/language";
import { useTitle } from "../../parts/title";
import { Keys } from "./keys";
import { Users } from "./users";
import "./admin.css";

/** Admin manages who may sign in and which sources may push. */
export default function Admin({ session }: { session: Session }) {
  const t = useT();
  useTitle(t("nav.admin"));
  return (
    <div className="page admin">
      <header className="page-head"><h1>{t("nav.admin")}</h1><span className="quiet">{t("admin.text")}</span></header>
      <Users self={session.user} />
      <Keys />
    </div>
  );
}
