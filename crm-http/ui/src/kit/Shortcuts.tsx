/** Shortcuts of one key: told about in a popover, where they can be turned off (WCAG 2.1.4). */

import { useLingui } from "@lingui/react/macro";
import { useEffect, useId, useRef, useSyncExternalStore } from "react";

import { Checkbox } from "./fields";
import { place } from "./place";

export interface Shortcut {
  /** Any of these, as `KeyboardEvent.key` has them. */
  keys: readonly string[];
  /** What it does. */
  label: string;
  /** Does it; false if there was nothing to do, so that the key does what it does otherwise. */
  act(event: KeyboardEvent): boolean | void;
}

const STORED = "crm-shortcuts";
const listeners = new Set<() => void>();

/** Letters may be in the way of those who speak to their computer: they can be turned off, for every page at once. */
export function setShortcuts(isOn: boolean): void {
  if (isOn) localStorage.removeItem(STORED);
  else localStorage.setItem(STORED, "off");
  for (const listener of listeners) listener();
}

export const useShortcutsOn = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => localStorage.getItem(STORED) !== "off",
  );

/** Keys that type something or choose something belong to what has the focus. */
const TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable], [role=menu], [role=grid], [role=combobox], [role=listbox]";

/** Listens for shortcuts while nothing is being typed and no dialog is open. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const isOn = useShortcutsOn();
  const current = useRef(shortcuts);
  useEffect(() => {
    current.current = shortcuts;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key.length === 1 && !isOn) return;
      if (event.target instanceof Element && event.target.closest(TYPING)) return;
      if (document.querySelector("dialog[open]")) return;
      const shortcut = current.current.find(({ keys }) => keys.includes(event.key));
      if (shortcut && shortcut.act(event) !== false) event.preventDefault();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [isOn]);
}

const NAMES: Record<string, string> = { ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→" };

/** A button that tells which shortcuts there are; `?` presses it. */
export function ShortcutsHelp({ shortcuts }: { shortcuts: readonly Pick<Shortcut, "keys" | "label">[] }) {
  const { t } = useLingui();
  const isOn = useShortcutsOn();
  const button = useRef<HTMLButtonElement>(null);
  const popover = useRef<HTMLDivElement>(null);
  const id = useId();
  useShortcuts([{ keys: ["?"], label: "", act: () => button.current?.click() }]);
  return (
    <>
      <button ref={button} type="button" className="icon-button shortcuts-button" popoverTarget={id} aria-label={t`Keyboard shortcuts`} data-tooltip={t`Keyboard shortcuts`}>
        ?
      </button>
      <div
        ref={popover}
        id={id}
        popover="auto"
        className="menu shortcuts"
        role="group"
        aria-label={t`Keyboard shortcuts`}
        onToggle={(event) => event.newState === "open" && popover.current && button.current && place(popover.current, button.current)}
      >
        <dl>
          {shortcuts.map(({ keys, label }) => (
            <div key={label}>
              <dt>
                {keys.map((key) => (
                  <kbd key={key}>{NAMES[key] ?? key}</kbd>
                ))}
              </dt>
              <dd>{label}</dd>
            </div>
          ))}
        </dl>
        <Checkbox label={t`Shortcuts of a single letter`} value={isOn} onChange={setShortcuts} />
      </div>
    </>
  );
}
