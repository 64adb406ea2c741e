import { useEffect, useState } from "react";
import { Link, useParams } from "react-router";
import type { Schemas } from "../../api/client";
import { useCase, type Session } from "../../api/queries";
import { named, useT } from "../../catalogue/language";
import { AssessmentPanel, evidenceMarks, type Lit } from "../../parts/assessment";
import { LevelBadge, RiskBadge, StateBadge } from "../../parts/badges";
import { BurstNotice } from "../../parts/burst";
import { BodyText } from "../../parts/bodytext";
import { FailurePanel, Loading } from "../../parts/nothing";
import { useNames } from "../../parts/names";
import { TimeLeft, nextDeadline } from "../../parts/timeleft";
import { useTitle } from "../../parts/title";
import { Instant } from "../../parts/when";
import { Acts } from "./acts";
import { Deadlines } from "./deadlines";
import { Deliveries } from "./deliveries";
import { Ledger } from "./ledger";
import { AnswerPanel } from "./reading";
import { Steps } from "./steps";
import "../../parts/assessment.css";
import "./case.css";

/** Case shows a case, proves its deadlines and offers what the server lets the person do. */
export default function Case({ session }: { session: Session }) {
  const { id = "" } = useParams();
  const found = useCase(id);
  if (found.data) return <Detail key={id} found={found.data} session={session} reload={() => found.refetch()} />;
  return <div className="page">{found.isPending ? <Loading /> : <FailurePanel error={found.error} retry={() => void found.refetch()} />}</div>;
}

type Props = { found: Schemas["CaseDetail"]; session: Session; reload: () => Promise<unknown> };

function Detail({ found: c, session, reload }: Props) {
  const t = useT();
  const [lit, setLit] = useState<Lit>();
  const marks = evidenceMarks(c.assessment);
  useTitle(c.number);
  useOpenToPrint();
  return (
    <div className="page case">
      <Head found={c} session={session} />
      <div className="case-main">
        {c.burst && <BurstNotice burst={c.burst} />}
        {c.answer && <AnswerPanel answer={c.answer} />}
        <Acts found={c} session={session} reload={reload} />
        <section className="panel" aria-labelledby="case-text">
          <h2 id="case-text">{t("case.text")}</h2>
          {c.post_title && <p className="case-post-title"><BodyText part="title" title={c.post_title} text={c.text} marks={marks} lit={lit} /></p>}
          <BodyText part="text" title={c.post_title} text={c.text} marks={marks} lit={lit} />
          <p className="quiet case-links">
            {session.permissions.includes("posts.search") && <Link to={`/posts/${encodeURIComponent(c.post_id)}`}>{t("case.to_post")}</Link>}
            {session.permissions.includes("posts.search") && <Link to={`/events/${encodeURIComponent(c.event_id)}`}>{t("case.to_event")}</Link>}
            {c.url && <a href={c.url} rel="noreferrer noopener" target="_blank">{t("post.open_url")}</a>}
          </p>
        </section>
        <Steps steps={c.steps} />
        <AssessmentPanel assessment={c.assessment} lit={lit} light={setLit} />
        {session.permissions.includes("ledger.read") && <Ledger id={c.id} />}
      </div>
      <aside className="case-side" aria-label={t("case.why")}>
        <Deadlines deadlines={c.deadlines} calendar={c.calendar_version} />
        <Reasons found={c} />
        <Deliveries deliveries={c.deliveries} />
      </aside>
    </div>
  );
}

function Head({ found: c, session }: { found: Schemas["CaseDetail"]; session: Session }) {
  const t = useT();
  const names = useNames();
  const next = c.state === "closed" ? undefined : nextDeadline(c.deadlines);
  return (
    <header className="case-head">
      <nav aria-label={t("case.path")} className="quiet no-print"><Link to="/cases">{t(session.role === "unit" ? "nav.inbox" : "nav.cases")}</Link></nav>
      <p className="case-head-line"><span className="case-number">{c.number}</span><LevelBadge level={c.level} /><StateBadge state={c.state} /><RiskBadge risk={c.risk} /></p>
      <h1>{c.title}</h1>
      <dl className="facts">
        <div><dt>{t("case.lead")}</dt><dd><b>{names.unit(c.lead_unit)}</b></dd></div>
        {c.co_units.length > 0 && <div><dt>{t("case.co")}</dt><dd>{c.co_units.map(names.unit).join(", ")}</dd></div>}
        <div><dt>{t("field.topic")}</dt><dd>{names.topic(c.topic)}</dd></div>
        <div><dt>{t("field.source")}</dt><dd>{names.source(c.source)} <span className="quiet">{named("channel", c.channel)}</span></dd></div>
        <div><dt>{t("case.opened")}</dt><dd><Instant at={c.opened_at} /></dd></div>
      </dl>
      {next && <div className="case-head-left"><TimeLeft deadline={next} /></div>}
    </header>
  );
}

function Reasons({ found: c }: { found: Schemas["CaseDetail"] }) {
  const t = useT();
  return (
    <section className="panel case-reasons" aria-labelledby="case-reasons">
      <h2 id="case-reasons">{t("case.reasons")}</h2>
      {c.reasons.length === 0 && <p className="quiet">{t("case.no_reasons")}</p>}
      <ul className="plain">
        {c.reasons.map((r) => <li key={r.name + r.detail}><b>{named("reason", r.name)}</b> {r.detail}{r.basis && <span className="quiet basis-line">{r.basis}</span>}</li>)}
      </ul>
      <p className="quiet">{t("case.versions", { policy: c.policy_version, calendar: c.calendar_version, model: c.model_version })}</p>
    </section>
  );
}

/** useOpenToPrint unfolds everything for the printer: a proof that is folded proves
 * nothing on paper. */
function useOpenToPrint(): void {
  useEffect(() => {
    let folded: HTMLDetailsElement[] = [];
    const open = () => {
      folded = [...document.querySelectorAll<HTMLDetailsElement>("details:not([open])")];
      for (const d of folded) d.open = true;
    };
    const close = () => {
      for (const d of folded) d.open = false;
    };
    window.addEventListener("beforeprint", open);
    window.addEventListener("afterprint", close);
    return () => {
      window.removeEventListener("beforeprint", open);
      window.removeEventListener("afterprint", close);
    };
  }, []);
}
