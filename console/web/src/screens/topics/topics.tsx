import { Link, useSearchParams } from "react-router";
import type { Session } from "../../api/queries";
import { useTopics, type UnitTopic } from "../../api/topics";
import { useT } from "../../catalogue/language";
import { Filter } from "../../parts/filter";
import { FailurePanel, Loading, Nothing } from "../../parts/nothing";
import { useNames } from "../../parts/names";
import { useTitle } from "../../parts/title";
import { When } from "../../parts/when";
import "../cases/cases.css";
import "./topics.css";

/** Topics lists what units keep an eye on beside the 31 topics: a unit its own, others those
 * of every unit. */
export default function Topics({ session }: { session: Session }) {
  const t = useT();
  const { answering } = useNames();
  useTitle(t("nav.topics"));
  const [address, setAddress] = useSearchParams();
  const unit = session.role === "unit" ? "" : address.get("unit") ?? "";
  const list = useTopics(unit);
  return (
    <div className="page topics">
      <header className="page-head">
        <h1>{t(session.role === "unit" ? "topics.own" : "nav.topics")}</h1><span className="quiet">{t("topics.about")}</span>
        {session.permissions.includes("topics.keep") && <Link className="button button-main topics-new" to={unit ? `/topics/new?unit=${encodeURIComponent(unit)}` : "/topics/new"}>{t("topics.new")}</Link>}
      </header>
      {session.role !== "unit" && (
        <div className="filters">
          <Filter label={t("cases.unit")} value={unit} choose={(value) => setAddress(value ? { unit: value } : {})}
            options={answering.map((u) => ({ value: u.id, text: u.name }))} />
        </div>
      )}
      {list.isPending && <Loading />}
      {list.isError && <FailurePanel error={list.error} retry={() => void list.refetch()} />}
      {list.data?.length === 0 && <Nothing title={t("topics.none.title")} text={t("topics.none.text")} />}
      {list.data && list.data.length > 0 && <ul className="topic-rows">{list.data.map((x) => <li key={x.id}><Row topic={x} showUnit={session.role !== "unit"} /></li>)}</ul>}
    </div>
  );
}

function Row({ topic, showUnit }: { topic: UnitTopic; showUnit: boolean }) {
  const t = useT();
  const names = useNames();
  return (
    <article className={topic.active ? "topic-row" : "topic-row topic-aside"}>
      <h2><Link to={`/topics/${encodeURIComponent(topic.id)}`}>{topic.name}</Link>{!topic.active && <span className="quiet"> {t("topics.aside")}</span>}</h2>
      <p className="topic-words">
        {topic.keywords.slice(0, 8).map((w) => <span key={w} className="topic-word">{w}</span>)}
        {topic.keywords.length > 8 && <span className="quiet">+{topic.keywords.length - 8}</span>}
        {topic.examples.length > 0 && <span className="quiet">{t("topics.examples.count", { n: topic.examples.length })}</span>}
      </p>
      <p className="quiet">{showUnit && <span className="topic-unit">{names.unit(topic.unit)}</span>}{t("topics.updated", { who: topic.updated_by })} <When at={topic.updated_at} /></p>
    </article>
  );
}
