import { useLingui } from "@lingui/react/macro";

import { type Task, Yielded, useRemove, useRestore, useUpdate } from "../../data";
import { announce, toast } from "../../kit";

/** Gives a function that ticks a task off or opens it again: shown at once, and undone by a button. */
export function useTick(): (task: Task) => void {
  const { t } = useLingui();
  const update = useUpdate("tasks");
  const set = async (task: Task, status: Task["status"]): Promise<void> => {
    try {
      const changed = await update.mutateAsync({ record: task, patch: { status } });
      const said = status === "done" ? t`Done: ${task.title}` : t`Open again: ${task.title}`;
      toast(said, { about: task.id, action: { label: t`Undo`, act: () => void set(changed, task.status) } });
      announce(said);
    } catch (error) {
      if (!(error instanceof Yielded)) toast(t`“${task.title}” could not be changed`, { tone: "danger" });
    }
  };
  return (task) => void set(task, task.status === "open" ? "done" : "open");
}

/** Gives a function that deletes a task, which can be undone. */
export function useDelete(): (task: Task) => void {
  const { t } = useLingui();
  const remove = useRemove("tasks");
  const restore = useRestore("tasks");
  const refuse = () => toast(t`The server refused that. Nothing was changed.`, { tone: "danger" });
  return (task) =>
    void remove.mutateAsync(task.id).then(
      () => toast(t`Deleted: ${task.title}`, { action: { label: t`Undo`, act: () => void restore.mutateAsync(task.id).catch(refuse) } }),
      refuse,
    );
}
