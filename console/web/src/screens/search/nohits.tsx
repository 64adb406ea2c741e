import { Link } from "react-router";
import { useSession } from "../../api/queries";
import { useT } from "../../catalogue/language";
import { Nothing } from "../../parts/nothing";
import { filters } from "../../parts/query";
import type { Schemas } from "../../api/client";
import { Chips } from "./chips";

type Props = { query: string; reason: Schemas["SearchResult"]["empty_reason"]; remove: (field: string, value: string) => void };

/** NoHits says why nothing was found: that the filters leave nothing over, or that there
 * is nothing yet, and why. */
export function NoHits({ query, reason, remove }: Props) {
  const t = useT();
  const mayStatus = useSession().data?.permissions.includes("status.read");
  const why = reason ?? "no_match";
  const filtered = why === "no_match" && filters(query).length > 0;
  return (
    <Nothing title={t(`empty.${why}.title`)} text={t(filtered ? "empty.filtered.text" : `empty.${why}.text`)}>
      {filtered && <Chips query={query} remove={remove} />}
      {why !== "no_match" && mayStatus && <p><Link to="/status">{t("empty.to_status")}</Link></p>}
    </Nothing>
  );
}
