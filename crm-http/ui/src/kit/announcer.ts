/** What screen readers are told, and toasts. */

import { useSyncExternalStore } from "react";

export interface Toast {
  id: number;
  message: string;
  tone: "neutral" | "success" | "danger";
  action: { label: string; act(): void } | null;
  /** The record that it is about, whose next message replaces it. */
  about: string | null;
}

let toasts: readonly Toast[] = [];
let announcement = "";
let next = 0;
const listeners = new Set<() => void>();

const tell = (): void => listeners.forEach((listener) => listener());
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Says something to whoever listens instead of looking. */
export function announce(message: string): void {
  // The same words twice would not be said twice.
  announcement = announcement === message ? `${message}\u00a0` : message;
  tell();
}

const STAYS = 6_000;
const STAYS_WITH_ACTION = 12_000;

/** Shows a message for a while, with what undoes it or helps, in place of what is shown about the same. */
export function toast(message: string, options: { tone?: Toast["tone"]; action?: Toast["action"]; about?: string } = {}): void {
  const { tone = "neutral", action = null, about = null } = options;
  const id = next++;
  const others = toasts.filter((other) => about === null || other.about !== about);
  toasts = [...others.slice(-2), { id, message, tone, action, about }];
  tell();
  window.setTimeout(() => dismiss(id), action ? STAYS_WITH_ACTION : STAYS);
}

export function dismiss(id: number): void {
  toasts = toasts.filter((toast) => toast.id !== id);
  tell();
}

export const useToasts = (): readonly Toast[] => useSyncExternalStore(subscribe, () => toasts);
export const useAnnouncement = (): string => useSyncExternalStore(subscribe, () => announcement);
