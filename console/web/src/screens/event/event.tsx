import { Link, Navigate, useLocation, useParams } from "react-router";
import type { Schemas } from "../../api/client";
import { useEvent, type Session } from "../../api/queries";
import { language, named, useT } from "../../catalogue/language";
import { LevelBadge, RiskBadge, StateBadge } from "../../parts/badges";
import { BurstNotice } from "../../parts/burst";
import { Heat } from "../../parts/heat";
import { FailurePanel, Loading } from "../../parts/nothing";
import { useNames } from "../../parts/names";
import { number } from "../../parts/time";
import { TimeLeft, nextDeadline } from "../../parts/timeleft";
import { useTitle } from "../../parts/title";
import { Instant } from "../../parts/when";
import { Edits, UnderWay } from "./edits";
import { Members } from "./members";
import { MergePanel } from "./merge";
import { TimelinePanel } from "./timeline";
import "../post/post.css";
import "./event.css";

type Detail = Schemas["EventDetail"];

/** Event shows how a matter came up, spread and was answered. The address of an event that
 * became part of another one leads to that one. */
export default function Event({ session }: { session: Session }) {
  const { id = "" } = useParams();
  const found = useEvent(id);
  const e = found.data;
  if (e && e.id !== id) return <Navigate to={`/events/${encodeURIComponent(e.id)}`} replace state={{ merged: true }} />;
  if (e) return <Page key={id} event={e} mayEdit={session.permissions.includes("events.edit")} />;
  return <div className="page">{found.isPending ? <Loading /> : <FailurePanel error={found.error} retry={() => void found.refetch()} />}</div>;
}

function Page({ event: e, mayEdit }: { event: Detail; mayEdit: boolean }) {
  const t = useT();
  const came = useLocation().state as { merged?: boolean } | null;
  useTitle(e.name || t("event.page"));
  return (
    <div className="page event">
      <Head event={e} />
      {came?.merged && <p className="notice edit-notice" role="status">{t("edit.merged_here")}</p>}
      <UnderWay edits={e.edits} />
      <div className="event-main">
        <TimelinePanel timeline={e.timeline} />
        <KeyPosts posts={e.key_posts} />
        <Members event={e} mayEdit={mayEdit} />
      </div>
      <aside className="event-side" aria-label={t("event.side")}>
        <CasePanel found={e.case} merged={e.merged_cases} />
        {mayEdit && <MergePanel event={e} />}
        <Why event={e} />
        <Shares title={t("event.spread")} counts={e.source_counts} name="source" none={t("event.no_posts")} />
        <Places event={e} />
        <Edits edits={e.edits} here={e.id} />
      </aside>
    </div>
  );
}

function Head({ event: e }: { event: Detail }) {
  const t = useT();
  const names = useNames();
  return (
    <header className="event-head">
      <nav aria-label={t("case.path")} className="quiet"><Link to="/events">{t("nav.events")}</Link></nav>
      <p className="case-head-line"><LevelBadge level={e.level} /><RiskBadge risk={e.risk} /><span className="quiet">{names.topic(e.topic)}</span></p>
      <h1>{e.name || t("post.untitled")}</h1>
      <dl className="facts">
        <div><dt>{t("event.heat")}</dt><dd><Heat heat={e.heat} /></dd></div>
        <div><dt>{t("event.posts")}</dt><dd className="figure">{number(e.posts, language())}</dd></div>
        <div><dt>{t("field.source")}</dt><dd>{e.sources.map(names.source).join(", ")}</dd></div>
        <div><dt>{t("event.span")}</dt><dd><Instant at={e.first_at} /> – <Instant at={e.last_at} /></dd></div>
      </dl>
      {e.burst && <BurstNotice burst={e.burst} />}
    </header>
  );
}

