import type { ReactNode } from "react";
import { Link, NavLink, useNavigate } from "react-router";
import { useCaseNews, useCaseTotal, useSignOut, useStats, type Permission, type Session } from "../api/queries";
import { setLanguage, useT, type Key } from "../catalogue/language";

const places: { to: string; label: Key; permission: Permission }[] = [
  { to: "/search", label: "nav.search", permission: "posts.search" },
  { to: "/events", label: "nav.events", permission: "posts.search" },
  { to: "/cases", label: "nav.cases", permission: "cases.read" },
  { to: "/topics", label: "nav.topics", permission: "topics.read" },
  { to: "/overview", label: "nav.overview", permission: "stats.read" },
  { to: "/status", label: "nav.status", permission: "status.read" },
  { to: "/admin", label: "nav.admin", permission: "users.manage" },
];

/** Shell is the frame around every page: where one is, who one is, where one can go. */
export function Shell({ session, children }: { session: Session; children: ReactNode }) {
  const t = useT();
  const readsCases = session.permissions.includes("cases.read");
  useCaseNews(readsCases);
  return (
    <>
      <a className="skip" href="#content">{t("app.skip")}</a>
      <header className="bar">
        <Link to="/" className="brand"><Mark /><span>{t("app.name")}</span></Link>
        <nav aria-label={t("nav.label")} className="nav">
          {places.filter((p) => session.permissions.includes(p.permission)).map((p) => (
            <NavLink key={p.to} to={p.to} className="nav-link">
              {p.to === "/cases" && session.role === "unit" ? t("nav.inbox") : t(p.label)}
              {p.to === "/cases" && readsCases && <Waiting session={session} />}
            </NavLink>
          ))}
        </nav>
        <Person session={session} />
      </header>
      <main id="content" tabIndex={-1}>{children}</main>
    </>
  );
}

/** Waiting is how many cases wait for the person: those to sign that the unit leads, or
 * those to review. */
function Waiting({ session }: { session: Session }) {
  if (session.role === "unit") return <ToSign unit={session.unit ?? ""} />;
  return session.role === "staff" ? <ToReview /> : null;
}

function ToSign({ unit }: { unit: string }) {
  const n = useStats().data?.units.find((u) => u.unit === unit)?.to_sign ?? 0;
  return <Badge n={n} label="nav.waiting.to_sign" />;
}

function ToReview() {
  return <Badge n={useCaseTotal({ state: "review" }).data ?? 0} label="nav.waiting.review" />;
}

function Badge({ n, label }: { n: number; label: Key }) {
  const t = useT();
  if (n === 0) return null;
  return <span className="count" title={t(label, { n })}><span className="unseen">{t(label, { n })}</span><span aria-hidden="true">{n}</span></span>;
}

function Person({ session }: { session: Session }) {
  const t = useT();
  const navigate = useNavigate();
  const signOut = useSignOut();
  return (
    <div className="person">
      <span className="person-name" title={t(`role.${session.role}`)}>
        <b>{session.unit_name ?? t(`role.${session.role}`)}</b> <span>{session.user}</span>
      </span>
      <LanguageSwitch />
      <button type="button" className="bar-button" disabled={signOut.isPending}
        onClick={() => signOut.mutate(undefined, { onSuccess: () => void navigate("/") })}>{t("nav.sign_out")}</button>
    </div>
  );
}

/** LanguageSwitch names the other language in that language. */
export function LanguageSwitch() {
  const t = useT();
  const other = t("app.other_language") === "en" ? "en" : "zh-CN";
  return <button type="button" className="bar-button" lang={other} onClick={() => setLanguage(other)}>{t("app.other_language_name")}</button>;
}

export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M3 4h18v12h-9l-5 4v-4H3z" fill="none" stroke="currentColor" strokeWidth="2" strokeLinejoin="round" />
      <path className="mark-tick" d="M8 10l3 3 5.5-5.5" fill="none" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
