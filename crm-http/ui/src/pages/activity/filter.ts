import { useMemo } from "react";
import { useSearchParams } from "wouter";

import type { QueryOf } from "../../data/service";

type LogObject = NonNullable<QueryOf<"events">["object"]>;

/** The kinds of records that have events. */
export const OBJECTS: readonly LogObject[] = ["customers", "contacts", "leads", "interactions", "projects", "tasks", "users", "api_keys", "pipelines", "settings", "incidents"];

/** What the log is limited to. */
export interface Filter {
  object: LogObject | null;
  /** The id of a user or a key, or the name of a job. */
  actor: string | null;
  /** The id of a record. */
  record: string | null;
}

export const NOTHING: Filter = { object: null, actor: null, record: null };

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A filter as an address has it; what is not one is left out. */
export function filterOf(params: URLSearchParams): Filter {
  const record = params.get("record");
  return {
    object: OBJECTS.find((object) => object === params.get("object")) ?? null,
    actor: params.get("actor") || null,
    record: record !== null && UUID.test(record) ? record : null,
  };
}

export function paramsOf(filter: Filter): URLSearchParams {
  const entries = Object.entries(filter).filter((entry): entry is [string, string] => entry[1] !== null);
  return new URLSearchParams(entries);
}

/** The filter in the address, so that it can be sent to somebody and gone back from. */
export function useFilter(): [Filter, (filter: Filter) => void] {
  const [params, setParams] = useSearchParams();
  const written = params.toString();
  const filter = useMemo(() => filterOf(new URLSearchParams(written)), [written]);
  return [filter, (next) => setParams(paramsOf(next))];
}
