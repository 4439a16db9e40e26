/** What the list of customers is narrowed to and sorted by, as it is written in the address. */

import type { Customer, ListQuery } from "../../data";

export interface Filters {
  active?: "yes" | "no";
  country?: string;
  city?: string;
  /** The id of a user, or nobody. */
  owner?: string;
  /** Days of creation, both included. */
  from?: string;
  to?: string;
}

export type FilterName = keyof Filters;
export const NOBODY = "none";
export const USUAL_SORT = "-created_at";

const LONGEST_SEARCH = 200;
const LONGEST_PLACE = 100;
const isDay = (text: string): boolean => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
const isPlace = (text: string): boolean => text.length <= LONGEST_PLACE;

// An address is typed and passed on: what makes no sense in it is left out.
const MAKES_SENSE: Record<FilterName, (text: string) => boolean> = {
  active: (text) => text === "yes" || text === "no",
  country: isPlace,
  city: isPlace,
  owner: (text) => text === NOBODY || /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text),
  from: isDay,
  to: isDay,
};
export const FILTERS = Object.keys(MAKES_SENSE) as readonly FilterName[];
const SORTS: readonly string[] = ["created_at", "updated_at", "company", "name", "email"];

export interface View {
  search: string;
  filters: Filters;
  sort: string;
}

export function viewOf(address: string): View {
  const params = new URLSearchParams(address);
  const filters = FILTERS.flatMap((name) => {
    const text = params.get(name)?.trim() ?? "";
    return text !== "" && MAKES_SENSE[name](text) ? [[name, text] as const] : [];
  });
  const sort = params.get("sort") ?? USUAL_SORT;
  return {
    search: (params.get("q") ?? "").trim().slice(0, LONGEST_SEARCH),
    filters: Object.fromEntries(filters) as Filters,
    sort: SORTS.includes(sort.replace(/^-/, "")) ? sort : USUAL_SORT,
  };
}

export function addressOf({ search, filters, sort }: View): string {
  const params = new URLSearchParams();
  if (search !== "") params.set("q", search);
  for (const name of FILTERS) if (filters[name]) params.set(name, filters[name]);
  if (sort !== USUAL_SORT) params.set("sort", sort);
  return params.toString();
}

/** The service compares places letter by letter; people do not. */
export function spellings(place: string): string[] {
  const lower = place.toLocaleLowerCase();
  const title = lower.replaceAll(/(^|[\s-])(\p{L})/gu, (_, before: string, letter: string) => before + letter.toLocaleUpperCase());
  return [...new Set([place, lower, title, place.toLocaleUpperCase()])];
}

/** The moment at which a day of the reader's begins, or the one so many days later. */
function beginOf(day: string, later = 0): string {
  const begin = new Date(`${day}T00:00:00`);
  begin.setDate(begin.getDate() + later);
  return begin.toISOString();
}

export function queryOf({ search, filters, sort }: View): ListQuery<"customers"> {
  const { active, country, city, owner, from, to } = filters;
  const query = {
    sort: [sort],
    ...(search !== "" && { search }),
    ...(active && { is_active: active === "yes" }),
    ...(country && { "country[in]": spellings(country) }),
    ...(city && { "city[in]": spellings(city) }),
    ...(owner && (owner === NOBODY ? { "owner_id[is_null]": true } : { owner_id: owner })),
    ...(from && { "created_at[gte]": beginOf(from) }),
    ...(to && { "created_at[lt]": beginOf(to, 1) }),
  };
  return query as ListQuery<"customers">;
}

/** The address of a web site, if it is one that a link may lead to. */
export function webAddress(website: Customer["website"]): string | null {
  if (website === null) return null;
  const address = /^[a-z][a-z\d+.-]*:/i.test(website) ? website : `https://${website}`;
  const url = URL.canParse(address) ? new URL(address) : null;
  return url && (url.protocol === "https:" || url.protocol === "http:") ? url.href : null;
}
