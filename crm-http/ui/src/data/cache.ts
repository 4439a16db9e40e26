/** What is kept of the service's answers, and how a record in it is changed wherever it occurs. */

import { MutationCache, type Query, QueryCache, QueryClient } from "@tanstack/react-query";

import { keys } from "./keys";
import type { AnyRecord, Kind, RecordOf } from "./kinds";
import { type Me, type Page, ProblemError } from "./service";

const RETRIES = 2;

/** Whether asking again may help. */
const isPassing = (error: Error): boolean => !(error instanceof ProblemError) || [408, 502, 503, 504].includes(error.status);

function onError(error: Error): void {
  if (error instanceof ProblemError && error.status === 401) signedOut();
}

export const cache = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      // Live events say when an answer is stale.
      staleTime: 60_000,
      gcTime: 120_000,
      retry: (count, error) => isPassing(error) && count < RETRIES,
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});

/** The service does not know the caller any more. What is on screen stays until somebody signs in. */
export function signedOut(): void {
  cache.setQueryData<Me | null>(keys.me, null);
}

interface Paged {
  data: AnyRecord[];
}
const isPaged = (kept: unknown): kept is Paged => typeof kept === "object" && kept !== null && "data" in kept && Array.isArray(kept.data);
const isPages = (kept: unknown): kept is { pages: Paged[] } => typeof kept === "object" && kept !== null && "pages" in kept;

function changePage(page: Paged, id: string, change: (record: AnyRecord) => AnyRecord | null): Paged {
  if (!page.data.some((record) => record.id === id)) return page;
  const data = page.data.map((record) => (record.id === id ? change(record) : record));
  return { ...page, data: data.filter((record) => record !== null) };
}

/** Changes a record in every list; null takes it out. */
export function changeInLists<K extends Kind>(kind: K, id: string, change: (record: RecordOf<K>) => RecordOf<K> | null): void {
  const changeAny = change as unknown as (record: AnyRecord) => AnyRecord | null;
  cache.setQueriesData<unknown>({ queryKey: keys.lists(kind) }, (kept: unknown) => {
    if (isPages(kept)) {
      const pages = kept.pages.map((page) => changePage(page, id, changeAny));
      return pages.every((page, index) => page === kept.pages[index]) ? kept : { ...kept, pages };
    }
    return isPaged(kept) ? changePage(kept, id, changeAny) : kept;
  });
}

// Looking for the lists among all that is kept takes longer than a frame has, once thousands of records are kept.
const lists = new Map<unknown, Set<Query>>();
cache.getQueryCache().subscribe(({ type, query }) => {
  const [kind, part] = query.queryKey as readonly unknown[];
  if (part !== "list") return;
  const ofKind = lists.get(kind) ?? new Set();
  if (type === "added") lists.set(kind, ofKind.add(query));
  else if (type === "removed") ofKind.delete(query);
});

/** The newest that is kept of a record, alone or in a list. */
export function kept<K extends Kind>(kind: K, id: string): RecordOf<K> | undefined {
  const alone = cache.getQueryData<RecordOf<K>>(keys.record(kind, id));
  if (alone) return alone;
  for (const { state: { data: list } } of lists.get(kind) ?? []) {
    const pages = isPages(list) ? list.pages : isPaged(list) ? [list] : [];
    for (const page of pages) {
      const found = (page as unknown as Page<RecordOf<K>>).data.find((record) => record.id === id);
      if (found) return found;
    }
  }
  return undefined;
}

/** Puts a record wherever it is kept, if it is newer. */
export function put<K extends Kind>(kind: K, record: RecordOf<K>): void {
  cache.setQueryData<RecordOf<K>>(keys.record(kind, record.id), (old) => (old && old.version > record.version ? old : record));
  changeInLists(kind, record.id, (old) => (old.version > record.version ? old : record));
}
