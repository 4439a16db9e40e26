/** What is shown of the leads and in which order, as the address has it: shared by the board and the table. */

import { useCallback, useMemo } from "react";
import { useSearchParams } from "wouter";

import type { ListQuery } from "../../data";

export type View = "board" | "table";

export interface Filters {
  search: string;
  /** The id of a user; `none` for leads without an owner. */
  owner: string;
  source: string;
  stage: string;
  /** Whole units of whichever currency. */
  min: string;
  max: string;
  /** Days of the expected close. */
  from: string;
  to: string;
}

export const NOBODY = "none";
const NAMES = ["search", "owner", "source", "stage", "min", "max", "from", "to"] as const satisfies readonly (keyof Filters)[];
export const USUAL_SORT = "-updated_at";
const STORED = "crm-leads-view";
/** Values are compared in minor units, of which most currencies have a hundred. */
const MINOR = 100;

const isView = (text: string | null): text is View => text === "board" || text === "table";
const minor = (units: string): number | null => (units.trim() === "" || Number.isNaN(Number(units)) ? null : Math.round(Number(units) * MINOR));

export function queryOf(filters: Filters, sort: string): ListQuery<"leads"> {
  const { search, owner, source, stage, min, max, from, to } = filters;
  const atLeast = minor(min);
  const atMost = minor(max);
  return {
    sort: [sort],
    ...(search.trim() !== "" && { search: search.trim() }),
    ...(owner === NOBODY ? { "owner_id[is_null]": true } : owner !== "" && { owner_id: owner }),
    ...(source !== "" && { source }),
    ...(stage !== "" && { stage }),
    ...(atLeast !== null && { "value[gte]": atLeast }),
    ...(atMost !== null && { "value[lte]": atMost }),
    ...(from !== "" && { "expected_close[gte]": from }),
    ...(to !== "" && { "expected_close[lte]": to }),
  } as ListQuery<"leads">;
}

export interface Shown {
  filters: Filters;
  sort: string;
  view: View;
  /** Whether less than everything is shown. */
  isFiltered: boolean;
  set(changes: Partial<Filters>): void;
  setSort(sort: string): void;
  setView(view: View): void;
  clear(): void;
}

/** Reads what is shown from the address, and changes it there. The view is remembered in this browser as well. */
export function useShown(): Shown {
  const [params, setParams] = useSearchParams();
  const filters = useMemo(() => Object.fromEntries(NAMES.map((name) => [name, params.get(name) ?? ""])) as unknown as Filters, [params]);
  const change = useCallback(
    (changes: Record<string, string | undefined>) =>
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          for (const [name, value] of Object.entries(changes)) {
            if (value === undefined || value === "") next.delete(name);
            else next.set(name, value);
          }
          return next;
        },
        { replace: true },
      ),
    [setParams],
  );
  const asked = params.get("view");
  const remembered = localStorage.getItem(STORED);
  return {
    filters,
    sort: params.get("sort") ?? USUAL_SORT,
    view: isView(asked) ? asked : isView(remembered) ? remembered : "board",
    isFiltered: NAMES.some((name) => filters[name] !== ""),
    set: change,
    setSort: (sort) => change({ sort: sort === USUAL_SORT ? undefined : sort }),
    setView: (view) => {
      localStorage.setItem(STORED, view);
      change({ view });
    },
    clear: () => change(Object.fromEntries(NAMES.map((name) => [name, undefined]))),
  };
}
