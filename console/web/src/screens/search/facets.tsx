import { useState } from "react";
import type { Schemas } from "../../api/client";
import type { Facet } from "../../api/queries";
import { language, useT } from "../../catalogue/language";
import { RiskShape } from "../../parts/badges";
import { filters } from "../../parts/query";
import { number } from "../../parts/time";
import { useValueName } from "./valuename";

const order: Facet[] = ["risk", "topic", "source", "channel", "kind", "intent", "street", "area"];
const few = 7;

type Props = { facets: Schemas["SearchResult"]["facets"]; query: string; toggle: (field: string, value: string) => void };

/** Facets counts what was found by its fields. Choosing a value writes it into the query. */
export function Facets({ facets, query, toggle }: Props) {
  const demanded = filters(query);
  return order.map((field) => {
    const counts = facets[field] ?? [];
    if (counts.length === 0 || field === "area" && counts.every((c) => c.value === "ours")) return null;
    return <FacetGroup key={field} field={field} counts={counts} toggle={(v) => toggle(field, v)}
      chosen={(v) => demanded.some((f) => f.field === field && f.value === v)} />;
  });
}

type GroupProps = { field: Facet; counts: Schemas["Count"][]; chosen: (value: string) => boolean; toggle: (value: string) => void };

function FacetGroup({ field, counts, chosen, toggle }: GroupProps) {
  const t = useT();
  const name = useValueName();
  const [all, setAll] = useState(false);
  const sorted = field === "risk" ? [...counts].sort((a, b) => Number(b.value) - Number(a.value)) : counts;
  const most = Math.max(...counts.map((c) => c.count));
  return (
    <section className="facet">
      <h2>{t(`field.${field}`)}</h2>
      <ul>
        {(all ? sorted : sorted.slice(0, few)).map((c) => (
          <li key={c.value}>
            <button type="button" className={`facet-value facet-${field}-${c.value}`} aria-pressed={chosen(c.value)} onClick={() => toggle(c.value)}>
              {field === "risk" && <RiskShape risk={Number(c.value)} />}
              <span className="facet-name" title={name(field, c.value)}>{name(field, c.value)}</span>
              <span className="facet-count">{number(c.count, language())}</span>
              <svg className="facet-bar" viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true"><rect width={(c.count / most) * 100} height="2" /></svg>
            </button>
          </li>
        ))}
      </ul>
      {counts.length > few && <button type="button" className="link" onClick={() => setAll(!all)}>{all ? t("search.fewer") : t("search.all_values", { n: counts.length })}</button>}
    </section>
  );
}
