/** Hooks that change records: shown at once, taken back when refused. */

import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";

import { cache, changeInLists, kept, put } from "./cache";
import { askConflict, contested } from "./conflict";
import { keys } from "./keys";
import { type DeletableKind, type InputOf, type Kind, type PatchOf, type RecordOf, collection, create, deletable } from "./kinds";
import { etagOf, isStale } from "./service";

const MAY_HAVE_MOVED: Partial<Record<Kind, readonly Kind[]>> = { leads: ["customers"] };

/** Lists and figures in which something may have come, gone or moved. */
export function refresh(kind: Kind): void {
  for (const moved of [kind, ...(MAY_HAVE_MOVED[kind] ?? [])]) void cache.invalidateQueries({ queryKey: keys.lists(moved) });
  if (kind === "users") void cache.invalidateQueries({ queryKey: keys.people });
  void cache.invalidateQueries({ queryKey: keys.analytics });
}

/** Makes records. What is tried again after an error is still made once. */
export function useCreate<K extends Kind>(kind: K) {
  const attempt = useRef<{ input: string; key: string } | null>(null);
  return useMutation<RecordOf<K>, Error, InputOf<K>>({
    mutationFn: (input) => {
      const written = JSON.stringify(input);
      if (attempt.current?.input !== written) attempt.current = { input: written, key: crypto.randomUUID() };
      return create(kind, input, attempt.current.key);
    },
    onSuccess: (record) => {
      attempt.current = null;
      put(kind, record);
      refresh(kind);
    },
  });
}

/** A change to a record as it was seen. */
export interface Change<K extends Kind> {
  record: RecordOf<K>;
  patch: PatchOf<K>;
}

/** The user was asked about a conflict, and let the other's version stand. */
export class Yielded extends Error {
  override readonly name = "Yielded";
}

async function send<K extends Kind>(kind: K, record: RecordOf<K>, patch: PatchOf<K>): Promise<RecordOf<K>> {
  try {
    return await collection(kind).update(record.id, patch, { ifMatch: etagOf(record) });
  } catch (error) {
    if (!isStale(error)) throw error;
  }
  const theirs = await collection(kind).get(record.id);
  put(kind, theirs);
  const mine = patch as Record<string, unknown>;
  const fields = contested(record as object as typeof mine, theirs as object as typeof mine, mine);
  if (fields.length === 0) return send(kind, theirs, patch);
  const conflict = { kind, fields, base: { ...record }, theirs: { ...theirs }, mine };
  const chosen = await askConflict(conflict);
  if (chosen === null || Object.keys(chosen).length === 0) throw new Yielded();
  return send(kind, theirs, chosen as PatchOf<K>);
}

/** Changes records. A conflict is merged or asked about before this ends; `Yielded` is the error if the user gave way. */
export function useUpdate<K extends Kind>(kind: K) {
  return useMutation<RecordOf<K>, Error, Change<K>, { before: RecordOf<K> | undefined }>({
    mutationFn: ({ record, patch }) => send(kind, record, patch),
    onMutate: async ({ record, patch }) => {
      await cache.cancelQueries({ queryKey: keys.lists(kind) });
      const before = kept(kind, record.id);
      const change = (old: RecordOf<K>): RecordOf<K> => ({ ...old, ...patch });
      cache.setQueryData<RecordOf<K>>(keys.record(kind, record.id), (old) => old && change(old));
      changeInLists(kind, record.id, change);
      return { before };
    },
    onError: (_error, { record }, context) => {
      const before = context?.before;
      if (!before) return;
      const back = (old: RecordOf<K>): RecordOf<K> => (old.version > before.version ? old : before);
      cache.setQueryData<RecordOf<K>>(keys.record(kind, record.id), (old) => old && back(old));
      changeInLists(kind, record.id, back);
    },
    onSuccess: (record) => put(kind, record),
    onSettled: (_record, _error, { record }) => {
      void cache.invalidateQueries({ queryKey: keys.history(kind, record.id) });
      refresh(kind);
    },
  });
}

/** Deletes records, whatever version they are at: they can be restored. */
export function useRemove<K extends DeletableKind>(kind: K) {
  return useMutation<void, Error, string>({
    mutationFn: (id) => deletable(kind).delete(id, {}),
    onMutate: async (id) => {
      await cache.cancelQueries({ queryKey: keys.lists(kind) });
      changeInLists(kind, id, () => null);
    },
    onSettled: () => refresh(kind),
  });
}

/** Brings deleted records back. */
export function useRestore<K extends DeletableKind>(kind: K) {
  return useMutation<RecordOf<K>, Error, string>({
    mutationFn: (id) => deletable(kind).restore(id),
    onSuccess: (record) => put(kind, record),
    onSettled: () => refresh(kind),
  });
}
