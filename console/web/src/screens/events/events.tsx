import { useEffect, useState } from "react";
import { Link, useSearchParams } from "react-router";
import type { Schemas } from "../../api/client";
import { useEvents, type EventFilter, type EventSort } from "../../api/queries";
import { language, useT } from "../../catalogue/language";
import { LevelBadge, RiskBadge, StateBadge } from "../../parts/badges";
import { BurstBadge } from "../../parts/burst";
import { Filter } from "../../parts/filter";
import { Heat } from "../../parts/heat";
import { FailurePanel, Loading, Nothing } from "../../parts/nothing";
import { useNames } from "../../parts/names";
import { number } from "../../parts/time";
import { useTitle } from "../../parts/title";
import { When } from "../../parts/when";
import "../cases/cases.css";
import "./events.css";

const sorts = ["heat", "level", "last"] as const;
const levels = ["I", "II", "III", "IV"] as const;
const withCase = ["open", "any"] as const;

/** Events lists events: the hottest, the gravest or the latest first. */
export default function Events() {
  const t = useT();
  useTitle(t("nav.events"));
  const [address, setAddress] = useSearchParams();
  const sort: EventSort = sorts.find((x) => x === address.get("sort")) ?? "heat";
  const filter = pick(address);
  const set = (name: string, value: string | undefined) => {
    const next = new URLSearchParams(address);
    if (value) next.set(name, value);
    else next.delete(name);
    setAddress(next);
  };
  return (
    <div className="page events">
      <header className="page-head"><h1>{t("nav.events")}</h1><span className="quiet">{t("events.about")}</span></header>
      <Filters filter={filter} sort={sort} set={set} />
      <List filter={filter} sort={sort} />
    </div>
  );
}

function pick(address: URLSearchParams): EventFilter {
  const [topic, q] = [address.get("topic"), address.get("q")];
  const level = levels.find((l) => l === address.get("level"));
  const held = withCase.find((x) => x === address.get("case"));
  return { ...(topic ? { topic } : {}), ...(level ? { level } : {}), ...(held ? { case: held } : {}), ...(q ? { q } : {}) };
}

type FilterProps = { filter: EventFilter; sort: EventSort; set: (name: string, value: string | undefined) => void };

function Filters({ filter, sort, set }: FilterProps) {
  const t = useT();
  const { words } = useNames();
  const select = (name: "topic" | "level" | "case", label: string, options: { value: string; text: string }[]) =>
    <Filter label={label} value={filter[name]} options={options} choose={(value) => set(name, value)} />;
  return (
    <div className="filters">
      <NameFilter key={filter.q ?? ""} value={filter.q ?? ""} find={(q) => set("q", q || undefined)} />
      {select("topic", t("field.topic"), [...(words?.topics ?? []).map((x) => ({ value: x.id, text: x.name })), { value: "none", text: t("topic.none") }])}
      {select("level", t("cases.level"), levels.map((l) => ({ value: l, text: t(`level.${l}`) })))}
      {select("case", t("nav.cases"), withCase.map((x) => ({ value: x, text: t(`events.case.${x}`) })))}
      <div className="choice" role="group" aria-label={t("search.sort")}>
        {sorts.map((x) => <button key={x} type="button" aria-pressed={sort === x} onClick={() => set("sort", x === "heat" ? undefined : x)}>{t(`events.sort.${x}`)}</button>)}
      </div>
    </div>
  );
}

function NameFilter({ value, find }: { value: string; find: (q: string) => void }) {
  const t = useT();
  const [text, setText] = useState(value);
  return (
    <form className="filter" role="search" onSubmit={(e) => {
      e.preventDefault();
      find(text.trim());
    }}>
      <label htmlFor="events-q">{t("events.name")}</label>
      <input id="events-q" type="search" maxLength={100} value={text} placeholder={t("events.name.hint")} onChange={(e) => setText(e.target.value)} onBlur={() => text.trim() !== value && find(text.trim())} />
    </form>
  );
}

