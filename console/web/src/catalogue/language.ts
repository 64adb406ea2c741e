import { useSyncExternalStore } from "react";
import en from "./en.json";
import zh from "./zh-CN.json";

/** Key names a message; both catalogues have all of them. */
export type Key = keyof typeof zh;
export type Language = "zh-CN" | "en";
export type Params = Record<string, string | number>;
export type Translate = (key: Key, params?: Params) => string;

const catalogues: Record<Language, Record<Key, string>> = { "zh-CN": zh, en };
const storageKey = "huiying.language";
const listeners = new Set<() => void>();
let chosen: Language = stored();

function stored(): Language {
  try {
    return localStorage.getItem(storageKey) === "en" ? "en" : "zh-CN";
  } catch {
    return "zh-CN"; // storage is blocked
  }
}

export function language(): Language {
  return chosen;
}

export function setLanguage(to: Language): void {
  chosen = to;
  try {
    localStorage.setItem(storageKey, to);
  } catch {
    // storage is blocked: the choice lasts as long as the page
  }
  markDocument();
  for (const tell of listeners) tell();
}

/** markDocument tells the browser, and with it screen readers and fonts, the language. */
export function markDocument(): void {
  document.documentElement.lang = chosen;
}

/** fill replaces {name} by the parameter of that name. */
export function fill(template: string, params: Params = {}): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}

/** translate writes a message in the chosen language. */
export const translate: Translate = (key, params) => fill(catalogues[chosen][key], params);

/** named looks up a name that the server may have more of than the catalogue: a factor,
 * a ledger action. Unknown ones are shown as they are. */
export function named(prefix: string, name: string): string {
  const messages: Record<string, string> = catalogues[chosen];
  return messages[`${prefix}.${name}`] ?? name;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** useT returns translate and renders again when the language changes. */
export function useT(): Translate {
  useSyncExternalStore(subscribe, language);
  return translate;
}
