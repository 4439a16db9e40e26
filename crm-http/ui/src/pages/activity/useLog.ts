import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";

import { type Event, keys, service } from "../../data";
import { type Place, type Stretch, MOST, readBack, startAt } from "./log";
import type { Filter } from "./filter";

interface LogPage extends Stretch {
  /** The newest event that there was. */
  newest: number;
}

const queryOf = ({ object, actor, record }: Filter) => ({ ...(object && { object }), ...(actor && { actor }), ...(record && { record_id: record }) });

/** The log as far as it was scrolled, and what has happened since, which is shown when that is asked for. */
export function useLog(filter: Filter) {
  const client = useQueryClient();
  const query = queryOf(filter);
  const of = JSON.stringify(query);
  const queryKey = ["activity", query] as const;
  const log = useInfiniteQuery({
    queryKey,
    queryFn: async ({ pageParam, signal }): Promise<LogPage> => {
      const crm = service(signal);
      const newest = pageParam?.upTo ?? (await crm.analytics.overview()).as_of_seq;
      return { ...(await readBack((paging) => crm.log({ ...query, ...paging }), pageParam ?? startAt(newest))), newest };
    },
    initialPageParam: null as Place | null,
    getNextPageParam: (page: LogPage) => page.next,
    staleTime: Infinity,
  });

  const [shown, setShown] = useState<{ of: string; events: readonly Event[] }>({ of, events: [] });
  const added = shown.of === of ? shown.events : [];
  const newest = added[0]?.seq ?? log.data?.pages[0]?.newest;
  const later = useQuery({
    // Below the log's key: whatever happens makes it stale.
    queryKey: keys.log({ ...query, after: newest }),
    queryFn: async ({ signal }) => (await service(signal).log({ ...query, after: newest ?? 0, limit: MOST })).data,
    enabled: newest !== undefined,
    gcTime: 0,
  });
  const waiting = later.data ?? [];

  const showNew = async (): Promise<void> => {
    if (waiting.length < MOST) return setShown({ of, events: [...waiting.toReversed(), ...added] });
    // Too many to put on top one by one: the log begins anew.
    setShown({ of, events: [] });
    await client.resetQueries({ queryKey });
  };
  const events = useMemo(() => [...added, ...(log.data?.pages.flatMap((page) => page.events) ?? [])], [added, log.data]);
  return { log, events, waiting: waiting.length, hasManyWaiting: waiting.length >= MOST, showNew };
}
