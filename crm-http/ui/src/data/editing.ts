/** A record while it is edited: as it was when that began, and whether somebody else has changed it since. */

import { useState } from "react";

import { type Kind, type RecordOf } from "./kinds";
import { useRecord } from "./reading";

export interface Editing<R> {
  /** What the form began with, and what a change is guarded by. */
  base: R;
  /** What somebody else made of it since then; null if nobody did. */
  newer: R | null;
  /** Goes on from what it is now. Give the form the new `base` as its values. */
  takeNewer(): void;
}

export function useEditing<K extends Kind>(kind: K, record: RecordOf<K>): Editing<RecordOf<K>> {
  const [base, setBase] = useState(record);
  const { data } = useRecord(kind, record.id);
  const newer = data && data.version > base.version ? data : null;
  return { base, newer, takeNewer: () => newer && setBase(newer) };
}

/** The fields of an edited record that differ from what it was: a merge patch. */
export function patchOf<V extends object>(before: { [F in keyof V]?: unknown }, values: V): Partial<V> {
  const changed = (Object.keys(values) as (keyof V)[]).filter((field) => JSON.stringify(before[field] ?? null) !== JSON.stringify(values[field] ?? null));
  return Object.fromEntries(changed.map((field) => [field, values[field]])) as Partial<V>;
}
