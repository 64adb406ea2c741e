import { useState } from "react";
import { Link } from "react-router";
import type { Schemas } from "../../api/client";
import { useEventPosts, useSplitEvent } from "../../api/queries";
import { language, useT } from "../../catalogue/language";
import { RiskBadge } from "../../parts/badges";
import { FailurePanel, Loading } from "../../parts/nothing";
import { useNames } from "../../parts/names";
import { number } from "../../parts/time";
import { When } from "../../parts/when";
import { EditForm } from "./editform";

type Detail = Schemas["EventDetail"];

/** mostSplit is how many posts can be split off at a time. */
const mostSplit = 500;

/** Members lists an event's posts, a page at a time. Who may correct events can choose some
 * and split them off. */
export function Members({ event: e, mayEdit }: { event: Detail; mayEdit: boolean }) {
  const t = useT();
  const [sort, setSort] = useState<"time" | "risk">("time");
  const [chosen, setChosen] = useState<ReadonlySet<string>>();
  const list = useEventPosts(e.id, sort, e.member_count);
  const posts = list.data?.pages.flatMap((p) => p.hits) ?? [];
  const toggle = (id: string) => setChosen((before) => {
    const next = new Set(before);
    if (!next.delete(id)) next.add(id);
    return next;
  });
  return (
    <section className="panel" aria-labelledby="members-title">
      <div className="members-head">
        <h2 id="members-title">{t("event.members")} <span className="quiet">{t("events.posts", { n: number(e.member_count, language()) })}</span></h2>
        <div className="members-tools">
          {mayEdit && e.member_count > 1 && chosen === undefined && <button type="button" className="button button-small no-print" onClick={() => setChosen(new Set())}>{t("edit.split")}</button>}
          <div className="choice" role="group" aria-label={t("search.sort")}>
            {(["time", "risk"] as const).map((x) => <button key={x} type="button" aria-pressed={sort === x} onClick={() => setSort(x)}>{t(`search.sort.${x}`)}</button>)}
          </div>
        </div>
      </div>
      {chosen && <Split event={e} chosen={chosen} close={() => setChosen(undefined)} />}
      {list.isPending && <Loading />}
      {list.isError && <FailurePanel error={list.error} retry={() => void list.refetch()} />}
      {e.posts > e.member_count && <p className="quiet">{t("event.members.gone", { n: number(e.posts - e.member_count, language()) })}</p>}
      <ul className={chosen ? "event-posts event-posts-choose" : "event-posts"}>
        {posts.map((m) => <li key={m.id}><Member post={m} chosen={chosen?.has(m.id)} toggle={() => toggle(m.id)} /></li>)}
      </ul>
      {list.hasNextPage && <p><button type="button" className="button" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t("app.more")}</button></p>}
      <p className="quiet"><Link to={`/search?q=${encodeURIComponent(`event:${e.id}`)}`}>{t("event.all")}</Link></p>
    </section>
  );
}

function Split({ event: e, chosen, close }: { event: Detail; chosen: ReadonlySet<string>; close: () => void }) {
  const t = useT();
  const split = useSplitEvent(e.id);
  const blocked = chosen.size === 0 ? "edit.split.choose" : chosen.size >= e.member_count ? "edit.split.all" : chosen.size > mostSplit ? "edit.split.many" : undefined;
  return (
    <div className="edit edit-split no-print">
      <p className="quiet">{t("edit.split.hint")}</p>
      <p role="status"><b>{t("edit.split.chosen", { n: chosen.size })}</b></p>
      <EditForm submit={t("edit.split.send")} blocked={blocked && t(blocked, { n: mostSplit })} pending={split.isPending} error={split.error} close={close}
        send={(reason) => split.mutate({ posts: [...chosen], reason }, { onSuccess: close })} />
    </div>
  );
}

function Member({ post: m, chosen, toggle }: { post: Schemas["PostHit"]; chosen: boolean | undefined; toggle: () => void }) {
  const t = useT();
  const names = useNames();
  const title = m.title || Array.from(m.text).slice(0, 60).join("");
  return (
    <>
      {chosen !== undefined && <input type="checkbox" aria-label={t("edit.split.this", { title })} checked={chosen} onChange={toggle} />}
      <RiskBadge risk={m.risk} />
      <Link to={`/posts/${encodeURIComponent(m.id)}`}>{title}</Link>
      <span className="quiet">{names.source(m.source)}</span><When at={m.published_at} />
    </>
  );
}
