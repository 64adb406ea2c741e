import type { ReactNode } from "react";
import { Failure } from "../api/client";
import { useT } from "../catalogue/language";

export function Loading() {
  const t = useT();
  return <div className="loading" role="status"><span className="loading-bar" aria-hidden="true" />{t("app.loading")}</div>;
}

/** Nothing says why there is nothing to see, and what to do. */
export function Nothing({ title, text, children }: { title: string; text: string; children?: ReactNode }) {
  return (
    <section className="nothing">
      <h2>{title}</h2>
      <p>{text}</p>
      {children}
    </section>
  );
}

/** FailurePanel says what went wrong, and what to do. */
export function FailurePanel({ error, retry }: { error: unknown; retry?: () => void }) {
  const t = useT();
  const failure = error instanceof Failure ? error : undefined;
  const kind = kindOf(failure);
  return (
    <section className="failure" role="alert">
      <h2>{t(`failure.${kind}.title`)}</h2>
      <p>{failure?.problem?.detail ?? t(`failure.${kind}.text`)}</p>
      {failure?.problem?.errors && failure.status !== 404 && (
        <ul className="failure-parts">
          {failure.problem.errors.map((e) => <li key={e.location + e.message}>{e.location && <code>{e.location}</code>} {e.message}</li>)}
        </ul>
      )}
      {retry && kind !== "not_found" && kind !== "forbidden" && (
        <button type="button" className="button" onClick={retry}>{t("app.retry")}</button>
      )}
    </section>
  );
}

function kindOf(failure: Failure | undefined): "network" | "not_found" | "forbidden" | "unavailable" | "invalid" | "other" {
  switch (failure?.status) {
    case 0: return "network";
    case 400: case 422: return "invalid";
    case 403: return "forbidden";
    case 404: return "not_found";
    case 429: case 502: case 503: case 504: return "unavailable";
    default: return "other";
  }
}
