/** Shortcuts of one letter, which may be in the way of those who speak to their computer: they can be turned off. */

import { useEffect, useRef, useSyncExternalStore } from "react";

const STORED = "crm-shortcuts";
const listeners = new Set<() => void>();
const stored = (): boolean => localStorage.getItem(STORED) !== "off";

export function setShortcuts(isOn: boolean): void {
  localStorage.setItem(STORED, isOn ? "on" : "off");
  for (const listener of listeners) listener();
}

export const useShortcutsOn = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stored,
  );

/** Where letters are typed or mean something else. */
const TYPING = "input, textarea, select, [contenteditable], [role=menu], [role=listbox], dialog";

/** Calls back for a letter that is pressed outside of fields, menus and dialogs. */
export function useShortcuts(letters: Readonly<Record<string, () => void>>): void {
  const isOn = useShortcutsOn();
  const latest = useRef(letters);
  useEffect(() => {
    latest.current = letters;
  });
  useEffect(() => {
    if (!isOn) return;
    const onKeyDown = (event: KeyboardEvent): void => {
      const act = latest.current[event.key];
      const isElsewhere = event.target instanceof Element && event.target.closest(TYPING) !== null;
      if (!act || event.ctrlKey || event.metaKey || event.altKey || isElsewhere || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      act();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [isOn]);
}
