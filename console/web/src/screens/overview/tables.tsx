import { Link } from "react-router";
import type { Schemas } from "../../api/client";
import { language, useT } from "../../catalogue/language";
import { useNames } from "../../parts/names";
import { number } from "../../parts/time";

/** Count is a figure that leads to what it counts; a nought leads nowhere. */
function Count({ n, to, bad = false }: { n: number; to: string; bad?: boolean }) {
  if (n === 0) return <td className="num zero">0</td>;
  return <td className={bad ? "num bad" : "num"}><Link to={to}>{number(n, language())}</Link></td>;
}

/** UnitTable counts the cases that each unit leads. */
export function UnitTable({ units }: { units: readonly Schemas["UnitStats"][] }) {
  const t = useT();
  const names = useNames();
  return (
    <section className="panel" aria-labelledby="units-title">
      <h2 id="units-title">{t("overview.units")}</h2>
      {units.length === 0 ? <p className="quiet">{t("overview.no_cases")}</p> : (
        <div className="table-box" role="group" tabIndex={0} aria-labelledby="units-title">
          <table>
            <thead><tr><th scope="col">{t("cases.unit")}</th>{(["overdue", "to_sign", "handling", "review", "closed", "all"] as const).map((s) => <th key={s} scope="col" className="num">{t(`cases.tab.${s}`)}</th>)}</tr></thead>
            <tbody>
              {units.map((u) => {
                const to = (tab: string) => `/cases?unit=${encodeURIComponent(u.unit)}${tab}`;
                return (
                  <tr key={u.unit}>
                    <th scope="row">{names.unit(u.unit)}</th>
                    <Count n={u.overdue} to={to("&tab=overdue")} bad />
                    <Count n={u.to_sign} to={to("&tab=to_sign")} />
                    <Count n={u.handling} to={to("&tab=handling")} />
                    <Count n={u.review} to={to("&tab=review")} />
                    <Count n={u.closed} to={to("&tab=closed")} />
                    <Count n={u.total} to={to("")} />
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      {units.length > 0 && <p className="quiet">{t("overview.units.foot")}</p>}
    </section>
  );
}

/** TopicTable counts posts and cases by topic. */
export function TopicTable({ posts, cases }: { posts: Schemas["PostStats"] | undefined; cases: Schemas["CaseStats"] }) {
  const t = useT();
  const names = useNames();
  const said = new Map(posts?.topics.map((c) => [c.value, c.count]));
  const opened = new Map(cases.topics.map((c) => [c.topic, c]));
  const topics = [...new Set([...said.keys(), ...opened.keys()])]
    .sort((a, b) => (said.get(b) ?? 0) - (said.get(a) ?? 0) || (opened.get(b)?.count ?? 0) - (opened.get(a)?.count ?? 0));
  const most = Math.max(1, ...said.values());
  return (
    <section className="panel" aria-labelledby="topics-title">
      <h2 id="topics-title">{t("overview.topics")}</h2>
      {topics.length === 0 ? <p className="quiet">{t("overview.no_cases")}</p> : (
        <div className="table-box" role="group" tabIndex={0} aria-labelledby="topics-title">
          <table>
            <thead><tr><th scope="col">{t("field.topic")}</th>{posts && <><th scope="col" className="num">{t("overview.column.posts")}</th><th aria-hidden="true" className="bar-column" /></>}<th scope="col" className="num">{t("overview.column.cases")}</th><th scope="col" className="num">{t("cases.tab.overdue")}</th></tr></thead>
            <tbody>
              {topics.map((id) => (
                <tr key={id}>
                  <th scope="row">{names.topic(id)}</th>
                  {posts && <>
                    <Count n={said.get(id) ?? 0} to={`/search?q=${encodeURIComponent(`topic:${id}`)}`} />
                    <td className="bar-column" aria-hidden="true"><svg className="gauge" viewBox="0 0 100 6" preserveAspectRatio="none"><rect width={((said.get(id) ?? 0) / most) * 100} height="6" /></svg></td>
                  </>}
                  <Count n={opened.get(id)?.count ?? 0} to={`/cases?topic=${encodeURIComponent(id)}`} />
                  <Count n={opened.get(id)?.overdue ?? 0} to={`/cases?topic=${encodeURIComponent(id)}&tab=overdue`} bad />
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
