/** What a user prefers in this browser. */

import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";
const STORED = "crm-theme";
const listeners = new Set<() => void>();

function stored(): Theme {
  const theme = localStorage.getItem(STORED);
  return theme === "light" || theme === "dark" ? theme : "system";
}

/** Shows the theme that is preferred; the styles go by `data-theme`, and without it by the system. */
export function applyTheme(): void {
  const theme = stored();
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

export function setTheme(theme: Theme): void {
  localStorage.setItem(STORED, theme);
  applyTheme();
  for (const listener of listeners) listener();
}

export const useTheme = (): Theme =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stored,
  );
