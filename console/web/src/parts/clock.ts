import { useSyncExternalStore } from "react";

// The pages count time left by the server's clock: a workstation whose own clock is
// wrong must not show another deadline than the server judges by.
let offset = 0;
let current = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** noteServerTime takes the Date header of an answer; it has whole seconds. */
export function noteServerTime(date: string | null): void {
  const server = date ? Date.parse(date) : NaN;
  if (Number.isNaN(server)) return;
  const difference = server - Date.now();
  offset = Math.abs(difference) < 2000 ? 0 : difference;
}

/** now is the server's time in milliseconds, as well as it is known. */
export function now(): number {
  return Date.now() + offset;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  current = now();
  timer ??= setInterval(() => {
    current = now();
    for (const tell of listeners) tell();
  }, 10_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** useNow returns the time and renders again every ten seconds. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => current);
}
