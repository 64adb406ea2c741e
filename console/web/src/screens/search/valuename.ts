import { useT } from "../../catalogue/language";
import { useNames } from "../../parts/names";
import { riskKey } from "../../parts/badges";
import { named } from "../../catalogue/language";

/** useValueName names a value of a field of the query language for people. */
export function useValueName(): (field: string, value: string) => string {
  const t = useT();
  const names = useNames();
  return (field, value) => {
    switch (field) {
      case "topic": return names.topic(value);
      case "risk": return /^[0-3]$/.test(value) ? t(riskKey(Number(value))) : value;
      case "street": return names.unit(value);
      case "kind": return names.kind(value);
      case "source": return names.source(value);
      case "channel": return named("channel", value);
      case "intent": return names.intent(value);
      case "area": return named("area", value);
      case "history": return named("history", value);
      default: return value;
    }
  };
}
