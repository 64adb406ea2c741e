import { Link, useNavigate } from "react-router";
import type { Schemas } from "../../api/client";
import { useStats, type Session } from "../../api/queries";
import { language, useT } from "../../catalogue/language";
import { RiskShape, riskKey } from "../../parts/badges";
import { DayChart } from "../../parts/chart";
import { FailurePanel, Loading } from "../../parts/nothing";
import { number } from "../../parts/time";
import { useTitle } from "../../parts/title";
import { Instant } from "../../parts/when";
import { TopicTable, UnitTable } from "./tables";
import "./overview.css";

/** Overview counts what was said and how units respond. Every figure leads to what it
 * counts. */
export default function Overview({ session }: { session: Session }) {
  const t = useT();
  useTitle(t("nav.overview"));
  const stats = useStats();
  return (
    <div className="page overview">
      <header className="page-head"><h1>{t("nav.overview")}</h1>{stats.data?.posts && <span className="quiet">{t("overview.through")} <Instant at={stats.data.posts.through} /></span>}</header>
      {stats.isPending && <Loading />}
      {stats.isError && !stats.data && <FailurePanel error={stats.error} retry={() => void stats.refetch()} />}
      {stats.data && <Figures stats={stats.data} session={session} />}
    </div>
  );
}

function Figures({ stats, session }: { stats: Schemas["Stats"]; session: Session }) {
  const { cases, posts } = stats;
  const own = session.role === "unit";
  return (
    <>
      <CaseFigures cases={cases} own={own} />
      {posts && <PostFigures posts={posts} />}
      {!own && <UnitTable units={stats.units} />}
      <TopicTable posts={posts} cases={cases} />
    </>
  );
}

function CaseFigures({ cases, own }: { cases: Schemas["CaseStats"]; own: boolean }) {
  const t = useT();
  const figures = [
    ["overdue", cases.overdue, "/cases?tab=overdue"],
    ["to_sign", cases.to_sign, "/cases?tab=to_sign"],
    ["handling", cases.handling, "/cases?tab=handling"],
    ["review", cases.review, "/cases?tab=review"],
    ["closed", cases.closed, "/cases?tab=closed"],
    ["all", cases.total, "/cases"],
  ] as const;
  return (
    <section aria-labelledby="figures-title">
      <h2 id="figures-title" className="section-title">{t("overview.cases")}</h2>
      <ul className="figures">
        {figures.map(([name, count, to]) => (
          <li key={name} className={name === "overdue" && count > 0 ? "figure-card figure-bad" : "figure-card"}>
            <Link to={to}><span className="figure-value">{number(count, language())}</span><span>{t(`cases.tab.${name}`)}</span></Link>
          </li>
        ))}
      </ul>
      {own && <p className="quiet figures-foot">{t("overview.units.foot")}</p>}
    </section>
  );
}

function PostFigures({ posts }: { posts: Schemas["PostStats"] }) {
  const t = useT();
  const navigate = useNavigate();
  const risks = [...posts.risks].sort((a, b) => Number(b.value) - Number(a.value));
  const since = posts.days[0]?.start.slice(0, 10) ?? "";
  const find = (q: string) => `/search?q=${encodeURIComponent(q)}`;
  return (
    <section className="panel" aria-labelledby="posts-title">
      <h2 id="posts-title">{t("overview.posts")} <span className="quiet"><Link to={find(`after:${since}`)}>{t("overview.recent", { n: number(posts.recent, language()) })}</Link> · <Link to="/search">{t("overview.total", { n: number(posts.total, language()) })}</Link></span></h2>
      {posts.recent === 0 ? <p className="quiet">{t(posts.total === 0 ? "overview.no_posts" : "overview.no_recent")}</p> : (
        <div className="post-figures">
          <DayChart days={posts.days} choose={(bin) => void navigate(find(`date:${bin.from}`))} />
          <ul className="risk-figures">
            {risks.map((r) => (
              <li key={r.value}>
                <Link to={find(`risk:${r.value} after:${since}`)} className={`risk risk-${r.value}`}><RiskShape risk={Number(r.value)} />{t(riskKey(Number(r.value)))}</Link>
                <svg className={`gauge risk-${r.value}`} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect width={(r.count / posts.recent) * 100} height="6" /></svg>
                <span className="figure">{number(r.count, language())}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}
