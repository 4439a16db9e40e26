import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";

import { type Task, useCan, usePeople } from "../../data";
import { formatDateTime, formatRelative, titleOf } from "../../format";
import { Avatar, Badge, Icon, Menu, type MenuItem, classes } from "../../kit";
import { useDelete, useTick } from "./ticking";

interface TaskRowProps {
  task: Task;
  /** What it is about, where that is not known anyway. */
  about?: ReactNode;
  onEdit(task: Task): void;
  /** Whether it is among those that are chosen; undefined while none are to be. */
  isSelected?: boolean | undefined;
  onSelect?: ((task: Task) => void) | undefined;
}

export function TaskRow({ task, about, onEdit, isSelected, onSelect }: TaskRowProps) {
  const { t } = useLingui();
  const can = useCan();
  const people = usePeople();
  const tick = useTick();
  const remove = useDelete();
  const isDone = task.status === "done";
  const isSelecting = isSelected !== undefined;
  const isLate = !isDone && task.due_at !== null && task.due_at < new Date().toISOString();
  const assignee = people.get(task.assignee_id ?? "");
  const items: MenuItem[] = [
    ...(can("update:tasks") ? [{ id: "edit", label: t`Edit`, icon: "edit" as const, act: () => onEdit(task) }] : []),
    ...(can("delete:tasks") ? [{ id: "delete", label: t`Delete`, icon: "trash" as const, isDanger: true, act: () => remove(task) }] : []),
  ];
  return (
    <li className={classes("task", isDone && "is-done", isSelected && "is-selected")} data-task={task.id}>
      <label className="task-check">
        <input
          type="checkbox"
          className={isSelecting ? "" : "task-tick"}
          aria-label={isSelecting ? t`Select: ${task.title}` : t`Done: ${task.title}`}
          checked={isSelecting ? isSelected : isDone}
          disabled={!can("update:tasks")}
          onChange={() => (isSelecting ? onSelect?.(task) : tick(task))}
        />
      </label>
      <div className="task-main">
        {can("update:tasks") ? (
          <button type="button" className="task-title" onClick={() => onEdit(task)}>
            {task.title}
          </button>
        ) : (
          <span className="task-title" tabIndex={-1}>{task.title}</span>
        )}
        {about && <span className="task-about">{about}</span>}
      </div>
      <div className="task-facts">
        {task.priority !== "normal" && !isDone && <Badge tone={task.priority === "high" ? "danger" : "neutral"}>{task.priority === "high" ? t`High` : t`Low`}</Badge>}
        {task.due_at !== null && (
          <time dateTime={task.due_at} title={formatDateTime(task.due_at)} className={classes("task-due", isLate ? "is-late" : "muted")}>
            {isLate && <Icon name="warning" size={14} />}
            {isLate && <span className="visually-hidden">{t`overdue since`} </span>}
            {formatRelative(task.due_at)}
          </time>
        )}
        {assignee && (
          <span title={titleOf(assignee)} className="task-assignee">
            <Avatar name={titleOf(assignee)} size="small" />
            <span className="visually-hidden">{t`Assigned to ${titleOf(assignee)}`}</span>
          </span>
        )}
        {items.length > 0 && <Menu label={t`Actions for ${task.title}`} items={items} />}
      </div>
    </li>
  );
}
