import { useState } from "react";
import { Link } from "react-router";
import type { Schemas } from "../../api/client";
import { useCatch, type Draft } from "../../api/topics";
import { language, useT } from "../../catalogue/language";
import { RiskBadge } from "../../parts/badges";
import type { Bin } from "../../parts/bins";
import { DayChart } from "../../parts/chart";
import { Marked } from "../../parts/marked";
import { FailurePanel, Loading } from "../../parts/nothing";
import { useNames } from "../../parts/names";
import { excerpt, length, shift, type Mark } from "../../parts/spans";
import { chinaDay, number } from "../../parts/time";
import { When } from "../../parts/when";
import "../search/search.css";

const spans = [7, 30, 90, 365, 3650] as const;

type Match = Schemas["TopicMatch"];
type Props = {
  id: string | undefined; draft: Draft | undefined; empty: boolean; changed: boolean;
  learn?: (example: { post_id: string; text: string }) => void; known?: string[];
};

/** Caught shows what a topic catches: how many a day, the newest posts with the words that
 * tell so, and those that an excluded word keeps out. */
export function Caught({ id, draft, empty, changed, learn, known }: Props) {
  const t = useT();
  const [days, setDays] = useState<number>(90);
  const [only, setOnly] = useState<Bin>();
  const found = useCatch(id, draft, days);
  const caught = empty ? undefined : found.data;
  const within = (m: Match) => !only || (chinaDay(m.post.published_at) >= only.from && chinaDay(m.post.published_at) <= only.to);
  return (
    <section className="panel topic-caught" aria-labelledby="caught" aria-busy={found.isFetching}>
      <h2 id="caught">{t(changed ? "topics.preview" : "topics.posts")}</h2>
      <div className="choice" role="group" aria-label={t("topics.days")}>
        {spans.map((n) => <button key={n} type="button" aria-pressed={days === n} onClick={() => { setDays(n); setOnly(undefined); }}>{t(n === 3650 ? "topics.days.all" : "topics.days.n", { n })}</button>)}
      </div>
      {empty && <p className="quiet">{t("topics.empty")}</p>}
      {!empty && found.isPending && <Loading />}
      {!empty && found.isError && <FailurePanel error={found.error} retry={() => void found.refetch()} />}
      {caught && (
        <>
          <p role="status"><b className="topic-total">{number(caught.matched, language())}</b> {t("topics.matched")}
            {caught.excluded > 0 && <span className="quiet"> {t("topics.kept_out", { n: number(caught.excluded, language()) })}</span>}
            <span className="quiet"> {t("topics.examined", { n: number(caught.examined, language()) })}{caught.capped && ` ${t("topics.capped")}`}</span></p>
          {caught.own_cases && <p className="quiet">{t("topics.own_cases")}</p>}
          {caught.days.length > 0 && <DayChart days={caught.days} choose={setOnly} />}
          {only && <p><button type="button" className="chip" onClick={() => setOnly(undefined)}>{only.from === only.to ? only.from : `${only.from} – ${only.to}`}<span className="chip-x" aria-hidden="true">×</span></button></p>}
          {caught.words.length > 0 && <details className="topic-learned"><summary>{t("topics.learned", { n: caught.words.length })}</summary>
            <p className="topic-words">{caught.words.map((w) => <span key={w.word} className="topic-word">{w.word} <span className="quiet">{Math.round(w.weight * 100)}</span></span>)}</p></details>}
          {caught.matched === 0 && <p className="quiet">{t("topics.nothing")}</p>}
          <ol className="topic-matches">{caught.matches.filter(within).map((m) => <li key={m.post.id}><Row match={m} learn={known?.includes(m.post.id) ? undefined : learn} /></li>)}</ol>
          {caught.matched > caught.matches.length && <p className="quiet">{t("topics.first", { n: caught.matches.length })}</p>}
          {caught.left_out.length > 0 && (
            <>
              <h3>{t("topics.left_out")}</h3>
              <ol className="topic-matches">{caught.left_out.map((m) => <li key={m.post.id}><Row match={m} learn={undefined} /></li>)}</ol>
            </>
          )}
        </>
      )}
    </section>
  );
}

function Row({ match: m, learn }: { match: Match; learn: Props["learn"] | undefined }) {
  const t = useT();
  const names = useNames();
  const marks: Mark[] = [
    ...m.keywords.map((e) => ({ id: "hit:k", start: e.start, end: e.end })),
    ...m.words.map((e) => ({ id: "topic:w", start: e.start, end: e.end })),
    ...m.exclusions.map((e) => ({ id: "out:x", start: e.start, end: e.end })),
  ];
  const titled = m.post.title !== "";
  const text = excerpt(m.post.text, titled ? shift(marks, -length(m.post.title) - 1).filter((x) => x.end > 0) : marks, 110);
  const said = <>{text.before && "…"}<Marked text={text.text} marks={text.marks} />{text.after && "…"}</>;
  const to = m.case_id ? `/cases/${encodeURIComponent(m.case_id)}` : `/posts/${encodeURIComponent(m.post.id)}`;
  return (
    <article className="topic-match">
      <h3><Link to={to}>{titled ? <Marked text={m.post.title} marks={marks} /> : said}</Link></h3>
      {titled && <p>{said}</p>}
      <p className="quiet topic-meta"><RiskBadge risk={m.post.risk} /><span>{names.topic(m.post.topic)}</span><span>{names.source(m.post.source)}</span>
        {m.words.length > 0 && <span>{t("topics.likeness", { n: Math.round(m.score * 100) })}</span>}<When at={m.post.published_at} />
        {learn && <button type="button" className="link" onClick={() => learn({ post_id: m.post.id, text: titled ? `${m.post.title}\n${m.post.text}` : m.post.text })}>{t("topics.learn")}</button>}</p>
    </article>
  );
}