function List({ filter, sort }: { filter: EventFilter; sort: EventSort }) {
  const t = useT();
  const list = useEvents(filter, sort);
  const events = list.data?.pages.flatMap((p) => p.events) ?? [];
  const first = list.data?.pages[0];
  if (list.error && !first) return <FailurePanel error={list.error} retry={() => void list.refetch()} />;
  if (!first) return <Loading />;
  if (first.total === 0) return <NoEvents filtered={Object.keys(filter).length > 0} reason={first.empty_reason} />;
  return (
    <>
      <p className="quiet" role="status">{t("events.total", { n: number(first.total, language()) })}{first.capped && ` ${t("events.capped")}`}</p>
      <div className="case-list">
        <div className="event-row event-row-head" aria-hidden="true">
          <span>{t("event.heat")}</span><span>{t("events.matter")}</span><span>{t("event.posts")}</span><span>{t("events.last")}</span><span>{t("nav.cases")}</span>
        </div>
        <ol className="event-rows">{events.map((e) => <li key={e.id}><Row event={e} /></li>)}</ol>
      </div>
      <More more={list.hasNextPage} busy={list.isFetchingNextPage} fetch={() => void list.fetchNextPage()} />
    </>
  );
}

/** More reads the next page at a button, and by itself when the button comes into sight. */
function More({ more, busy, fetch }: { more: boolean; busy: boolean; fetch: () => void }) {
  const t = useT();
  const [button, setButton] = useState<HTMLButtonElement | null>(null);
  useEffect(() => {
    if (!button || busy) return;
    const seen = new IntersectionObserver(([entry]) => entry?.isIntersecting && fetch(), { rootMargin: "200px" });
    seen.observe(button);
    return () => seen.disconnect();
  });
  if (!more) return <p className="quiet events-end">{t("search.end")}</p>;
  return <p className="events-end"><button ref={setButton} type="button" className="button" disabled={busy} onClick={fetch}>{t("app.more")}</button></p>;
}

function Row({ event: e }: { event: Schemas["EventRow"] }) {
  const t = useT();
  const names = useNames();
  return (
    <article className="event-row">
      <div className="event-cell-heat"><span className="event-label">{t("event.heat")}</span><Heat heat={e.heat} /></div>
      <div className="event-cell-matter">
        <h2><Link to={`/events/${encodeURIComponent(e.id)}`}>{e.name || t("post.untitled")}</Link></h2>
        <p>{e.burst && <BurstBadge />}<LevelBadge level={e.level} /><RiskBadge risk={e.risk} /><span>{names.topic(e.topic)}</span></p>
      </div>
      <div className="figure"><span className="event-label">{t("event.posts")}</span>{t("events.posts", { n: number(e.posts, language()) })}<span className="quiet event-sources">{t("events.sources", { n: e.sources.length })}</span></div>
      <div className="event-cell-last"><span className="event-label">{t("events.last")}</span><When at={e.last_at} /></div>
      <div className="event-cell-case">{e.case
        ? <><Link to={`/cases/${encodeURIComponent(e.case.id)}`} className="case-number">{e.case.number}</Link><StateBadge state={e.case.state} /></>
        : <span className="quiet">{t("events.no_case")}</span>}</div>
    </article>
  );
}

function NoEvents({ filtered, reason }: { filtered: boolean; reason: Schemas["EventList"]["empty_reason"] }) {
  const t = useT();
  if (filtered && (reason ?? "no_match") === "no_match") {
    return <Nothing title={t("events.empty.filtered.title")} text={t("events.empty.filtered.text")}><p><Link to="/events">{t("events.empty.show_all")}</Link></p></Nothing>;
  }
  return <Nothing title={t("events.empty.title")} text={reason && reason !== "no_match" ? t(`empty.${reason}.text`) : t("events.empty.text")}><p><Link to="/status">{t("empty.to_status")}</Link></p></Nothing>;
}
