import { useT } from "../catalogue/language";

type Props = { label: string; value: string | undefined; options: readonly { value: string; text: string }[]; choose: (value: string | undefined) => void };

/** Filter narrows a list to one of some values; undefined is any. */
export function Filter({ label, value, options, choose }: Props) {
  const t = useT();
  return (
    <label className="filter"><span>{label}</span>
      <select value={value ?? ""} onChange={(e) => choose(e.target.value || undefined)}>
        <option value="">{t("cases.any")}</option>
        {options.map((o) => <option key={o.value} value={o.value}>{o.text}</option>)}
      </select>
    </label>
  );
}
