import { useState } from "react";
import { Link } from "react-router";
import type { Schemas } from "../../api/client";
import { useEventPosts } from "../../api/queries";
import { language, useT } from "../../catalogue/language";
import { RiskBadge } from "../../parts/badges";
import { FailurePanel, Loading } from "../../parts/nothing";
import { useNames } from "../../parts/names";
import { number } from "../../parts/time";
import { When } from "../../parts/when";

/** Members lists an event's posts, a page at a time. */
export function Members({ event: e }: { event: Schemas["EventDetail"] }) {
  const t = useT();
  const [sort, setSort] = useState<"time" | "risk">("time");
  const list = useEventPosts(e.id, sort);
  const posts = list.data?.pages.flatMap((p) => p.hits) ?? [];
  return (
    <section className="panel" aria-labelledby="members-title">
      <div className="members-head">
        <h2 id="members-title">{t("event.members")} <span className="quiet">{t("events.posts", { n: number(e.member_count, language()) })}</span></h2>
        <div className="choice" role="group" aria-label={t("search.sort")}>
          {(["time", "risk"] as const).map((x) => <button key={x} type="button" aria-pressed={sort === x} onClick={() => setSort(x)}>{t(`search.sort.${x}`)}</button>)}
        </div>
      </div>
      {list.isPending && <Loading />}
      {list.isError && <FailurePanel error={list.error} retry={() => void list.refetch()} />}
      {e.posts > e.member_count && <p className="quiet">{t("event.members.gone", { n: number(e.posts - e.member_count, language()) })}</p>}
      <ul className="event-posts">{posts.map((m) => <li key={m.id}><Member post={m} /></li>)}</ul>
      {list.hasNextPage && <p><button type="button" className="button" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t("app.more")}</button></p>}
      <p className="quiet"><Link to={`/search?q=${encodeURIComponent(`event:${e.id}`)}`}>{t("event.all")}</Link></p>
    </section>
  );
}

function Member({ post: m }: { post: Schemas["PostHit"] }) {
  const names = useNames();
  return (
    <>
      <RiskBadge risk={m.risk} />
      <Link to={`/posts/${encodeURIComponent(m.id)}`}>{m.title || Array.from(m.text).slice(0, 60).join("")}</Link>
      <span className="quiet">{names.source(m.source)}</span><When at={m.published_at} />
    </>
  );
}
