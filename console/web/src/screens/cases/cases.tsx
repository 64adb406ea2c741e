import { useMemo } from "react";
import { Link, useSearchParams } from "react-router";
import type { Schemas } from "../../api/client";
import { useCases, useCaseTotal, type CaseFilter, type Session } from "../../api/queries";
import { language, useT } from "../../catalogue/language";
import { useNow } from "../../parts/clock";
import { Filter } from "../../parts/filter";
import { FailurePanel, Loading } from "../../parts/nothing";
import { useNames } from "../../parts/names";
import { nextDeadline } from "../../parts/timeleft";
import { number } from "../../parts/time";
import { useTitle } from "../../parts/title";
import { NoCases } from "./nocases";
import { CaseRows } from "./rows";
import "./cases.css";

const tabs = ["all", "overdue", "to_sign", "handling", "review", "closed"] as const;
type Tab = (typeof tabs)[number];
const levels = ["I", "II", "III", "IV"] as const;

/** Beyond this many cases the list is no longer put in order by time left. */
const sortable = 2000;

/** Cases lists the cases that a person may see; for a unit it is the inbox. */
export default function Cases({ session }: { session: Session }) {
  const t = useT();
  const title = t(session.role === "unit" ? "nav.inbox" : "nav.cases");
  useTitle(title);
  const [address, setAddress] = useSearchParams();
  // "Overdue" is asked for with an instant. It moves on by the minute, not with every
  // rendering, because another instant is another list.
  const minute = Math.floor(useNow() / 60_000) * 60_000;
  const opened = useMemo(() => new Date(minute).toISOString(), [minute]);
  const tab: Tab = tabs.find((x) => x === address.get("tab")) ?? "all";
  const byDue = address.get("sort") !== "new";
  const base: CaseFilter = pick(address);
  const set = (name: string, value: string | undefined) => {
    const next = new URLSearchParams(address);
    if (value) next.set(name, value);
    else next.delete(name);
    setAddress(next);
  };
  return (
    <div className="page cases">
      <header className="page-head"><h1>{title}</h1>{session.unit_name && <span className="quiet">{t("cases.of_unit", { unit: session.unit_name })}</span>}</header>
      <div className="tabs" role="group" aria-label={t("cases.states")}>
        {tabs.map((x) => <TabButton key={x} tab={x} filter={filterOf(base, x, opened)} chosen={x === tab} choose={() => set("tab", x === "all" ? undefined : x)} />)}
      </div>
      <Filters session={session} address={address} set={set} byDue={byDue} />
      <List session={session} filter={filterOf(base, tab, opened)} byDue={byDue} filtered={tab !== "all" || Object.keys(base).length > 0} />
    </div>
  );
}

function filterOf(base: CaseFilter, tab: Tab, opened: string): CaseFilter {
  if (tab === "all") return base;
  return tab === "overdue" ? { ...base, due_before: opened } : { ...base, state: tab };
}

function pick(address: URLSearchParams): CaseFilter {
  const [unit, topic, level] = [address.get("unit"), address.get("topic"), levels.find((l) => l === address.get("level"))];
  return { ...(unit ? { unit } : {}), ...(topic ? { topic } : {}), ...(level ? { level } : {}) };
}

function TabButton({ tab, filter, chosen, choose }: { tab: Tab; filter: CaseFilter; chosen: boolean; choose: () => void }) {
  const t = useT();
  const total = useCaseTotal(filter).data;
  return (
    <button type="button" className={tab === "overdue" && total ? "tab tab-bad" : "tab"} aria-pressed={chosen} onClick={choose}>
      {t(`cases.tab.${tab}`)}<span className="tab-count">{total === undefined ? "" : number(total, language())}</span>
    </button>
  );
}

type FilterProps = { session: Session; address: URLSearchParams; set: (name: string, value: string | undefined) => void; byDue: boolean };

function Filters({ session, address, set, byDue }: FilterProps) {
  const t = useT();
  const { words, answering } = useNames();
  const select = (name: string, label: string, options: { value: string; text: string }[]) =>
    <Filter label={label} value={address.get(name) ?? undefined} options={options} choose={(value) => set(name, value)} />;
  return (
    <div className="filters">
      {session.role !== "unit" && select("unit", t("cases.unit"), answering.map((u) => ({ value: u.id, text: u.name })))}
      {select("topic", t("field.topic"), (words?.topics ?? []).map((x) => ({ value: x.id, text: x.name })))}
      {select("level", t("cases.level"), levels.map((l) => ({ value: l, text: t(`level.${l}`) })))}
      <div className="choice" role="group" aria-label={t("search.sort")}>
        <button type="button" aria-pressed={byDue} onClick={() => set("sort", undefined)}>{t("cases.sort.due")}</button>
        <button type="button" aria-pressed={!byDue} onClick={() => set("sort", "new")}>{t("cases.sort.new")}</button>
      </div>
    </div>
  );
}

function List({ session, filter, byDue, filtered }: { session: Session; filter: CaseFilter; byDue: boolean; filtered: boolean }) {
  const t = useT();
  const list = useCases(filter);
  const cases = useMemo(() => list.data?.pages.flatMap((p) => p.cases) ?? [], [list.data]);
  const total = list.data?.pages[0]?.total ?? 0;
  const more = list.hasNextPage && !list.isFetching ? () => void list.fetchNextPage() : undefined;
  const ordered = useMemo(() => (byDue ? inOrder(cases) : cases), [byDue, cases]);
  if (list.error && cases.length === 0) return <FailurePanel error={list.error} retry={() => void list.refetch()} />;
  if (list.isPending) return <Loading />;
  if (total === 0) return <NoCases session={session} filtered={filtered} />;
  return (
    <>
      {byDue && total > sortable && <p className="notice">{t("cases.too_many", { n: number(sortable, language()) })}</p>}
      <CaseRows cases={ordered} total={total} more={more} eager={byDue && cases.length < sortable} />
      <p className="quiet cases-foot">{session.role === "unit" ? t("cases.foot.unit") : <>{t("cases.foot")} <Link to="/overview">{t("nav.overview")}</Link></>}</p>
    </>
  );
}

/** inOrder puts the case whose next unmet deadline falls due first on top, and closed ones
 * last. */
function inOrder(cases: readonly Schemas["CaseSummary"][]): Schemas["CaseSummary"][] {
  const due = (c: Schemas["CaseSummary"]) => {
    const next = c.state === "closed" ? undefined : nextDeadline(c.deadlines);
    return next ? Date.parse(next.due) : Infinity;
  };
  return [...cases].sort((a, b) => {
    const [x, y] = [due(a), due(b)];
    return x === y ? Date.parse(b.opened_at) - Date.parse(a.opened_at) : x - y;
  });
}
