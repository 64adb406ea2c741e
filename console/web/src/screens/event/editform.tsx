import { useId, useState } from "react";
import { Failure } from "../../api/client";
import { useT } from "../../catalogue/language";

const longest = 500;

type Props = { submit: string; blocked: string | undefined; pending: boolean; error: unknown; send: (reason: string) => void; close: () => void };

/** EditForm takes the reason of a correction and sends it. Blocked says what is missing. */
export function EditForm({ submit, blocked, pending, error, send, close }: Props) {
  const t = useT();
  const id = useId();
  const [reason, setReason] = useState("");
  return (
    <form className="edit-form" onSubmit={(event) => {
      event.preventDefault();
      send(reason.trim());
    }}>
      <label htmlFor={id}>{t("edit.reason")}</label>
      <textarea id={id} rows={2} required maxLength={longest} value={reason} aria-describedby={`${id}-hint`} onChange={(event) => setReason(event.target.value)} />
      <p id={`${id}-hint`} className="quiet">{blocked ?? t("edit.reason.hint")}</p>
      {error !== null && <p className="notice notice-bad" role="alert">{(error instanceof Failure ? error.problem?.detail : undefined) ?? t("failure.network.text")}</p>}
      <div className="acts-buttons">
        <button type="submit" className="button button-main" disabled={pending || blocked !== undefined || reason.trim() === ""}>{pending ? t("acts.pending") : submit}</button>
        <button type="button" className="button" onClick={close}>{t("app.cancel")}</button>
      </div>
    </form>
  );
}
