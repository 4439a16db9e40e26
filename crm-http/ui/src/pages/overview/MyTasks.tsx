import { useLingui } from "@lingui/react/macro";
import { Link } from "wouter";

import { config } from "../../config";
import { useUpdate } from "../../data/changing";
import type { Task } from "../../data/kinds";
import { useList } from "../../data/reading";
import { useCan, useMe } from "../../data/session";
import { formatRelative } from "../../format";
import { ErrorState, Loading, toast } from "../../kit";
import { Card, Nothing } from "./cards";

const MOST = 7;

/** One's open tasks, the most urgent first, to tick off. */
export function MyTasks() {
  const { t } = useLingui();
  const { user } = useMe();
  const can = useCan();
  const update = useUpdate("tasks");
  const { rows, isPending, error, refetch } = useList("tasks", { assignee_id: user.id, status: "open", sort: ["due_at"], limit: MOST });
  const tasks = rows.filter((task) => task.status === "open");

  const set = (task: Task, status: Task["status"]): void =>
    update.mutate(
      { record: task, patch: { status } },
      {
        onSuccess: (changed) => status === "done" && toast(t`Done: ${task.title}`, { action: { label: t`Undo`, act: () => set(changed, "open") } }),
        onError: () => toast(t`“${task.title}” could not be changed`, { tone: "danger" }),
      },
    );

  const now = new Date().toISOString();
  return (
    <Card title={t`My tasks`} action={config.pages.includes("tasks") && <Link href="/tasks">{t`All tasks`}</Link>}>
      {isPending && !error && <Loading lines={5} />}
      {error && rows.length === 0 && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!isPending && !error && tasks.length === 0 && <Nothing>{t`Nothing to do. Tasks that are assigned to you appear here.`}</Nothing>}
      <ul className="lines">
        {tasks.map((task) => (
          <li key={task.id} className="line">
            <input type="checkbox" aria-label={t`Done: ${task.title}`} checked={false} disabled={!can("update:tasks")} onChange={() => set(task, "done")} />
            <span className="line-main">{task.title}</span>
            {task.due_at !== null && <span className={task.due_at < now ? "line-end is-bad" : "line-end muted"}>{formatRelative(task.due_at)}</span>}
          </li>
        ))}
      </ul>
    </Card>
  );
}
