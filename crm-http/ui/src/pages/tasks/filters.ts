/** Which tasks are shown, as the address has it. */

import { useCallback, useMemo } from "react";
import { useSearchParams } from "wouter";

import { type ListQuery, type Task, useMe } from "../../data";

export type Whose = "mine" | "all";
export const NOBODY = "none";

export interface Filters {
  whose: Whose;
  search: string;
  priority: Task["priority"] | "";
  /** The id of a user, or `none`; only among everybody's. */
  assignee: string;
}

const isPriority = (text: string | null): text is Task["priority"] => text === "low" || text === "normal" || text === "high";

export interface Shown {
  filters: Filters;
  isFiltered: boolean;
  /** What all groups have in common. */
  query: ListQuery<"tasks">;
  set(changes: Partial<Filters>): void;
}

export function useShown(): Shown {
  const { user } = useMe();
  const [params, setParams] = useSearchParams();
  const filters = useMemo((): Filters => {
    const priority = params.get("priority");
    return {
      whose: params.get("whose") === "all" ? "all" : "mine",
      search: params.get("search") ?? "",
      priority: isPriority(priority) ? priority : "",
      assignee: params.get("assignee") ?? "",
    };
  }, [params]);
  const query = useMemo((): ListQuery<"tasks"> => {
    const { whose, search, priority, assignee } = filters;
    return {
      ...(search.trim() !== "" && { search: search.trim() }),
      ...(priority !== "" && { priority }),
      ...(whose === "mine" ? { assignee_id: user.id } : assignee === NOBODY ? { "assignee_id[is_null]": true } : assignee !== "" && { assignee_id: assignee }),
    } as ListQuery<"tasks">;
  }, [filters, user.id]);
  const set = useCallback(
    (changes: Partial<Filters>) =>
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          for (const [name, value] of Object.entries(changes)) {
            if (value === "" || value === "mine") next.delete(name);
            else next.set(name, value);
          }
          if (next.get("whose") !== "all") next.delete("assignee");
          return next;
        },
        { replace: true },
      ),
    [setParams],
  );
  return { filters, query, set, isFiltered: filters.search !== "" || filters.priority !== "" || filters.assignee !== "" };
}
