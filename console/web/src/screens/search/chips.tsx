import { named, useT } from "../../catalogue/language";
import { filters } from "../../parts/query";
import { useValueName } from "./valuename";

type Props = { query: string; remove: (field: string, value: string) => void; clear?: () => void };

/** Chips names the filters of a query, each with a way to take it back. */
export function Chips({ query, remove, clear }: Props) {
  const t = useT();
  const name = useValueName();
  const list = filters(query);
  if (list.length === 0) return null;
  return (
    <ul className="chips" aria-label={t("search.filters")}>
      {list.map(({ field, value }) => (
        <li key={`${field}:${value}`}>
          <button type="button" className="chip" onClick={() => remove(field, value)} aria-label={t("search.remove_filter", { filter: `${named("field", field)} ${name(field, value)}` })}>
            <span className="chip-field">{named("field", field)}</span>{name(field, value)}<span className="chip-x" aria-hidden="true">×</span>
          </button>
        </li>
      ))}
      {clear && <li><button type="button" className="link" onClick={clear}>{t("search.clear")}</button></li>}
    </ul>
  );
}
