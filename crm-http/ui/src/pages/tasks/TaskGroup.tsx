import { useLingui } from "@lingui/react/macro";
import { useId } from "react";

import { type ListQuery, type Task, useCount, useList } from "../../data";
import { formatNumber } from "../../format";
import { Button, ErrorState, Icon, LoadMore, Loading } from "../../kit";
import { RecordLink } from "../../kit/RecordLink";
import { type Group, queryOf } from "./due";
import { TaskRow } from "./TaskRow";

interface TaskGroupProps {
  group: Group;
  now: Date;
  /** What is shown of all groups. */
  query: ListQuery<"tasks">;
  isOpen: boolean;
  onToggle(): void;
  /** Ids of the tasks that are chosen; null while none are to be. */
  selection: ReadonlySet<string> | null;
  onSelect(tasks: readonly Task[], isSelected: boolean): void;
  onEdit(task: Task): void;
}

function About({ task }: { task: Task }) {
  if (task.customer_id !== null) return <><Icon name="customers" size={14} /> <RecordLink kind="customers" id={task.customer_id} /></>;
  if (task.lead_id !== null) return <><Icon name="leads" size={14} /> <RecordLink kind="leads" id={task.lead_id} /></>;
  return task.project_id === null ? null : <><Icon name="projects" size={14} /> <RecordLink kind="projects" id={task.project_id} /></>;
}

function useNames(): Record<Group, string> {
  const { t } = useLingui();
  return { overdue: t`Overdue`, today: t`Today`, week: t`This week`, later: t`Later`, none: t`No date`, done: t`Done` };
}

/** The tasks that are due at about the same time; nothing where there are none. */
export function TaskGroup({ group, now, query, isOpen, onToggle, selection, onSelect, onEdit }: TaskGroupProps) {
  const { t } = useLingui();
  const name = useNames()[group];
  const id = useId();
  const whole = { ...query, ...queryOf(group, now) };
  const { data: count } = useCount("tasks", whole);
  const { rows, isPending, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useList("tasks", { ...whole, limit: 50 }, { enabled: isOpen });
  const status = group === "done" ? "done" : "open";
  // What has been ticked off is in another group, though its list is not here yet.
  const shown = rows.filter((task) => task.status === status);
  if (count === 0 && shown.length === 0) return null;
  const isWholeSelected = selection !== null && shown.length > 0 && shown.every((task) => selection.has(task.id));
  return (
    <section className={`task-group ${group}`} aria-labelledby={id}>
      <div className="task-group-head">
        <h2 id={id}>
          <button type="button" className="task-group-toggle" aria-expanded={isOpen} onClick={onToggle}>
            <Icon name={isOpen ? "down" : "right"} size={16} />
            {name}
            {count !== undefined && <span className="task-count numeric">{formatNumber(count)}</span>}
          </button>
        </h2>
        {selection !== null && isOpen && shown.length > 0 && (
          <Button size="small" variant="ghost" onClick={() => onSelect(shown, !isWholeSelected)}>
            {isWholeSelected ? t`Select none` : t`Select all`}
            <span className="visually-hidden">: {name}</span>
          </Button>
        )}
      </div>
      {isOpen && (
        <>
          {isPending && !error && <Loading lines={3} />}
          {error && shown.length === 0 && <ErrorState error={error} onRetry={() => void refetch()} />}
          <ul className="tasks">
            {shown.map((task) => (
              <TaskRow key={task.id} task={task} about={<About task={task} />} onEdit={onEdit} isSelected={selection?.has(task.id)} onSelect={(one) => onSelect([one], !selection?.has(one.id))} />
            ))}
          </ul>
          <LoadMore hasMore={hasNextPage} isLoading={isFetchingNextPage} onLoad={() => void fetchNextPage()} />
        </>
      )}
    </section>
  );
}
