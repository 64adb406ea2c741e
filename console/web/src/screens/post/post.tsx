import { useState } from "react";
import { Link, useParams } from "react-router";
import type { Schemas } from "../../api/client";
import { useEvent, usePost, useSession } from "../../api/queries";
import { named, useT } from "../../catalogue/language";
import { LevelBadge, RiskBadge, StateBadge } from "../../parts/badges";
import { Heat } from "../../parts/heat";
import { FailurePanel, Loading } from "../../parts/nothing";
import { useNames } from "../../parts/names";
import { TimeLeft, nextDeadline } from "../../parts/timeleft";
import { useTitle } from "../../parts/title";
import { Instant, When } from "../../parts/when";
import { AssessmentPanel, evidenceMarks, type Lit } from "../../parts/assessment";
import { BodyText } from "../../parts/bodytext";
import "../../parts/assessment.css";
import "./post.css";

/** Post shows a post, what was judged of it and the words that the judgement rests on. */
export default function Post() {
  const { id = "" } = useParams();
  const post = usePost(id);
  if (post.data) return <Detail key={id} post={post.data} />;
  return <div className="page">{post.isPending ? <Loading /> : <FailurePanel error={post.error} retry={() => void post.refetch()} />}</div>;
}

function Detail({ post }: { post: Schemas["PostDetail"] }) {
  const t = useT();
  const [lit, setLit] = useState<Lit>();
  const marks = evidenceMarks(post.assessment);
  useTitle(post.title || t("post.untitled"));
  return (
    <div className="page post">
      <article className="post-text" aria-labelledby="post-title">
        <h1 id="post-title" className={post.title ? "" : "post-untitled"}>{post.title ? <BodyText part="title" title={post.title} text={post.text} marks={marks} lit={lit} /> : t("post.untitled")}</h1>
        <Facts post={post} />
        <BodyText part="text" title={post.title} text={post.text} marks={marks} lit={lit} />
        <p className="post-legend quiet"><mark className="m-factor">{t("post.legend.factor")}</mark> <mark className="m-topic">{t("post.legend.topic")}</mark> <mark className="m-place">{t("post.legend.place")}</mark> {t("post.legend.text")}</p>
        <Masked masked={post.masked} />
        <AsExample id={post.id} />
      </article>
      <aside className="post-side" aria-label={t("post.assessment")}>
        {post.case && <CaseLink found={post.case} />}
        <AssessmentPanel assessment={post.assessment} lit={lit} light={setLit} />
      </aside>
      {post.event && <EventPosts event={post.event} here={post.id} />}
    </div>
  );
}

function Facts({ post }: { post: Schemas["PostDetail"] }) {
  const t = useT();
  const names = useNames();
  const reach = [["likes", post.likes], ["comments", post.comments], ["reposts", post.reposts], ["dislikes", post.dislikes]] as const;
  return (
    <dl className="facts">
      <div><dt>{t("field.source")}</dt><dd>{names.source(post.source)} <span className="quiet">{named("channel", post.channel)}</span></dd></div>
      <div><dt>{t("post.published")}</dt><dd><Instant at={post.published_at} />{!post.published_known && <span className="quiet"> {t("post.published_unknown")}</span>}</dd></div>
      <div><dt>{t("post.received")}</dt><dd><Instant at={post.received_at} /></dd></div>
      {post.place && <div><dt>{t("post.place")}</dt><dd>{post.place}</dd></div>}
      {reach.some(([, n]) => n > 0) && <div><dt>{t("post.reach")}</dt><dd>{reach.filter(([, n]) => n > 0).map(([k, n]) => `${t(`post.reach.${k}`)} ${n}`).join(" · ")}</dd></div>}
      {post.url && <div><dt>{t("post.url")}</dt><dd><a href={post.url} rel="noreferrer noopener" target="_blank">{t("post.open_url")}</a></dd></div>}
      {post.elsewhere && <div><dt>{t("field.area")}</dt><dd><span className="away">{t("post.elsewhere")} {post.elsewhere}</span> {t("post.elsewhere.text")}</dd></div>}
      {post.history && <div><dt>{t("post.history")}</dt><dd>{t("post.history.text")}</dd></div>}
    </dl>
  );
}

/** AsExample leads to a new topic that has this post for an example. */
function AsExample({ id }: { id: string }) {
  const t = useT();
  if (!useSession().data?.permissions.includes("topics.keep")) return null;
  return <p className="post-example"><Link to={`/topics/new?example=${encodeURIComponent(id)}`}>{t("post.as_example")}</Link></p>;
}

function Masked({ masked }: { masked: Schemas["PostDetail"]["masked"] }) {
  const t = useT();
  const kinds = Object.entries(masked);
  if (kinds.length === 0) return null;
  return <p className="quiet">{t("post.masked")}{kinds.map(([kind, n]) => `${named("masked", kind)} ${n}`).join(", ")}</p>;
}

function CaseLink({ found }: { found: Schemas["CaseSummary"] }) {
  const t = useT();
  const names = useNames();
  const next = nextDeadline(found.deadlines);
  return (
    <section className="panel post-case">
      <h2>{t("post.case")}</h2>
      <p><Link to={`/cases/${encodeURIComponent(found.id)}`} className="case-number">{found.number}</Link> <LevelBadge level={found.level} /> <StateBadge state={found.state} /></p>
      <p>{names.unit(found.lead_unit)}</p>
      {next && <TimeLeft deadline={next} />}
    </section>
  );
}

function EventPosts({ event, here }: { event: Schemas["Event"]; here: string }) {
  const t = useT();
  const names = useNames();
  const detail = useEvent(event.id);
  const others = detail.data?.members.filter((m) => m.id !== here) ?? [];
  return (
    <section className="panel post-event" aria-labelledby="event-title">
      <h2 id="event-title">{t("event.title")}<Link to={`/events/${encodeURIComponent(event.id)}`}>{event.name || t("post.untitled")}</Link></h2>
      <dl className="facts">
        <div><dt>{t("event.heat")}</dt><dd><Heat heat={event.heat} /></dd></div>
        <div><dt>{t("event.posts")}</dt><dd className="figure">{event.posts}</dd></div>
        <div><dt>{t("event.risk")}</dt><dd><RiskBadge risk={event.risk} /></dd></div>
        <div><dt>{t("event.level")}</dt><dd><LevelBadge level={event.level} /></dd></div>
        <div><dt>{t("event.span")}</dt><dd><Instant at={event.first_at} /> – <Instant at={event.last_at} /></dd></div>
        <div><dt>{t("field.source")}</dt><dd>{event.sources.map(names.source).join(", ")}</dd></div>
      </dl>
      {detail.isError && <FailurePanel error={detail.error} retry={() => void detail.refetch()} />}
      {detail.data && others.length === 0 && <p className="quiet">{t("event.alone")}</p>}
      <ul className="event-posts">
        {others.map((m) => (
          <li key={m.id}><RiskBadge risk={m.risk} /><Link to={`/posts/${encodeURIComponent(m.id)}`}>{m.title || Array.from(m.text).slice(0, 40).join("")}</Link><span className="quiet">{names.source(m.source)}</span><When at={m.published_at} /></li>
        ))}
      </ul>
    </section>
  );
}
