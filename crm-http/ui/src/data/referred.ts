/** Records that others refer to, such as the customers of a list of tasks: asked for together. */

import { skipToken, useQuery } from "@tanstack/react-query";

import { kept } from "./cache";
import { keys } from "./keys";
import { type Kind, type Kinds, type RecordOf, collection } from "./kinds";

export type ReferredKind = "customers" | "contacts" | "leads" | "interactions" | "projects" | "tasks";

/** Ids are gathered this long, so that those of one screen are one request. */
const GATHER = 10;
const MOST = 200;

interface Waiting {
  resolve(record: RecordOf<ReferredKind>): void;
  reject(error: Error): void;
}
const waiting: Record<ReferredKind, Map<string, Waiting[]>> = {
  customers: new Map(),
  contacts: new Map(),
  leads: new Map(),
  interactions: new Map(),
  projects: new Map(),
  tasks: new Map(),
};

/** The record does not exist, or not any more. */
export class Missing extends Error {
  override readonly name = "Missing";
}

async function ask(kind: ReferredKind): Promise<void> {
  const asked = waiting[kind];
  waiting[kind] = new Map();
  const ids = [...asked.keys()];
  for (let first = 0; first < ids.length; first += MOST) {
    const part = ids.slice(first, first + MOST);
    try {
      const { data } = await collection(kind).list({ "id[in]": part, limit: MOST } as Kinds[ReferredKind]["query"]);
      const found = new Map(data.map((record) => [record.id, record]));
      for (const id of part) {
        const record = found.get(id);
        asked.get(id)?.forEach(({ resolve, reject }) => (record ? resolve(record) : reject(new Missing(id))));
      }
    } catch (error) {
      part.forEach((id) => asked.get(id)?.forEach(({ reject }) => reject(error as Error)));
    }
  }
}

function load(kind: ReferredKind, id: string): Promise<RecordOf<ReferredKind>> {
  if (waiting[kind].size === 0) window.setTimeout(() => void ask(kind), GATHER);
  return new Promise((resolve, reject) => {
    waiting[kind].set(id, [...(waiting[kind].get(id) ?? []), { resolve, reject }]);
  });
}

/** A record that is referred to; `null` for the id asks for nothing. */
export function useReferred(kind: ReferredKind, id: string | null) {
  return useQuery<RecordOf<ReferredKind>>({
    queryKey: keys.record(kind as Kind, id ?? ""),
    queryFn: id === null ? skipToken : () => load(kind, id),
    placeholderData: () => (id === null ? undefined : kept(kind, id)),
    retry: false,
  });
}
