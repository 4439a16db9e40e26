/** What the customers and leads are called that a list only has the ids of. */

import { useQueries } from "@tanstack/react-query";

import { type Customer, type Kinds, type Lead, collection, keys } from "../../data";
import { titleOf } from "../../format";

const CHUNK = 100;

/** The names by id; ids of what is deleted are missing. Null until all are there. */
export function useTitles(kind: "customers" | "leads", ids: readonly (string | null)[]): ReadonlyMap<string, string> | null {
  const wanted = [...new Set(ids.filter((id) => id !== null))];
  const chunks = Array.from({ length: Math.ceil(wanted.length / CHUNK) }, (_, at) => wanted.slice(at * CHUNK, (at + 1) * CHUNK));
  const answers = useQueries({
    queries: chunks.map((chunk) => {
      const query = { "id[in]": chunk, limit: CHUNK };
      return {
        queryKey: keys.list(kind, query, "titles"),
        queryFn: ({ signal }: { signal: AbortSignal }) => collection(kind, signal).list(query as Kinds["customers"]["query"] & Kinds["leads"]["query"]),
        placeholderData: (before: Awaited<ReturnType<ReturnType<typeof collection<"customers" | "leads">>["list"]>> | undefined) => before,
      };
    }),
  });
  if (answers.some(({ isPending }) => isPending)) return null;
  const rows = answers.flatMap(({ data }) => (data?.data ?? []) as (Customer | Lead)[]);
  return new Map(rows.map((record) => [record.id, titleOf(record)]));
}
