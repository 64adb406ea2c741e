import { useState, type FormEvent } from "react";
import { Failure, type Schemas } from "../../api/client";
import { useAddUser, useDisableUser, useUsers } from "../../api/queries";
import { useT } from "../../catalogue/language";
import { FailurePanel, Loading } from "../../parts/nothing";
import { useNames } from "../../parts/names";
import { Instant } from "../../parts/when";
import { Confirm } from "./confirm";

const roles = ["staff", "unit", "leader", "admin"] as const;

/** Users lists who may sign in, adds and disables them. */
export function Users({ self }: { self: string }) {
  const t = useT();
  const names = useNames();
  const list = useUsers();
  const disable = useDisableUser();
  const users = list.data?.pages.flatMap((p) => p.users) ?? [];
  return (
    <section className="panel" aria-labelledby="users-title">
      <h2 id="users-title">{t("admin.users")} <span className="quiet figure">{list.data?.pages[0]?.total}</span></h2>
      <AddUser />
      {list.isPending && <Loading />}
      {list.isError && <FailurePanel error={list.error} retry={() => void list.refetch()} />}
      {disable.isError && <FailurePanel error={disable.error} />}
      {users.length > 0 && (
        <div className="table-box" role="group" tabIndex={0} aria-labelledby="users-title">
          <table>
            <thead><tr><th scope="col">{t("admin.name")}</th><th scope="col">{t("admin.role")}</th><th scope="col">{t("cases.unit")}</th><th scope="col">{t("admin.created")}</th><th scope="col">{t("admin.state")}</th><th /></tr></thead>
            <tbody>
              {users.map((u) => (
                <tr key={u.name} className={u.disabled ? "off" : ""}>
                  <th scope="row">{u.name}</th><td>{t(`role.${u.role}`)}</td><td>{u.unit ? names.unit(u.unit) : ""}</td>
                  <td><Instant at={u.created_at} /></td><td>{t(u.disabled ? "admin.disabled" : "admin.enabled")}</td>
                  <td className="act">{!u.disabled && u.name !== self && <Confirm label={t("admin.disable")} question={t("admin.disable.question", { name: u.name })} pending={disable.isPending} act={() => disable.mutate(u.name)} />}</td>
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

const blank: Schemas["AddUserInputBody"] = { name: "", role: "staff", password: "" };

function AddUser() {
  const t = useT();
  const { answering } = useNames();
  const add = useAddUser();
  const [user, setUser] = useState(blank);
  const set = (change: Partial<Schemas["AddUserInputBody"]>) => setUser({ ...user, ...change });

  function submit(event: FormEvent): void {
    event.preventDefault();
    const { unit, ...rest } = user;
    add.mutate({ ...rest, name: rest.name.trim(), ...(rest.role === "unit" && unit ? { unit } : {}) }, { onSuccess: () => setUser(blank) });
  }

  return (
    <details className="add">
      <summary>{t("admin.add_user")}</summary>
      <form className="add-form" onSubmit={submit}>
        <label className="field"><span>{t("admin.name")}</span><input required maxLength={64} autoComplete="off" value={user.name} onChange={(e) => set({ name: e.target.value })} /></label>
        <label className="field"><span>{t("admin.role")}</span>
          <select value={user.role} onChange={(e) => set({ role: roles.find((r) => r === e.target.value) ?? "staff" })}>{roles.map((r) => <option key={r} value={r}>{t(`role.${r}`)}</option>)}</select>
        </label>
        {user.role === "unit" && (
          <label className="field"><span>{t("cases.unit")}</span>
            <select required value={user.unit ?? ""} onChange={(e) => set({ unit: e.target.value })}>
              <option value="">{t("admin.choose_unit")}</option>
              {answering.map((u) => <option key={u.id} value={u.id}>{u.name}</option>)}
            </select>
          </label>
        )}
        <label className="field"><span>{t("admin.password")}</span><input required type="password" minLength={10} maxLength={72} autoComplete="new-password" value={user.password} onChange={(e) => set({ password: e.target.value })} /></label>
        <button type="submit" className="button button-main" disabled={add.isPending}>{t("admin.add")}</button>
      </form>
      <p className="quiet">{t("admin.password.rule")}</p>
      {add.isError && <p className="notice notice-bad" role="alert">{add.error instanceof Failure && add.error.problem ? add.error.problem.detail : t("failure.network.text")}</p>}
      {add.isSuccess && <p className="notice" role="status">{t("admin.added", { name: add.data.name })}</p>}
    </details>
  );
}
