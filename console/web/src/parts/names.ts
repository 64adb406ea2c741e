import { useVocabulary } from "../api/queries";
import { named, useT } from "../catalogue/language";

/** useNames turns IDs into names: those of the policy for topics, units and kinds, those
 * of the catalogue for fixed words. Unknown IDs are shown as they are. */
export function useNames() {
  const t = useT();
  const words = useVocabulary().data;
  const topic = (id: string) => (id === "none" || id === "" ? t("topic.none") : (words?.topics.find((x) => x.id === id)?.name ?? id));
  const unit = (id: string) => words?.units.find((x) => x.id === id)?.name ?? id;
  const kind = (code: string) => {
    const name = words?.kinds.find((x) => x.code === code)?.name;
    return name ? `${code} ${name}` : code;
  };
  /** answering are the units that can answer: sets of units are expanded and never do. */
  const answering = (words?.units ?? []).filter((u) => u.kind !== "set");
  return { topic, unit, kind, answering, source: (name: string) => named("source", name), intent: (name: string) => named("intent", name), words };
}
