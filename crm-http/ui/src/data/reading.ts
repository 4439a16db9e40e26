/** Hooks that read records. */

import { keepPreviousData, skipToken, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { kept } from "./cache";
import { keys } from "./keys";
import { type Kind, type Kinds, type ListQuery, type RecordOf, type User, collection } from "./kinds";
import { type Event, type Page, type Stage, service } from "./service";

/** A record; `null` for the id asks for nothing. */
export function useRecord<K extends Kind>(kind: K, id: string | null) {
  return useQuery<RecordOf<K>>({
    queryKey: keys.record(kind, id ?? ""),
    queryFn: id === null ? skipToken : ({ signal }) => collection(kind, signal).get(id),
    placeholderData: () => (id === null ? undefined : (kept(kind, id) as never)),
  });
}

/** A list that grows from the top, for some hundred entries at most; longer ones are for `useWindow`. */
export function useList<K extends Kind>(kind: K, query: ListQuery<K> = {} as ListQuery<K>, options: { enabled?: boolean } = {}) {
  const list = useInfiniteQuery({
    queryKey: keys.list(kind, query, "growing"),
    queryFn: ({ pageParam, signal }): Promise<Page<RecordOf<K>>> =>
      collection(kind, signal).list({ ...query, ...(pageParam !== null && { cursor: pageParam }) } as Kinds[K]["query"]),
    initialPageParam: null as string | null,
    getNextPageParam: (page: Page<RecordOf<K>>) => page.next_cursor,
    placeholderData: keepPreviousData,
    enabled: options.enabled ?? true,
  });
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.data) ?? [], [list.data]);
  return { ...list, rows };
}

/** How many records match, counted by the service. */
export function useCount<K extends Kind>(kind: K, query: ListQuery<K>, options: { enabled?: boolean } = {}) {
  return useQuery({
    queryKey: keys.list(kind, query, "count"),
    queryFn: async ({ signal }) =>
      (await collection(kind, signal).list({ ...query, limit: 1, count: true } as Kinds[K]["query"])).total ?? 0,
    placeholderData: keepPreviousData,
    enabled: options.enabled ?? true,
  });
}

/** The events of a record, newest first. */
export function useHistory(kind: Kind, id: string, limit = 100) {
  return useQuery<Event[]>({
    queryKey: keys.history(kind, id),
    queryFn: async ({ signal }) => {
      const events: Event[] = [];
      for await (const event of service(signal)[kind].history(id, { limit })) {
        events.push(event);
        if (events.length === limit) break;
      }
      return events;
    },
  });
}

const NO_STAGES: readonly Stage[] = [];

/** The stages of the tenant's leads, in order. */
export function usePipeline() {
  const query = useQuery({ queryKey: keys.pipeline, queryFn: ({ signal }) => service(signal).pipeline() });
  return { ...query, stages: query.data?.stages ?? NO_STAGES };
}

/** Everyone of the tenant, by id. */
export function usePeople(): ReadonlyMap<string, User> {
  const { data } = useQuery({
    queryKey: keys.people,
    queryFn: async ({ signal }) => {
      const people = new Map<string, User>();
      for await (const user of service(signal).users.all({ limit: 200 })) people.set(user.id, user);
      return people;
    },
  });
  return data ?? NOBODY;
}

const NOBODY: ReadonlyMap<string, User> = new Map();
