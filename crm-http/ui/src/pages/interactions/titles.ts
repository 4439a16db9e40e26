/** What the customers and leads are called that a list only has the ids of. */

import { useQueries } from "@tanstack/react-query";

import { type Customer, type Lead, type Page, collection, keys } from "../../data";
import { titleOf } from "../../format";

const CHUNK = 100;

type Named = Page<Customer | Lead>;

// Made here, so that a query that is kept holds on to nothing of the render in which it was asked for.
function titlesOf(kind: "customers" | "leads", ids: readonly string[]) {
  const query = { "id[in]": [...ids], limit: CHUNK };
  return {
    queryKey: keys.list(kind, query, "titles"),
    queryFn: ({ signal }: { signal: AbortSignal }): Promise<Named> => (kind === "leads" ? collection("leads", signal).list(query) : collection("customers", signal).list(query)),
    placeholderData: (before: Named | undefined) => before,
  };
}

/** The names by id; ids of what is deleted are missing. Null until all are there. */
export function useTitles(kind: "customers" | "leads", ids: readonly (string | null)[]): ReadonlyMap<string, string> | null {
  const wanted = [...new Set(ids.filter((id) => id !== null))];
  const chunks = Array.from({ length: Math.ceil(wanted.length / CHUNK) }, (_, at) => wanted.slice(at * CHUNK, (at + 1) * CHUNK));
  const answers = useQueries({ queries: chunks.map((chunk) => titlesOf(kind, chunk)) });
  if (answers.some(({ isPending }) => isPending)) return null;
  return new Map(answers.flatMap(({ data }) => data?.data ?? []).map((record) => [record.id, titleOf(record)]));
}
