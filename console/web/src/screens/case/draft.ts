import { useEffect, useState } from "react";

/** useDraft keeps a text over reloads and over the end of a session, in this tab only.
 * Clear forgets it. */
export function useDraft(key: string): [text: string, setText: (text: string) => void, clear: () => void] {
  const name = `huiying.draft.${key}`;
  const [text, setText] = useState(() => read(name));
  useEffect(() => {
    try {
      if (text) sessionStorage.setItem(name, text);
      else sessionStorage.removeItem(name);
    } catch {
      // storage is blocked: the draft lasts as long as the page
    }
  }, [name, text]);
  return [text, setText, () => setText("")];
}

function read(name: string): string {
  try {
    return sessionStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}
