import type { Schemas } from "../../api/client";
import { useStatus } from "../../api/queries";
import { language, named, useT } from "../../catalogue/language";
import { FailurePanel, Loading } from "../../parts/nothing";
import { number } from "../../parts/time";
import { useTitle } from "../../parts/title";
import { Instant, When } from "../../parts/when";
import "./status.css";

/** Status tells how the pipeline is: what runs, what waits, what could not be processed. */
export default function Status() {
  const t = useT();
  useTitle(t("nav.status"));
  const status = useStatus(true);
  return (
    <div className="page status">
      <header className="page-head"><h1>{t("nav.status")}</h1>{status.data && <span className="quiet figure">{t("status.versions", { version: status.data.version, policy: status.data.policy_version })}</span>}</header>
      {status.isPending && <Loading />}
      {status.isError && <FailurePanel error={status.error} retry={() => void status.refetch()} />}
      {status.data && <Figures status={status.data} />}
    </div>
  );
}

function Figures({ status }: { status: Schemas["Status"] }) {
  const t = useT();
  const time = (at: string | undefined) => (at ? <><Instant at={at} /> <span className="quiet"><When at={at} /></span></> : <span className="quiet">{t("status.never")}</span>);
  return (
    <>
      {status.nothing && <section className="nothing nothing-left"><h2>{t(`empty.${status.nothing}.title`)}</h2><p>{t(`empty.${status.nothing}.text`)}</p></section>}
      <section className="panel" aria-labelledby="flow-title">
        <h2 id="flow-title">{t("status.flow")}</h2>
        <dl className="facts">
          <div><dt>{t("status.received")}</dt><dd>{time(status.last_received_at)}</dd></div>
          <div><dt>{t("status.indexed")}</dt><dd>{time(status.last_indexed_at)}</dd></div>
          <div><dt>{t("status.posts")}</dt><dd className="figure">{number(status.posts, language())}</dd></div>
        </dl>
        <div className="table-box" role="group" tabIndex={0} aria-labelledby="flow-title">
          <table>
            <thead><tr><th scope="col">{t("status.stage")}</th><th scope="col">{t("status.topic")}</th><th scope="col" className="num">{t("status.lag")}</th><th scope="col" className="num">{t("status.dead")}</th></tr></thead>
            <tbody>
              {status.stages.map((s) => (
                <tr key={s.name}>
                  <th scope="row">{named("stage", s.name)}</th><td><code>{s.topic}</code></td>
                  <td className="num">{number(s.lag, language())}</td>
                  <td className={s.dead_letters > 0 ? "num bad" : "num zero"}>{number(s.dead_letters, language())}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <p className="quiet">{t("status.dead.text")}</p>
      </section>
      <section className="panel" aria-labelledby="parts-title">
        <h2 id="parts-title">{t("status.parts")}</h2>
        <div className="table-box" role="group" tabIndex={0} aria-labelledby="parts-title">
          <table>
            <thead><tr><th scope="col">{t("status.part")}</th><th scope="col">{t("status.kind")}</th><th scope="col">{t("status.ok")}</th><th scope="col">{t("status.detail")}</th></tr></thead>
            <tbody>
              {status.parts.map((p) => (
                <tr key={p.name + p.kind}>
                  <th scope="row">{named("part", p.name)}</th><td>{p.kind}</td>
                  <td className={p.ok ? "ok" : "bad"}>{t(p.ok ? "status.ok.yes" : "status.ok.no")}</td><td>{p.detail}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
    </>
  );
}
