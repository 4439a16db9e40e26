import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";

import { type PatchOf, type Task, refresh, service, useCan, usePeople } from "../../data";
import { doEach } from "../../data/bulk";
import { titleOf } from "../../format";
import { Button, Icon, Menu, toast } from "../../kit";

/** What can be done with all the tasks that are chosen. */
export function BulkBar({ selected, onDone, onCancel }: { selected: ReadonlyMap<string, Task>; onDone(): void; onCancel(): void }) {
  const { t } = useLingui();
  const can = useCan();
  const people = usePeople();
  const tasks = [...selected.values()];
  const count = (number: number): string => plural(number, { one: "# task", other: "# tasks" });

  /** Does something to all of them, and offers to undo it. */
  const run = async (act: (task: Task) => Promise<unknown>, undo: (task: Task) => Promise<unknown>, said: (done: string) => string): Promise<void> => {
    const { done, failed } = await doEach(tasks, async (task) => {
      await act(task);
      return task;
    });
    refresh("tasks");
    onDone();
    const takeBack = async (): Promise<void> => {
      const { failed: left } = await doEach(done, undo);
      refresh("tasks");
      if (left.length > 0) toast(t`${count(left.length)} could not be brought back`, { tone: "danger" });
    };
    if (done.length > 0) toast(said(count(done.length)), { action: { label: t`Undo`, act: () => void takeBack() } });
    if (failed.length > 0) toast(t`${count(failed.length)} could not be changed`, { tone: "danger" });
  };
  const change = (patch: PatchOf<"tasks">, before: (task: Task) => PatchOf<"tasks">, said: (done: string) => string): void =>
    void run((task) => service().tasks.update(task.id, patch), (task) => service().tasks.update(task.id, before(task)), said);
  const assign = (id: string | null, name: string): void => change({ assignee_id: id }, (task) => ({ assignee_id: task.assignee_id }), (done) => t`${done} assigned to ${name}`);

  const isNone = tasks.length === 0;
  const active = [...people.values()].filter(({ is_active: isActive }) => isActive);
  return (
    <div className="toolbar task-bulk" role="group" aria-label={t`Chosen tasks`}>
      <strong role="status">{isNone ? t`Choose tasks` : t`${count(tasks.length)} chosen`}</strong>
      <Button icon="check" variant="primary" disabled={isNone} onClick={() => change({ status: "done" }, (task) => ({ status: task.status }), (done) => t`${done} done`)}>
        {t`Mark as done`}
      </Button>
      {!isNone && (
        <Menu
          label={t`Assign to`}
          variant="secondary"
          items={[{ id: "", label: t`Nobody`, act: () => assign(null, t`nobody`) }, ...active.map((user) => ({ id: user.id, label: titleOf(user), act: () => assign(user.id, titleOf(user)) }))]}
        >
          {t`Assign to`}
          <Icon name="down" size={14} />
        </Menu>
      )}
      {can("delete:tasks") && (
        <Button icon="trash" disabled={isNone} onClick={() => void run((task) => service().tasks.delete(task.id), (task) => service().tasks.restore(task.id), (done) => t`${done} deleted`)}>
          {t`Delete`}
        </Button>
      )}
      <Button variant="ghost" onClick={onCancel}>
        {t`Cancel`}
      </Button>
    </div>
  );
}
