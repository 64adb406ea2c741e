import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { Failure } from "../../api/client";
import { useSignIn } from "../../api/queries";
import { useT } from "../../catalogue/language";
import { LanguageSwitch, Mark } from "../../parts/shell";
import { useTitle } from "../../parts/title";
import "./signin.css";

/** SignIn takes the place of the page that was asked for until somebody signed in; the
 * address stays. */
export function SignIn() {
  const t = useT();
  useTitle(t("signin.title"));
  const ended = useQueryClient().getQueryData<boolean>(["session-ended"]) === true;
  const signIn = useSignIn();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");

  function submit(event: FormEvent): void {
    event.preventDefault();
    signIn.mutate({ name: name.trim(), password }, { onError: () => setPassword("") });
  }

  return (
    <div className="signin">
      <header className="signin-head"><LanguageSwitch /></header>
      <main className="signin-box">
        <h1><Mark />{t("app.name")}<small>{t("app.claim")}</small></h1>
        {ended && !signIn.isError && <p className="notice" role="status">{t("signin.ended")}</p>}
        {signIn.isError && <p className="notice notice-bad" role="alert">{reason(signIn.error) ?? t("failure.network.text")}</p>}
        <form onSubmit={submit}>
          <label className="field"><span>{t("signin.name")}</span>
            <input name="name" autoComplete="username" autoFocus required maxLength={64} value={name} onChange={(e) => setName(e.target.value)} />
          </label>
          <label className="field"><span>{t("signin.password")}</span>
            <input name="password" type="password" autoComplete="current-password" required maxLength={200} value={password} onChange={(e) => setPassword(e.target.value)} />
          </label>
          <button type="submit" className="button button-main" disabled={signIn.isPending}>{signIn.isPending ? t("signin.pending") : t("signin.submit")}</button>
        </form>
        <p className="quiet">{t("signin.help")}</p>
      </main>
      <footer className="signin-foot">{t("app.principle")}</footer>
    </div>
  );
}

function reason(error: unknown): string | undefined {
  return error instanceof Failure ? error.problem?.detail : undefined;
}
