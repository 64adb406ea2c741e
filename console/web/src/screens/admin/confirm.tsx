import { useEffect, useState } from "react";
import { useT } from "../../catalogue/language";

/** Confirm is a button that asks once more before it does what cannot be undone. */
export function Confirm({ label, question, pending, act }: { label: string; question: string; pending: boolean; act: () => void }) {
  const t = useT();
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    if (!asked) return;
    const timer = setTimeout(() => setAsked(false), 8000);
    return () => clearTimeout(timer);
  }, [asked]);
  if (!asked) return <button type="button" className="button button-small" onClick={() => setAsked(true)}>{label}</button>;
  return (
    <span className="confirm" role="group" aria-label={question}>
      <span>{question}</span>
      <button type="button" className="button button-small button-bad" autoFocus disabled={pending} onClick={() => { setAsked(false); act(); }}>{label}</button>
      <button type="button" className="button button-small" onClick={() => setAsked(false)}>{t("app.cancel")}</button>
    </span>
  );
}
