/** Changes that meet changes by others: merged where they touch other fields, asked about where they touch the same. */

import { useSyncExternalStore } from "react";

import type { Kind } from "./kinds";

type Fields = Record<string, unknown>;

export interface Conflict {
  kind: Kind;
  /** The fields that both changed. */
  fields: readonly string[];
  /** What was seen when the change began. */
  base: Fields;
  /** What the record is now. */
  theirs: Fields & { version: number };
  /** What was to be changed. */
  mine: Fields;
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** The fields of a patch that somebody else has changed to something else since. */
export function contested(base: Fields, theirs: Fields, mine: Fields): string[] {
  return Object.keys(mine).filter((field) => !isSame(base[field], theirs[field]) && !isSame(mine[field], theirs[field]));
}

interface Asked {
  conflict: Conflict;
  answer(patch: Fields | null): void;
}

let asked: Asked | null = null;
const listeners = new Set<() => void>();

function ask(next: Asked | null): void {
  asked = next;
  for (const listener of listeners) listener();
}

/** Lets the user choose; gives the patch to send on top of theirs, or null for none. */
export function askConflict(conflict: Conflict): Promise<Fields | null> {
  return new Promise((resolve) => {
    ask({
      conflict,
      answer: (patch) => {
        ask(null);
        resolve(patch);
      },
    });
  });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The conflict that the user is asked about. */
export const useAskedConflict = (): Asked | null => useSyncExternalStore(subscribe, () => asked);
