import { lazy, Suspense } from "react";
import { Navigate, Route, Routes } from "react-router";
import { useSession, type Permission, type Session } from "./api/queries";
import { useT } from "./catalogue/language";
import { FailurePanel, Loading, Nothing } from "./parts/nothing";
import { Shell } from "./parts/shell";
import { useTitle } from "./parts/title";
import { SignIn } from "./screens/signin/signin";

const Search = lazy(() => import("./screens/search/search"));
const Post = lazy(() => import("./screens/post/post"));
const Events = lazy(() => import("./screens/events/events"));
const Event = lazy(() => import("./screens/event/event"));
const Cases = lazy(() => import("./screens/cases/cases"));
const Case = lazy(() => import("./screens/case/case"));
const Topics = lazy(() => import("./screens/topics/topics"));
const Topic = lazy(() => import("./screens/topics/topic"));
const Overview = lazy(() => import("./screens/overview/overview"));
const Admin = lazy(() => import("./screens/admin/admin"));
const Status = lazy(() => import("./screens/status/status"));

/** App shows the page of the address, or the sign-in page while nobody is signed in. */
export function App() {
  const session = useSession();
  if (session.isPending) return <Loading />;
  if (session.data === undefined) return <main className="alone"><FailurePanel error={session.error} retry={() => void session.refetch()} /></main>;
  if (session.data === null) return <SignIn />;
  return <SignedIn session={session.data} />;
}

function SignedIn({ session }: { session: Session }) {
  const may = (permission: Permission) => session.permissions.includes(permission);
  const guard = (permission: Permission, page: React.ReactNode) => (may(permission) ? page : <NotYours />);
  return (
    <Shell session={session}>
      <Suspense fallback={<Loading />}>
        <Routes>
          <Route path="/" element={<Navigate to={home(session.role)} replace />} />
          <Route path="/search" element={guard("posts.search", <Search />)} />
          <Route path="/posts/:id" element={guard("posts.search", <Post />)} />
          <Route path="/events" element={guard("posts.search", <Events />)} />
          <Route path="/events/:id" element={guard("posts.search", <Event session={session} />)} />
          <Route path="/cases" element={guard("cases.read", <Cases session={session} />)} />
          <Route path="/cases/:id" element={guard("cases.read", <Case session={session} />)} />
          <Route path="/topics" element={guard("topics.read", <Topics session={session} />)} />
          <Route path="/topics/new" element={guard("topics.keep", <Topic session={session} />)} />
          <Route path="/topics/:id" element={guard("topics.read", <Topic session={session} />)} />
          <Route path="/overview" element={guard("stats.read", <Overview session={session} />)} />
          <Route path="/status" element={guard("status.read", <Status />)} />
          <Route path="/admin" element={guard("users.manage", <Admin session={session} />)} />
          <Route path="*" element={<NoPage />} />
        </Routes>
      </Suspense>
    </Shell>
  );
}

function home(role: Session["role"]): string {
  return { staff: "/search", unit: "/cases", leader: "/overview", admin: "/admin" }[role];
}

function NotYours() {
  const t = useT();
  useTitle(t("nothing.forbidden.title"));
  return <Nothing title={t("nothing.forbidden.title")} text={t("nothing.forbidden.text")} />;
}

function NoPage() {
  const t = useT();
  useTitle(t("nothing.no_page.title"));
  return <Nothing title={t("nothing.no_page.title")} text={t("nothing.no_page.text")} />;
}
