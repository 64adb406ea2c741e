import { useWindowVirtualizer, type VirtualItem } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { Link } from "react-router";
import type { Schemas } from "../../api/client";
import { named, useT } from "../../catalogue/language";
import { RiskBadge } from "../../parts/badges";
import { Marked } from "../../parts/marked";
import { FailurePanel } from "../../parts/nothing";
import { useNames } from "../../parts/names";
import { excerpt, length, shift, type Mark } from "../../parts/spans";
import { When } from "../../parts/when";
import { isTyping } from "./querybox";

type Hit = Schemas["PostHit"];

// Where the reader was in each list, so that coming back from a post finds the place.
const places = new Map<string, { measured: VirtualItem[]; offset: number; at: number }>();

type Props = { place: string; hits: Hit[]; total: number; more: (() => void) | undefined; failure: unknown };

/** Hits is the list of what was found. Only the rows in sight are in the page, and further
 * ones are asked for on the way. */
export function Hits({ place, hits, total, more, failure }: Props) {
  const t = useT();
  const list = useRef<HTMLOListElement>(null);
  const before = useRef(places.get(place));
  const [margin, setMargin] = useState(0);
  const rows = useWindowVirtualizer({
    count: hits.length,
    estimateSize: () => 104,
    overscan: 6,
    scrollMargin: margin,
    getItemKey: (i) => hits[i]?.id ?? i,
    ...(before.current ? { initialMeasurementsCache: before.current.measured, initialOffset: before.current.offset } : {}),
  });
  useLayoutEffect(() => setMargin((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY), [hits.length > 0]);
  useLayoutEffect(() => {
    if (before.current) window.scrollTo({ top: before.current.offset });
  }, []);

  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last >= hits.length - 15) more();
  }, [more, last, hits.length]);

  const at = useRef(before.current?.at ?? -1);
  useEffect(() => () => {
    places.set(place, { measured: rows.measurementsCache, offset: rows.scrollOffset ?? 0, at: at.current });
  }, [place, rows]);
  useWalk(at, hits.length, (i) => rows.scrollToIndex(i, { align: "auto" }), list);

  return (
    <>
      <ol ref={list} className="hits" style={{ height: rows.getTotalSize() }}>
        {items.map((item) => {
          const hit = hits[item.index];
          return hit && (
            <li key={item.key} ref={rows.measureElement} data-index={item.index} aria-setsize={total} aria-posinset={item.index + 1}
              className="hit" style={{ transform: `translateY(${item.start - margin}px)` }} onFocus={() => (at.current = item.index)}>
              <Row hit={hit} />
            </li>
          );
        })}
      </ol>
      {failure ? <FailurePanel error={failure} /> : <p className="hits-end">{hits.length < total ? t("search.loading_more", { n: hits.length }) : t("search.end")}</p>}
    </>
  );
}

/** useWalk moves the focus through the rows with j and k. */
function useWalk(at: { current: number }, count: number, scroll: (i: number) => void, list: { current: HTMLElement | null }): void {
  const go = useRef((_: number) => {});
  go.current = (by: number) => {
    const to = Math.max(0, Math.min(count - 1, at.current + by));
    at.current = to;
    scroll(to);
    let tries = 0;
    const focus = () => {
      const link = list.current?.querySelector<HTMLElement>(`[data-index="${to}"] a`);
      if (link) link.focus({ preventScroll: true });
      else if (tries++ < 10) requestAnimationFrame(focus);
    };
    requestAnimationFrame(focus);
  };
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key === "j") go.current(1);
      if (event.key === "k") go.current(-1);
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}

function Row({ hit }: { hit: Hit }) {
  const t = useT();
  const names = useNames();
  const marks: Mark[] = hit.highlights.map((s) => ({ id: "hit", start: s.start, end: s.end }));
  const titled = hit.title !== "";
  const text = excerpt(hit.text, titled ? shift(marks, -length(hit.title) - 1).filter((m) => m.end > 0) : marks, 120);
  const said = <>{text.before && "…"}<Marked text={text.text} marks={text.marks} />{text.after && "…"}</>;
  return (
    <article>
      <div className="hit-risk"><RiskBadge risk={hit.risk} /><span className="hit-score" title={t("post.score")}>{Math.round(hit.score)}</span></div>
      <div className="hit-main">
        <h3 className={titled ? "" : "hit-untitled"}><Link to={`/posts/${encodeURIComponent(hit.id)}`}>{titled ? <Marked text={hit.title} marks={marks} /> : said}</Link></h3>
        {titled && <p className="hit-text">{said}</p>}
        <p className="hit-meta">
          <span className="hit-topic">{names.topic(hit.topic)}</span>
          <span>{names.source(hit.source)}</span><span>{named("channel", hit.channel)}</span><span>{names.intent(hit.intent)}</span>
          {hit.streets.slice(0, 2).map((s) => <span key={s}>{names.unit(s)}</span>)}
          {hit.elsewhere && <span className="away" title={t("post.elsewhere.text")}>{t("post.elsewhere")} {hit.elsewhere}</span>}
          {hit.history && <span title={t("post.history.text")}>{t("post.history")}</span>}
          <span className="hit-when"><When at={hit.published_at} /></span>
        </p>
      </div>
    </article>
  );
}
