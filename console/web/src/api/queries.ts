import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask, Failure, type Schemas } from "./client";

export type Session = Schemas["SessionView"];
export type Permission = NonNullable<Session["permissions"]>[number];
export type SearchSort = "time" | "relevance" | "risk";
export type CaseFilter = {
  state?: Schemas["CaseSummary"]["state"];
  unit?: string;
  topic?: string;
  level?: "I" | "II" | "III" | "IV";
  due_before?: string;
};
export type EventSort = "heat" | "level" | "last";
export type EventFilter = { topic?: string; level?: "I" | "II" | "III" | "IV"; case?: "any" | "open"; q?: string };
export type Action = Schemas["ActInputBody"]["action"];

const facets = ["topic", "risk", "source", "channel", "kind", "intent", "street", "area"] as const;
export type Facet = (typeof facets)[number];

/** How often the pages ask whether something is new, in milliseconds, while they are
 * in front. An urgent case has to show within two seconds. */
const pollEvery = 1500;

/** useSession tells who is signed in: null when nobody is. */
export function useSession() {
  return useQuery({
    queryKey: ["session"],
    queryFn: async (): Promise<Session | null> => {
      try {
        return await ask(api.GET("/api/v1/session"));
      } catch (error) {
        if (error instanceof Failure && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: 60_000,
  });
}

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["SignInInputBody"]) => ask(api.POST("/api/v1/session", { body })),
    onSuccess: (session) => {
      client.removeQueries({ predicate: (q) => q.queryKey[0] !== "session" });
      client.setQueryData(["session"], session);
    },
  });
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => ask(api.DELETE("/api/v1/session")),
    onSuccess: () => {
      client.removeQueries({ predicate: (q) => q.queryKey[0] !== "session" });
      client.setQueryData(["session"], null);
    },
  });
}

/** useVocabulary returns the names of topics, units and risk kinds. */
export function useVocabulary() {
  return useQuery({
    queryKey: ["vocabulary"],
    queryFn: () => ask(api.GET("/api/v1/vocabulary")),
    staleTime: 10 * 60_000,
  });
}

