import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import { Failure, type Schemas } from "../../api/client";
import { useMatchCount, useSearch, type SearchSort } from "../../api/queries";
import { language, useT } from "../../catalogue/language";
import { DayChart } from "../../parts/chart";
import { FailurePanel, Loading } from "../../parts/nothing";
import { toggled, withFilter, withoutFilter } from "../../parts/query";
import { number } from "../../parts/time";
import { useTitle } from "../../parts/title";
import { Facets } from "./facets";
import { Chips } from "./chips";
import { Hits } from "./hits";
import { NoHits } from "./nohits";
import { QueryBox } from "./querybox";
import "./search.css";

const sorts = ["time", "risk", "relevance"] as const;

/** Search finds posts. What is searched and how it is ordered stand in the address, so
 * that the back button, reloading and sending the address work. */
export default function Search() {
  const t = useT();
  useTitle(t("search.title"));
  const [address, setAddress] = useSearchParams();
  const q = address.get("q") ?? "";
  const sort: SearchSort = sorts.find((s) => s === address.get("sort")) ?? "time";
  const search = useSearch(q, sort);
  const first = search.data?.pages[0];
  const go = (to: { q?: string; sort?: SearchSort }) => {
    const next = new URLSearchParams();
    const [query, order] = [(to.q ?? q).trim(), to.sort ?? sort];
    if (query) next.set("q", query);
    if (order !== "time") next.set("sort", order);
    setAddress(next);
    window.scrollTo({ top: 0 });
  };
  const facets = first && <Facets facets={first.facets} query={q} toggle={(field, value) => go({ q: toggled(q, field, value) })} />;

  return (
    <div className="search">
      <h1 className="unseen">{t("search.title")}</h1>
      <QueryBox key={q} query={q} error={search.error} submit={(query) => go({ q: query })} />
      <Chips query={q} remove={(field, value) => go({ q: withoutFilter(q, field, value) })} clear={() => go({ q: "" })} />
      <div className="search-body">
        <aside className="search-side" aria-label={t("search.facets")}>
          {first && <details className="facets-fold"><summary>{t("search.facets")}</summary>{facets}</details>}
          {first && <div className="facets-open">{facets}</div>}
        </aside>
        <section className="search-main" aria-label={t("search.results")} aria-busy={search.isFetching}>
          {first && first.total > 0 && (
            <>
              <DayChart days={first.histogram} choose={(bin) => go({ q: withFilter(q, "date", bin.from === bin.to ? bin.from : `${bin.from}..${bin.to}`) })} />
              <div className="search-head">
                <p className="search-total" role="status">{t("search.total", { n: number(first.total, language()) })}</p>
                <News q={q} total={first.total} />
                <div className="choice" role="group" aria-label={t("search.sort")}>
                  {sorts.map((s) => <button key={s} type="button" aria-pressed={s === sort} onClick={() => go({ sort: s })}>{t(`search.sort.${s}`)}</button>)}
                </div>
              </div>
            </>
          )}
          <Outcome search={search} first={first} q={q} sort={sort} remove={(field, value) => go({ q: withoutFilter(q, field, value) })} />
        </section>
      </div>
    </div>
  );
}

type OutcomeProps = {
  search: ReturnType<typeof useSearch>;
  first: Schemas["SearchResult"] | undefined;
  q: string;
  sort: SearchSort;
  remove: (field: string, value: string) => void;
};

function Outcome({ search, first, q, sort, remove }: OutcomeProps) {
  if (search.error && !first) {
    const syntax = search.error instanceof Failure && search.error.reason === "query_syntax";
    return syntax ? null : <FailurePanel error={search.error} retry={() => void search.refetch()} />;
  }
  if (!first) return <Loading />;
  if (first.total === 0) return <NoHits query={q} reason={first.empty_reason} remove={remove} />;
  return (
    <Hits key={`${sort} ${q}`} place={`${sort} ${q}`} hits={search.data?.pages.flatMap((p) => p.hits) ?? []} total={first.total}
      more={search.hasNextPage && !search.isFetching ? () => void search.fetchNextPage() : undefined} failure={search.error} />
  );
}

/** News offers posts that arrived since the list was read. At the top of the page the list is
 * read again by itself; further down it would move under the reader's eyes. */
function News({ q, total }: { q: string; total: number }) {
  const t = useT();
  const client = useQueryClient();
  const [, render] = useState(0);
  const count = useMatchCount(q, true).data ?? total;
  const fresh = Math.max(0, count - total);
  const asked = useRef(0);
  useEffect(() => {
    if (fresh > 0 && window.scrollY < 40 && asked.current !== count) {
      asked.current = count;
      void client.resetQueries({ queryKey: ["posts", q] }).then(() => render((n) => n + 1));
    }
  }, [client, count, fresh, q]);
  if (fresh === 0) return null;
  return (
    <button type="button" className="button news" onClick={() => {
      window.scrollTo({ top: 0 });
      void client.resetQueries({ queryKey: ["posts", q] });
    }}>{t("search.news", { n: fresh })}</button>
  );
}
