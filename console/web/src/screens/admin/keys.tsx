import { useState, type FormEvent } from "react";
import { Failure, type Schemas } from "../../api/client";
import { useAddKey, useKeys, useRevokeKey } from "../../api/queries";
import { useT } from "../../catalogue/language";
import { FailurePanel, Loading } from "../../parts/nothing";
import { Instant } from "../../parts/when";
import { Confirm } from "./confirm";

/** Keys lists the push keys of sources, makes and revokes them. */
export function Keys() {
  const t = useT();
  const list = useKeys();
  const revoke = useRevokeKey();
  const keys = list.data?.pages.flatMap((p) => p.keys) ?? [];
  return (
    <section className="panel" aria-labelledby="keys-title">
      <h2 id="keys-title">{t("admin.keys")} <span className="quiet figure">{list.data?.pages[0]?.total}</span></h2>
      <p className="quiet">{t("admin.keys.text")}</p>
      <AddKey />
      {list.isPending && <Loading />}
      {list.isError && <FailurePanel error={list.error} retry={() => void list.refetch()} />}
      {revoke.isError && <FailurePanel error={revoke.error} />}
      {list.data && keys.length === 0 && <p className="quiet">{t("admin.keys.none")}</p>}
      {keys.length > 0 && (
        <div className="table-box" role="group" tabIndex={0} aria-labelledby="keys-title">
          <table>
            <thead><tr><th scope="col">{t("admin.key")}</th><th scope="col">{t("field.source")}</th><th scope="col">{t("admin.created")}</th><th scope="col">{t("admin.state")}</th><th /></tr></thead>
            <tbody>
              {keys.map((k) => (
                <tr key={k.id} className={k.revoked_at ? "off" : ""}>
                  <th scope="row"><code>{k.id}…</code></th><td>{k.source}</td><td><Instant at={k.created_at} /></td>
                  <td>{k.revoked_at ? <>{t("admin.revoked")} <Instant at={k.revoked_at} /></> : t("admin.valid")}</td>
                  <td className="act">{!k.revoked_at && <Confirm label={t("admin.revoke")} question={t("admin.revoke.question", { source: k.source })} pending={revoke.isPending} act={() => revoke.mutate(k.id)} />}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {list.hasNextPage && <button type="button" className="button" disabled={list.isFetching} onClick={() => void list.fetchNextPage()}>{t("app.more")}</button>}
    </section>
  );
}

function AddKey() {
  const t = useT();
  const add = useAddKey();
  const [source, setSource] = useState("");
  function submit(event: FormEvent): void {
    event.preventDefault();
    add.mutate(source.trim(), { onSuccess: () => setSource("") });
  }
  return (
    <>
      <form className="add-form" onSubmit={submit}>
        <label className="field"><span>{t("admin.source")}</span><input required pattern="[a-z0-9][a-z0-9._\-]*" maxLength={63} title={t("admin.source.rule")} autoComplete="off" spellCheck={false} value={source} onChange={(e) => setSource(e.target.value)} /></label>
        <button type="submit" className="button button-main" disabled={add.isPending}>{t("admin.add_key")}</button>
      </form>
      {add.isError && <p className="notice notice-bad" role="alert">{add.error instanceof Failure && add.error.problem ? add.error.problem.detail : t("failure.network.text")}</p>}
      {add.data && <Secret made={add.data} close={() => add.reset()} />}
    </>
  );
}

/** Secret shows a new key the only time that it can be seen. */
function Secret({ made, close }: { made: Schemas["NewKeyView"]; close: () => void }) {
  const t = useT();
  const [copied, setCopied] = useState(false);
  return (
    <div className="notice secret" role="status">
      <p><b>{t("admin.secret", { source: made.source })}</b></p>
      <p><code>{made.secret}</code></p>
      <p className="secret-acts">
        <button type="button" className="button" onClick={() => void navigator.clipboard?.writeText(made.secret).then(() => setCopied(true))}>{t(copied ? "admin.copied" : "admin.copy")}</button>
        <button type="button" className="button" onClick={close}>{t("admin.secret.done")}</button>
      </p>
    </div>
  );
}
