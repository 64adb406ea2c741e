import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask, type Schemas } from "./client";

/** Draft is what a person writes of a topic, without its name and unit. */
export type Draft = Pick<Schemas["AddTopicInputBody"], "keywords" | "exclusions" | "examples" | "threshold">;
export type UnitTopic = Schemas["UnitTopic"];

/** useTopics lists the topics of a unit, of all units when it is empty. */
export function useTopics(unit: string) {
  return useQuery({
    queryKey: ["topics", "list", unit],
    queryFn: async () => (await ask(api.GET("/api/v1/unit-topics", { params: { query: unit ? { unit } : {} } }))).topics,
  });
}

export function useTopic(id: string | undefined) {
  return useQuery({
    queryKey: ["topics", "one", id],
    queryFn: () => ask(api.GET("/api/v1/unit-topics/{id}", { params: { path: { id: id ?? "" } } })),
    enabled: id !== undefined,
  });
}

/** useCatch shows what a draft catches, which may change a kept topic, or what the kept topic
 * does when there is no draft. What was shown before stays until the answer is there. */
export function useCatch(id: string | undefined, draft: Draft | undefined, days: number) {
  return useQuery({
    queryKey: ["topics", "catch", id, draft, days],
    queryFn: ({ signal }) => draft
      ? ask(api.POST("/api/v1/unit-topic-preview", { signal, body: { ...draft, days, ...(id ? { topic: id } : {}) } }))
      : ask(api.GET("/api/v1/unit-topics/{id}/posts", { signal, params: { path: { id: id ?? "" }, query: { days } } })),
    enabled: draft !== undefined || id !== undefined,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}

/** useKeep saves a topic: a new one of a unit, or a change of one that is kept. */
export function useKeep() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (to: { unit: string; kept: UnitTopic | undefined; name: string; active: boolean; draft: Draft }) => to.kept
      ? ask(api.POST("/api/v1/unit-topics/{id}", { params: { path: { id: to.kept.id } }, body: { ...to.draft, name: to.name, active: to.active, revision: to.kept.revision } }))
      : ask(api.POST("/api/v1/unit-topics", { body: { ...to.draft, unit: to.unit, name: to.name } })),
    onSuccess: async (saved) => {
      client.setQueryData(["topics", "one", saved.id], saved);
      await client.invalidateQueries({ predicate: (q) => q.queryKey[0] === "topics" && q.queryKey[1] !== "one" });
    },
  });
}