export function useSearch(q: string, sort: SearchSort) {
  return useInfiniteQuery({
    queryKey: ["posts", q, sort],
    queryFn: ({ pageParam, signal }) => {
      const first = pageParam === "";
      return ask(
        api.GET("/api/v1/posts", {
          signal,
          params: {
            query: {
              q,
              sort,
              limit: first ? 30 : 100,
              ...(first ? { facets: [...facets], histogram: "day" as const } : { after: pageParam }),
            },
          },
        }),
      );
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
    // Reading a long list again would ask for all its pages; new posts are noticed by
    // useMatchCount instead.
    staleTime: Infinity,
  });
}

/** useMatchCount keeps counting how many posts match, to notice new ones. */
export function useMatchCount(q: string, enabled: boolean) {
  return useQuery({
    queryKey: ["match-count", q],
    queryFn: async ({ signal }) => (await ask(api.GET("/api/v1/posts", { signal, params: { query: { q, limit: 1 } } }))).total,
    enabled,
    refetchInterval: pollEvery,
  });
}

export function usePost(id: string) {
  return useQuery({
    queryKey: ["post", id],
    queryFn: () => ask(api.GET("/api/v1/posts/{id}", { params: { path: { id } } })),
  });
}

/** How long a correction is waited for, in milliseconds; then only a reload shows it. */
export const editPatience = 120_000;

/** useEvent reads an event, and reads it again while a correction is on its way. */
export function useEvent(id: string | undefined) {
  return useQuery({
    queryKey: ["event", id],
    queryFn: () => ask(api.GET("/api/v1/events/{id}", { params: { path: { id: id ?? "" } } })),
    enabled: id !== undefined,
    refetchInterval: (query) => {
      const since = Date.now() - editPatience;
      return query.state.data?.edits.some((e) => e.state === "pending" && Date.parse(e.at) > since) ? pollEvery : false;
    },
  });
}

function useEditDone(id: string) {
  const client = useQueryClient();
  return () => client.invalidateQueries({ predicate: (q) => q.queryKey[0] === "events" || (q.queryKey[0] === "event" && q.queryKey[1] === id) });
}

export function useMergeEvent(id: string) {
  const done = useEditDone(id);
  return useMutation({
    mutationFn: (body: { into: string; reason: string }) => ask(api.POST("/api/v1/events/{id}/merge", { params: { path: { id } }, body })),
    onSuccess: done,
  });
}

export function useSplitEvent(id: string) {
  const done = useEditDone(id);
  return useMutation({
    mutationFn: (body: { posts: string[]; reason: string }) => ask(api.POST("/api/v1/events/{id}/split", { params: { path: { id } }, body })),
    onSuccess: done,
  });
}

/** eventsEvery is how often a list of events is read again while it is its first page. */
const eventsEvery = 10_000;

export function useEvents(filter: EventFilter, sort: EventSort) {
  return useInfiniteQuery({
    queryKey: ["events", filter, sort],
    queryFn: ({ pageParam, signal }) =>
      ask(api.GET("/api/v1/events", { signal, params: { query: { ...filter, sort, limit: 50, ...(pageParam ? { after: pageParam } : {}) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 1 ? false : eventsEvery),
  });
}

/** useEventPosts reads the posts of an event, a page at a time, and again when their number
 * has changed. */
export function useEventPosts(id: string, sort: "time" | "risk", count: number) {
  return useInfiniteQuery({
    queryKey: ["event-posts", id, sort, count],
    queryFn: ({ pageParam, signal }) =>
      ask(api.GET("/api/v1/posts", { signal, params: { query: { q: `event:${id}`, sort, limit: 30, ...(pageParam ? { after: pageParam } : {}) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });
}

export function useCases(filter: CaseFilter) {
  return useInfiniteQuery({
    queryKey: ["cases", "list", filter],
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.GET("/api/v1/cases", {
          signal,
          params: { query: { ...filter, limit: 200, ...(pageParam ? { after: pageParam } : {}) } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });
}

/** useCaseTotal counts the cases of a filter. */
export function useCaseTotal(filter: CaseFilter) {
  return useQuery({
    queryKey: ["cases", "total", filter],
    queryFn: async ({ signal }) => (await ask(api.GET("/api/v1/cases", { signal, params: { query: { ...filter, limit: 1 } } }))).total,
  });
}

/** useCaseNews watches for new and changed cases and has everything about cases read
 * again when there are any. */
export function useCaseNews(enabled: boolean) {
  const client = useQueryClient();
  return useQuery({
    queryKey: ["case-news"],
    queryFn: async ({ signal }) => {
      const page = await ask(api.GET("/api/v1/cases", { signal, params: { query: { limit: 20 } } }));
      const mark = JSON.stringify([page.total, page.cases.map((c) => [c.id, c.revision])]);
      const before = client.getQueryData<string>(["case-news"]);
      if (before !== undefined && before !== mark) {
        await client.invalidateQueries({ predicate: (q) => q.queryKey[0] === "cases" || q.queryKey[0] === "stats" });
      }
      return mark;
    },
    enabled,
    refetchInterval: pollEvery,
  });
}

export function useCase(id: string) {
  return useQuery({
    queryKey: ["cases", "one", id],
    queryFn: () => ask(api.GET("/api/v1/cases/{id}", { params: { path: { id } } })),
  });
}

export function useAct(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { action: Action; text?: string; revision: number }) =>
      ask(api.POST("/api/v1/cases/{id}/acts", { params: { path: { id } }, body })),
    onSuccess: async (changed) => {
      client.setQueryData(["cases", "one", id], changed);
      await client.invalidateQueries({ predicate: (q) => ["cases", "stats", "ledger"].includes(String(q.queryKey[0])) });
    },
  });
}

/** useCheckAnswer has an answer read before it is sent. */
export function useCheckAnswer(id: string) {
  return useMutation({
    mutationFn: (text: string) => ask(api.POST("/api/v1/cases/{id}/answer-check", { params: { path: { id } }, body: { text } })),
  });
}

export function useLedger(id: string, enabled: boolean) {
  return useQuery({
    queryKey: ["ledger", id],
    queryFn: () => ask(api.GET("/api/v1/cases/{id}/ledger", { params: { path: { id }, query: { limit: 500 } } })),
    enabled,
  });
}

export function useStats() {
  return useQuery({ queryKey: ["stats"], queryFn: () => ask(api.GET("/api/v1/stats")), refetchInterval: 30_000 });
}

export function useStatus(enabled: boolean) {
  return useQuery({
    queryKey: ["status"],
    queryFn: () => ask(api.GET("/api/v1/status")),
    enabled,
    refetchInterval: 10_000,
  });
}

export function useUsers() {
  return useInfiniteQuery({
    queryKey: ["users"],
    queryFn: ({ pageParam }) =>
      ask(api.GET("/api/v1/users", { params: { query: { limit: 100, ...(pageParam ? { after: pageParam } : {}) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });
}

export function useAddUser() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["AddUserInputBody"]) => ask(api.POST("/api/v1/users", { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["users"] }),
  });
}

export function useDisableUser() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => ask(api.POST("/api/v1/users/{name}/disable", { params: { path: { name } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["users"] }),
  });
}

export function useKeys() {
  return useInfiniteQuery({
    queryKey: ["keys"],
    queryFn: ({ pageParam }) =>
      ask(api.GET("/api/v1/keys", { params: { query: { limit: 100, ...(pageParam ? { after: pageParam } : {}) } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });
}

export function useAddKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (source: string) => ask(api.POST("/api/v1/keys", { body: { source } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["keys"] }),
  });
}

export function useRevokeKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => ask(api.POST("/api/v1/keys/{id}/revoke", { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["keys"] }),
  });
}
