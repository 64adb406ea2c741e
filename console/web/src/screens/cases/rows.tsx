import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { Link } from "react-router";
import type { Schemas } from "../../api/client";
import { language, useT } from "../../catalogue/language";
import { LevelBadge, RiskBadge, StateBadge } from "../../parts/badges";
import { useNames } from "../../parts/names";
import { number } from "../../parts/time";
import { TimeLeft, nextDeadline } from "../../parts/timeleft";
import { When } from "../../parts/when";

type Case = Schemas["CaseSummary"];

/** CaseRows is the list itself: a table on a wide page, cards on a phone. Eager asks for
 * all pages, because only a whole list can be put in order. */
export function CaseRows({ cases, total, more, eager }: { cases: Case[]; total: number; more: (() => void) | undefined; eager: boolean }) {
  const t = useT();
  const list = useRef<HTMLOListElement>(null);
  const [margin, setMargin] = useState(0);
  const rows = useWindowVirtualizer({
    count: cases.length, estimateSize: () => 62, overscan: 8, scrollMargin: margin, getItemKey: (i) => cases[i]?.id ?? i,
  });
  useLayoutEffect(() => setMargin((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY), []);
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && (eager || last >= cases.length - 15)) more();
  }, [more, eager, last, cases.length]);
  return (
    <div className="case-list">
      <div className="case-row case-row-head" aria-hidden="true">
        <span>{t("cases.number")}</span><span>{t("cases.matter")}</span><span>{t("cases.unit")}</span><span>{t("cases.state")}</span><span>{t("cases.left")}</span>
      </div>
      <ol ref={list} className="case-rows" style={{ height: rows.getTotalSize() }}>
        {items.map((item) => {
          const found = cases[item.index];
          return found && (
            <li key={item.key} ref={rows.measureElement} data-index={item.index} aria-setsize={total} aria-posinset={item.index + 1}
              style={{ transform: `translateY(${item.start - margin}px)` }}><Row found={found} /></li>
          );
        })}
      </ol>
      <p className="unseen" role="status">{t("cases.total", { n: number(total, language()) })}</p>
    </div>
  );
}

function Row({ found: c }: { found: Case }) {
  const t = useT();
  const names = useNames();
  const next = nextDeadline(c.deadlines);
  const late = c.deadlines.filter((d) => d.late).length;
  return (
    <article className={`case-row case-row-${c.state}`}>
      <div className="case-cell-number"><span className="case-number">{c.number}</span><LevelBadge level={c.level} /></div>
      <div className="case-cell-matter">
        <h2><Link to={`/cases/${encodeURIComponent(c.id)}`}>{c.title}</Link></h2>
        <p><RiskBadge risk={c.risk} /><span>{names.topic(c.topic)}</span><span>{names.source(c.source)}</span><When at={c.opened_at} /></p>
      </div>
      <div className="case-cell-unit">{names.unit(c.lead_unit)}{c.co_units.length > 0 && <span className="quiet" title={c.co_units.map(names.unit).join(", ")}>{t("cases.co_units", { n: c.co_units.length })}</span>}</div>
      <div className="case-cell-state"><StateBadge state={c.state} /></div>
      <div className="case-cell-left">
        {c.state !== "closed" && next ? <TimeLeft deadline={next} /> : <span className="quiet">{late > 0 ? t("cases.closed_late", { n: late }) : t("cases.closed_in_time")}</span>}
      </div>
    </article>
  );
}
