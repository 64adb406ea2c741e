import { useEffect } from "react";
import { useT } from "../catalogue/language";

/** useTitle names the browser's tab. */
export function useTitle(title: string): void {
  const t = useT();
  const whole = `${title} · ${t("app.name")}`;
  useEffect(() => {
    document.title = whole;
  }, [whole]);
}
