/** Panels that make a record, opened from anywhere. Each kind's form is in its page's directory, loaded when it is opened. */

import { type ComponentType, useSyncExternalStore } from "react";

import type { InputOf, RecordOf } from "../data/kinds";
import { loadTexts } from "../i18n";

/** The kinds that are made from anywhere. */
export type CreatableKind = "customers" | "leads" | "tasks" | "projects" | "interactions";

/** Some fields of a new record, to begin with. */
export type Defaults<K extends CreatableKind> = Partial<InputOf<K>> & { customer_id?: string | null; lead_id?: string | null; project_id?: string | null };

/** What `pages/<kind>/form.tsx` exports as its default: a panel that makes a record. */
export interface CreatePanelProps<K extends CreatableKind> {
  defaults: Defaults<K>;
  /** It is done or given up: the panel is taken away. */
  onClose(): void;
  /** The record that was made. */
  onCreated(record: RecordOf<K>): void;
}

type Panel<K extends CreatableKind> = ComponentType<CreatePanelProps<K>>;
type Forms = { [K in CreatableKind]: () => Promise<{ default: Panel<K> }> };

const forms: Forms = {
  customers: () => import("../pages/customers/form"),
  leads: () => import("../pages/leads/form"),
  tasks: () => import("../pages/tasks/form"),
  projects: () => import("../pages/projects/form"),
  interactions: () => import("../pages/interactions/form"),
};

export interface Opened<K extends CreatableKind = CreatableKind> {
  kind: K;
  Panel: Panel<K>;
  defaults: Defaults<K>;
  onCreated: ((record: RecordOf<K>) => void) | undefined;
}

let opened: Opened | null = null;
const listeners = new Set<() => void>();

function set(next: Opened | null): void {
  opened = next;
  for (const listener of listeners) listener();
}

/** Opens the panel that makes a record of this kind. */
export async function openCreate<K extends CreatableKind>(kind: K, defaults: Defaults<K> = {} as Defaults<K>, onCreated?: (record: RecordOf<K>) => void): Promise<void> {
  const [form] = await Promise.all([forms[kind](), loadTexts(kind)]);
  // Of one kind throughout, which the type of what is open cannot say.
  set({ kind, Panel: form.default, defaults, onCreated } as unknown as Opened);
}

export const closeCreate = (): void => set(null);

export const useOpened = (): Opened | null =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => opened,
  );
