import { Link } from "react-router";
import type { Schemas } from "../../api/client";
import { editPatience } from "../../api/queries";
import { useT } from "../../catalogue/language";
import { useNow } from "../../parts/clock";
import { Instant } from "../../parts/when";

type Edit = Schemas["EventEdit"];

/** UnderWay says which corrections the event does not show yet, and which of them are waited
 * for no longer: the analyser may have refused a merge, or stand still. */
export function UnderWay({ edits }: { edits: readonly Edit[] }) {
  const t = useT();
  const since = useNow() - editPatience;
  const open = edits.filter((e) => e.state === "pending");
  if (open.length === 0) return null;
  return (
    <div className="notice edit-notice" role="status">
      {open.map((e) => <p key={e.id}>{Date.parse(e.at) > since ? t(`edit.pending.${e.op}`, { n: e.posts }) : <>{t(`edit.late.${e.op}`, { n: e.posts })} <Link to="/status">{t("nav.status")}</Link></>} <span className="quiet"><Instant at={e.at} /> {e.by}</span></p>)}
    </div>
  );
}

/** Edits lists the corrections by hand of an event, the latest first. */
export function Edits({ edits, here }: { edits: readonly Edit[]; here: string }) {
  const t = useT();
  if (edits.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="edits-title">
      <h2 id="edits-title">{t("edit.title")}</h2>
      <ol className="plain edits">
        {edits.map((e) => (
          <li key={e.id}>
            <p><b>{t(`edit.op.${e.op}.${e.into === here ? "into" : "from"}`, { n: e.posts })}</b> <Other edit={e} here={here} /> <span className={`edit-state edit-${e.state}`}>{t(`edit.state.${e.state}`)}</span></p>
            <p>{e.reason}</p>
            <p className="quiet"><Instant at={e.at} /> {e.by}</p>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Other leads to the other event of a correction, where it is one of its own. */
function Other({ edit: e, here }: { edit: Edit; here: string }) {
  const t = useT();
  const other = e.into === here ? e.from : e.into;
  if (e.op === "merge" ? e.into === here : e.state !== "done" && e.from === here) return null;
  return <Link to={`/events/${encodeURIComponent(other)}`}>{t("edit.other")}</Link>;
}
