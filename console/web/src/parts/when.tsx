import { language, useT } from "../catalogue/language";
import { useNow } from "./clock";
import { ago, chinaSecond, chinaTime } from "./time";

/** When shows how long ago something was, with the instant itself on hover. */
export function When({ at }: { at: string }) {
  const t = useT();
  const said = ago(at, useNow());
  return <time dateTime={at} title={`${chinaSecond(at)} ${t("time.zone")}`}>{t(said.key, said.params)}</time>;
}

/** Instant shows the instant itself, in China Standard Time. */
export function Instant({ at }: { at: string }) {
  const t = useT();
  return <time dateTime={at} title={`${chinaSecond(at)} ${t("time.zone")}`} className="figure" lang={language()}>{chinaTime(at)}</time>;
}
