/** The lists and figures of the board, as a lead's move changes them before the service has answered. */

import { type Lead, type Money, type Page, type Schemas, cache, keys } from "../../../data";

type Query = { stage?: string; sort?: readonly string[] } & Record<string, unknown>;

const isPage = (kept: unknown): kept is Page<Lead> => typeof kept === "object" && kept !== null && "data" in kept && Array.isArray(kept.data);

/** A query without its stage: the columns of one board have the same. */
function boardOf({ stage: _, ...rest }: Query): string {
  return JSON.stringify(Object.entries(rest).sort(([a], [b]) => a.localeCompare(b)));
}

function valueOf(lead: Lead, field: string): number | string | null {
  const value = lead[field as keyof Lead];
  if (typeof value === "string" || typeof value === "number") return value;
  return field === "value" ? (lead.value?.amount ?? null) : null;
}

/** Where a lead belongs among others that are sorted; what was changed last has just been changed. */
export function placeOf(rows: readonly Lead[], lead: Lead, sort: string): number {
  const isDescending = sort.startsWith("-");
  const field = isDescending ? sort.slice(1) : sort;
  if (field === "updated_at") return isDescending ? 0 : rows.length;
  const own = valueOf(lead, field);
  const at = rows.findIndex((row) => {
    const other = valueOf(row, field);
    if (other === null || own === null) return other === null;
    return isDescending ? own >= other : own <= other;
  });
  return at === -1 ? rows.length : at;
}

function add(moneys: readonly Money[], { amount, currency }: Money): Money[] {
  const sum = (moneys.find((money) => money.currency === currency)?.amount ?? 0) + amount;
  const others = moneys.filter((money) => money.currency !== currency);
  return sum === 0 ? others : [...others, { amount: sum, currency }].sort((a, b) => a.currency.localeCompare(b.currency));
}

function moveInFigures(lead: Lead, to: string): void {
  cache.setQueryData<Schemas["Overview"]>(keys.figure("overview"), (figures) => {
    if (!figures) return figures;
    const by_stage = figures.leads.by_stage.map((column) => {
      const sign = column.stage === to ? 1 : column.stage === lead.stage ? -1 : 0;
      if (sign === 0) return column;
      const value = lead.value === null ? column.value : add(column.value, { amount: sign * lead.value.amount, currency: lead.value.currency });
      return { ...column, count: column.count + sign, value };
    });
    return { ...figures, leads: { ...figures.leads, by_stage } };
  });
}

/** Moves a lead to another column; gives what takes that back. */
export function moveInLists(lead: Lead, to: string): () => void {
  const before = [...cache.getQueriesData<unknown>({ queryKey: keys.lists("leads") }), [keys.figure("overview"), cache.getQueryData(keys.figure("overview"))] as const];
  const lists = before.flatMap(([key, kept]) => (isPage(kept) ? [{ key, page: kept, query: key[2] as Query, part: key[3] }] : []));
  const counts = before.flatMap(([key, kept]) => (typeof kept === "number" ? [{ key, count: kept, query: key[2] as Query }] : []));
  const left = lists.filter(({ query, page }) => query.stage === lead.stage && page.data.some(({ id }) => id === lead.id));
  const boards = new Set(left.map(({ query }) => boardOf(query)));
  for (const { key, page } of left) cache.setQueryData(key, { ...page, data: page.data.filter(({ id }) => id !== lead.id) });
  for (const { key, page, query, part } of lists) {
    if (query.stage !== to || part !== "first" || !boards.has(boardOf(query))) continue;
    const data = page.data.filter(({ id }) => id !== lead.id);
    const at = placeOf(data, lead, query.sort?.[0] ?? "");
    // Beyond the end of the first page it may belong to a later one.
    if (at === data.length && page.next_cursor !== null) continue;
    cache.setQueryData(key, { ...page, data: data.toSpliced(at, 0, { ...lead, stage: to }) });
  }
  for (const { key, count, query } of counts) {
    if (!boards.has(boardOf(query))) continue;
    if (query.stage === lead.stage) cache.setQueryData(key, count - 1);
    if (query.stage === to) cache.setQueryData(key, count + 1);
  }
  moveInFigures(lead, to);
  return () => {
    for (const [key, kept] of before) if (kept !== undefined) cache.setQueryData(key, kept);
  };
}
