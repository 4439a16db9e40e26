import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";

import { type PatchOf, type Task, isStale, refresh, service, useCan, usePeople } from "../../data";
import { doEach } from "../../data/bulk";
import { etagOf } from "../../data/service";
import { titleOf } from "../../format";
import { reasonOf } from "../../format/faults";
import { Button, Icon, Menu, toast } from "../../kit";

/** Titles that are told of at once. */
const TOLD = 3;

/** Does something to a task as it is by now, which is what undoing goes back to; it may have changed since it was chosen. */
async function asItIs<R>(chosen: Task, act: (task: Task) => Promise<R>): Promise<R> {
  try {
    return await act(chosen);
  } catch (error) {
    if (!isStale(error)) throw error;
    return act(await service().tasks.get(chosen.id));
  }
}

/** What can be done with all the tasks that are chosen. */
export function BulkBar({ selected, onDone, onCancel }: { selected: ReadonlyMap<string, Task>; onDone(): void; onCancel(): void }) {
  const { t } = useLingui();
  const can = useCan();
  const people = usePeople();
  const tasks = [...selected.values()];
  const named = (some: readonly Task[]): string => {
    const titles = some.slice(0, TOLD).map(({ title }) => t`“${title}”`);
    const more = some.length - titles.length;
    return [...titles, ...(more > 0 ? [plural(more, { one: "and # more", other: "and # more" })] : [])].join(", ");
  };
  const count = (number: number): string => plural(number, { one: "# task", other: "# tasks" });

  /** Does something to all of them, and offers to undo it for those that nobody else has changed since. */
  const run = async <R extends { task: Task }>(act: (task: Task) => Promise<R>, undo: (done: R) => Promise<unknown>, said: (done: string) => string): Promise<void> => {
    const { done, failed } = await doEach(tasks, act);
    refresh("tasks");
    onDone();
    const takeBack = async (): Promise<void> => {
      const { failed: left } = await doEach(done, undo);
      refresh("tasks");
      const changed = left.filter(({ error }) => isStale(error));
      const refused = left.filter(({ error }) => !isStale(error));
      if (left.length === 0) toast(t`Undone`);
      if (changed.length > 0) toast(t`Changed by somebody else since, and left as they are: ${named(changed.map(({ item }) => item.task))}`, { tone: "danger" });
      if (refused[0]) toast(t`Not undone: ${named(refused.map(({ item }) => item.task))} (${reasonOf(refused[0].error)})`, { tone: "danger" });
    };
    if (done.length > 0) toast(said(count(done.length)), { action: { label: t`Undo`, act: () => void takeBack() } });
    if (failed[0]) toast(t`Not changed: ${named(failed.map(({ item }) => item))} (${reasonOf(failed[0].error)})`, { tone: "danger" });
  };
  const change = (patch: PatchOf<"tasks">, before: (task: Task) => PatchOf<"tasks">, said: (done: string) => string): void =>
    void run(
      (chosen) => asItIs(chosen, async (task) => ({ task, now: await service().tasks.update(task.id, patch, { ifMatch: etagOf(task) }) })),
      ({ task, now }) => service().tasks.update(task.id, before(task), { ifMatch: etagOf(now) }),
      said,
    );
  const remove = async (task: Task): Promise<{ task: Task }> => {
    await service().tasks.delete(task.id);
    return { task };
  };
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
        <Button icon="trash" disabled={isNone} onClick={() => void run(remove, ({ task }) => service().tasks.restore(task.id), (done) => t`${done} deleted`)}>
          {t`Delete`}
        </Button>
      )}
      <Button variant="ghost" onClick={onCancel}>
        {t`Cancel`}
      </Button>
    </div>
  );
}