function KeyPosts({ posts }: { posts: Detail["key_posts"] }) {
  const t = useT();
  const found = new Map<string, { post: Schemas["PostHit"]; why: string[] }>();
  for (const why of ["gravest", "earliest", "liked"] as const) {
    const post = posts[why];
    if (post) found.set(post.id, { post, why: [...(found.get(post.id)?.why ?? []), t(`event.key.${why}`)] });
  }
  return (
    <section className="panel" aria-labelledby="key-title">
      <h2 id="key-title">{t("event.key_posts")}</h2>
      {found.size === 0 && <p className="quiet">{t("event.no_key_posts")}</p>}
      <ul className="plain key-posts">
        {[...found.values()].map(({ post, why }) => <li key={post.id}><span className="key-why">{why.map((w) => <span key={w}>{w}</span>)}</span><KeyPost post={post} /></li>)}
      </ul>
    </section>
  );
}

function KeyPost({ post }: { post: Schemas["PostHit"] }) {
  const names = useNames();
  const text = Array.from(post.text.replace(/\s+/gu, " "));
  const extract = text.slice(0, 120).join("") + (text.length > 120 ? "…" : "");
  return (
    <div>
      <Link to={`/posts/${encodeURIComponent(post.id)}`}>{post.title || extract}</Link>
      {post.title && <p className="key-text">{extract}</p>}
      <p className="quiet key-facts"><RiskBadge risk={post.risk} /><span>{names.source(post.source)}</span><Instant at={post.published_at} /></p>
    </div>
  );
}

function CasePanel({ found: c, merged }: { found: Detail["case"]; merged: Detail["merged_cases"] }) {
  const t = useT();
  const names = useNames();
  const next = c && c.state !== "closed" ? nextDeadline(c.deadlines) : undefined;
  return (
    <section className="panel post-case" aria-labelledby="event-case">
      <h2 id="event-case">{t("post.case")}</h2>
      {!c && <p className="quiet">{t("event.no_case")}</p>}
      {c && <p><Link to={`/cases/${encodeURIComponent(c.id)}`} className="case-number">{c.number}</Link> <LevelBadge level={c.level} /> <StateBadge state={c.state} /></p>}
      {c && <p>{names.unit(c.lead_unit)}</p>}
      {next && <TimeLeft deadline={next} />}
      {merged.length > 0 && <p className="quiet">{t("event.merged_cases")}</p>}
      {merged.map((m) => <p key={m.id}><Link to={`/cases/${encodeURIComponent(m.id)}`} className="case-number">{m.number}</Link> <StateBadge state={m.state} /></p>)}
    </section>
  );
}

function Why({ event: e }: { event: Detail }) {
  const t = useT();
  return (
    <section className="panel" aria-labelledby="event-why">
      <h2 id="event-why">{t("event.why")}</h2>
      {e.why.length === 0 && <p className="quiet">{t(e.level === "" ? "event.why.none" : "event.why.unknown")}</p>}
      <ul className="plain">{e.why.map((r) => <li key={r.name + r.detail}><b>{named("reason", r.name)}</b> {r.detail}{r.basis && <span className="quiet basis-line">{r.basis}</span>}</li>)}</ul>
      <p className="quiet">{e.half_life_h > 0 ? t("event.heat.how", { h: number(e.half_life_h, language()) }) : t("event.heat.none")}</p>
    </section>
  );
}

type SharesProps = { title: string; counts: readonly Schemas["Count"][]; name: "source" | "unit" | "word"; none: string };

/** Shares shows counts with bars, the most frequent first. */
function Shares({ title, counts, name, none }: SharesProps) {
  const names = useNames();
  const say = { source: names.source, unit: names.unit, word: (w: string) => w }[name];
  const all = Math.max(1, counts.reduce((sum, c) => sum + c.count, 0));
  return (
    <section className="panel" aria-label={title}>
      <h2>{title}</h2>
      {counts.length === 0 && <p className="quiet">{none}</p>}
      <ul className="plain shares">
        {counts.map((c) => (
          <li key={c.value}><span>{say(c.value)}</span>
            <svg className="gauge" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect width={(c.count / all) * 100} height="6" /></svg>
            <span className="figure">{number(c.count, language())}</span></li>
        ))}
      </ul>
    </section>
  );
}

function Places({ event: e }: { event: Detail }) {
  const t = useT();
  return (
    <>
      <Shares title={t("event.streets")} counts={e.streets} name="unit" none={t("event.no_streets")} />
      {e.places.length > 0 && <Shares title={t("event.places")} counts={e.places} name="word" none="" />}
    </>
  );
}
