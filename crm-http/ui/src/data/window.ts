/**
 * A list of any length, of which only what is looked at is kept.
 *
 * A page is known by the cursor before it, so pages are asked for one after another, and the cursors (not the pages) are
 * kept: going back asks again, and memory stays flat however far somebody scrolls.
 */

import { useQueries, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";

import { keys } from "./keys";
import { type Kind, type Kinds, type ListQuery, type RecordOf, collection } from "./kinds";
import { useCount } from "./reading";
import type { Page } from "./service";

const PAGE = 100;
/**
 * Rows beyond the last on screen that are asked for before somebody scrolls to them: as many as they have scrolled past, up to
 * this. Who only looks at the first rows has no others loaded; who scrolls fast does not outrun the service.
 */
const AHEAD = 150;
/** Pages around those that are looked at which are kept as well. */
const MARGIN = 4;

export interface Window<R> {
  /** Names the query: another one begins at the top. */
  of: string;
  /** How many rows there are to scroll through by now, some of which are not loaded. */
  length: number;
  /** How many match, when that is known. */
  total: number | null;
  row(index: number): R | undefined;
  /** Says which rows are on screen. */
  show(first: number, last: number): void;
  isPending: boolean;
  /** Rows are of the query before, until those of this one come. */
  isPrevious: boolean;
  error: Error | null;
  retry(): void;
}

/** What is known of the pages of one query: the cursor before each, and how many rows it had. */
interface Chain {
  of: string;
  cursors: (string | null)[];
  lengths: number[];
  isWhole: boolean;
}

const begin = (of: string): Chain => ({ of, cursors: [null], lengths: [], isWhole: false });

/** The chain with what a page told; the same if that is nothing new. */
export function extend(chain: Chain, index: number, page: Page<unknown>): Chain {
  const isLast = page.next_cursor === null;
  const isKnown = chain.lengths[index] === page.data.length && (isLast ? chain.isWhole : chain.cursors[index + 1] === page.next_cursor);
  if (isKnown) return chain;
  const lengths = [...chain.lengths];
  lengths[index] = page.data.length;
  if (isLast) return { ...chain, cursors: chain.cursors.slice(0, index + 1), lengths: lengths.slice(0, index + 1), isWhole: true };
  const cursors = [...chain.cursors];
  cursors[index + 1] = page.next_cursor;
  return { ...chain, cursors, lengths, isWhole: chain.isWhole && index + 1 < chain.lengths.length };
}

/** In which page a row is, and where in it. */
export function locate(lengths: readonly number[], row: number): { page: number; offset: number } {
  let offset = row;
  let page = 0;
  for (; page < lengths.length; page++) {
    const length = lengths[page] ?? 0;
    if (offset < length) break;
    offset -= length;
  }
  return { page, offset };
}

// Made here, so that a query that is kept holds on to nothing of the render in which it was asked for.
function pageOf<K extends Kind>(kind: K, query: ListQuery<K>, cursor: string | null) {
  return {
    queryKey: keys.list(kind, query, cursor ?? "first"),
    queryFn: ({ signal }: { signal: AbortSignal }): Promise<Page<RecordOf<K>>> =>
      collection(kind, signal).list({ ...query, limit: PAGE, ...(cursor !== null && { cursor }) } as Kinds[K]["query"]),
  };
}

export function useWindow<K extends Kind>(kind: K, query: ListQuery<K>): Window<RecordOf<K>> {
  const client = useQueryClient();
  const of = JSON.stringify([kind, query]);
  const [known, setChain] = useState(() => begin(of));
  const [range, setRange] = useState({ of, first: 0, last: 0 });
  const chain = useMemo(() => (known.of === of ? known : begin(of)), [known, of]);
  const last = Math.min(range.of === of ? range.last : 0, chain.cursors.length - 1);
  const first = Math.min(range.of === of ? range.first : 0, last);

  const pages = useQueries({ queries: chain.cursors.slice(first, last + 1).map((cursor) => pageOf(kind, query, cursor)) });
  // Counting takes the service longer than the first rows: it waits for them, and for what ends with them there is nothing to count.
  const counted = useCount(kind, query, { enabled: chain.lengths.length > 0 && !(chain.isWhole && chain.lengths.length === 1) });

  const answers = pages.map((page) => page.data);
  // After every answer; what is nothing new leaves the chain as it is.
  useEffect(() => {
    setChain((old) => answers.reduce<Chain>((grown, page, index) => (page ? extend(grown, first + index, page) : grown), old.of === of ? old : begin(of)));
  });

  const held = useRef({ of, pages: new Set<number>() });
  useEffect(() => {
    if (held.current.of !== of) held.current = { of, pages: new Set() };
    const { pages: indexes } = held.current;
    for (let index = first; index <= last; index++) indexes.add(index);
    for (const index of indexes) {
      if (index >= first - MARGIN && index <= last + MARGIN) continue;
      indexes.delete(index);
      client.removeQueries({ queryKey: keys.list(kind, query, chain.cursors[index] ?? "first"), exact: true });
    }
  }, [client, chain, first, last, of]);

  const loaded = chain.lengths.reduce((sum, length) => sum + length, 0);
  const total = chain.isWhole && chain.lengths.length === 1 ? loaded : counted.data;
  const length = chain.isWhole ? loaded : loaded + (chain.lengths.length === 0 ? 0 : Math.min(PAGE, Math.max((total ?? Infinity) - loaded, 1)));
  const row = (index: number): RecordOf<K> | undefined => {
    const { page, offset } = locate(chain.lengths, index);
    const here = pages[page - first]?.data ?? client.getQueryData<Page<RecordOf<K>>>(keys.list(kind, query, chain.cursors[page] ?? "first"));
    return here?.data[offset];
  };
  const show = (from: number, to: number): void => {
    const next = { of, first: locate(chain.lengths, from).page, last: locate(chain.lengths, to + Math.min(to, AHEAD)).page };
    if (range.of !== of || next.first !== range.first || next.last !== range.last) setRange(next);
  };

  const isPending = chain.lengths.length === 0 && pages[0]?.data === undefined;
  const previous = useRef<{ length: number; rows: readonly (RecordOf<K> | undefined)[] } | null>(null);
  useEffect(() => {
    if (!isPending) previous.current = { length: Math.min(length, PAGE), rows: pages[0]?.data?.data ?? [] };
  });
  const error = pages.find((page) => page.error)?.error ?? null;
  const retry = (): void => void Promise.all(pages.filter((page) => page.error).map((page) => page.refetch()));
  const common = { of, total: total ?? null, show, error, retry };
  const before = previous.current;
  if (isPending && before && !error) {
    return { ...common, length: before.rows.length, row: (index) => before.rows[index], isPending: false, isPrevious: true };
  }
  return { ...common, length, row, isPending: isPending && !error, isPrevious: false };
}
