import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useRef } from "react";

import { Button, EmptyState, ErrorState, LoadMore, Loading } from "../../kit";
import { Filters } from "./Filters";
import { type Filter, NOTHING, useFilter } from "./filter";
import { LogList } from "./LogList";
import { useLog } from "./useLog";
import "./activity.css";

function Log({ filter, onFilter }: { filter: Filter; onFilter(filter: Filter): void }) {
  const { t } = useLingui();
  const top = useRef<HTMLDivElement>(null);
  const { log, events, waiting, hasManyWaiting, showNew } = useLog(filter);
  if (log.isPending) return <Loading lines={12} />;
  if (log.error && events.length === 0) return <ErrorState error={log.error} onRetry={() => void log.refetch()} />;
  const show = async (): Promise<void> => {
    await showNew();
    top.current?.focus();
  };
  const loadMore = (): void => {
    if (log.hasNextPage && !log.isFetching && !log.error) void log.fetchNextPage();
  };
  return (
    <div ref={top} tabIndex={-1} className="log">
      <div className="log-new" role="status">
        {waiting > 0 && (
          <Button variant="primary" size="small" icon="up" onClick={() => void show()}>
            {hasManyWaiting ? t`Many new events` : plural(waiting, { one: "# new event", other: "# new events" })}
          </Button>
        )}
      </div>
      {events.length === 0 && !log.hasNextPage && (
        <EmptyState icon="activity" title={t`Nothing found`} actions={<Button onClick={() => onFilter(NOTHING)}>{t`Show everything`}</Button>}>
          {t`What people, API keys and the system do appears here.`}
        </EmptyState>
      )}
      {events.length > 0 && <LogList events={events} filter={filter} onFilter={onFilter} onNearEnd={loadMore} />}
      {log.error && events.length > 0 && <ErrorState error={log.error} onRetry={() => void log.fetchNextPage()} />}
      <LoadMore hasMore={log.hasNextPage && !log.error} isLoading={log.isFetchingNextPage} onLoad={() => void log.fetchNextPage()} />
      {events.length > 0 && !log.hasNextPage && <p className="muted log-end">{t`This is where the log begins.`}</p>}
    </div>
  );
}

/** Everything that has happened in the workspace, newest first. */
export default function ActivityPage() {
  const { t } = useLingui();
  const [filter, setFilter] = useFilter();
  return (
    <div className="activity">
      <div className="page-header">
        <h1>{t`Activity`}</h1>
        <Filters filter={filter} onFilter={setFilter} />
      </div>
      <Log filter={filter} onFilter={setFilter} />
    </div>
  );
}
