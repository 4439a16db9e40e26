import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { Suspense, lazy, useState } from "react";

import { type ListQuery, type Task, useCan, useCount, useList, useMe } from "../../data";
import { Answer, Button, LoadMore } from "../../kit";
import { openCreate } from "../../forms/registry";
import { QuickAdd } from "./QuickAdd";
import { TaskRow } from "./TaskRow";
import "./tasks.css";

const EditTask = lazy(() => import("./EditTask"));

type Subject = { customer_id: string } | { lead_id: string } | { project_id: string };

function Rows({ query, onEdit, empty }: { query: ListQuery<"tasks">; onEdit(task: Task): void; empty: string | null }) {
  const { data, error, refetch, rows, hasNextPage, isFetchingNextPage, fetchNextPage } = useList("tasks", { ...query, limit: 20 });
  const shown = rows.filter(({ status }) => status === query.status);
  return (
    <Answer query={{ data, error, refetch }} lines={3}>
      {() => (
        <>
          {shown.length === 0 && empty !== null && <p className="muted">{empty}</p>}
          <ul className="tasks">
            {shown.map((task) => (
              <TaskRow key={task.id} task={task} onEdit={onEdit} />
            ))}
          </ul>
          <LoadMore hasMore={hasNextPage} isLoading={isFetchingNextPage} onLoad={() => void fetchNextPage()} />
        </>
      )}
    </Answer>
  );
}

/** The tasks of a customer, a lead or a project, on its page. */
export default function RecordTasks({ of }: { of: Subject }) {
  const { t } = useLingui();
  const can = useCan();
  const { user } = useMe();
  const [edited, setEdited] = useState<Task | null>(null);
  const [isDoneShown, setDoneShown] = useState(false);
  const done = useCount("tasks", { ...of, status: "done" } as ListQuery<"tasks">);
  const count = done.data ?? 0;
  return (
    <section className="card" aria-label={t`Tasks`}>
      <div className="card-header">
        <h2>{t`Tasks`}</h2>
        {can("create:tasks") && (
          <Button size="small" variant="ghost" icon="plus" onClick={() => void openCreate("tasks", { ...of, assignee_id: user.id })}>
            {t`New task`}
          </Button>
        )}
      </div>
      {can("create:tasks") && <QuickAdd defaults={{ ...of, assignee_id: user.id }} />}
      <Rows query={{ ...of, status: "open", sort: ["due_at"] } as ListQuery<"tasks">} onEdit={setEdited} empty={t`Nothing to do.`} />
      {count > 0 && (
        <Button size="small" variant="ghost" icon={isDoneShown ? "up" : "down"} aria-expanded={isDoneShown} onClick={() => setDoneShown(!isDoneShown)}>
          {plural(count, { one: "# done", other: "# done" })}
        </Button>
      )}
      {isDoneShown && count > 0 && <Rows query={{ ...of, status: "done", sort: ["-updated_at"] } as ListQuery<"tasks">} onEdit={setEdited} empty={null} />}
      {edited && (
        <Suspense>
          <EditTask task={edited} onClose={() => setEdited(null)} />
        </Suspense>
      )}
    </section>
  );
}
