import { useLingui } from "@lingui/react/macro";

import { type Task, useCan } from "../../data";
import { EditPanel } from "../../forms";
import { Button } from "../../kit";
import { TaskFields, type TaskValues, inputOf, valuesOf } from "./TaskFields";
import { useDelete } from "./ticking";

/** A time that was not touched is left out. */
function changedOf(values: TaskValues, isTouched: (field: keyof TaskValues) => boolean): object {
  const { due_at: due, ...rest } = inputOf(values);
  return isTouched("due_at") ? { ...rest, due_at: due } : rest;
}

export default function EditTask({ task, onClose }: { task: Task; onClose(): void }) {
  const { t } = useLingui();
  const can = useCan();
  const remove = useDelete();
  const others = can("delete:tasks") && (
    <Button
      variant="ghost"
      icon="trash"
      onClick={() => {
        remove(task);
        onClose();
      }}
    >
      {t`Delete`}
    </Button>
  );
  return (
    <EditPanel kind="tasks" record={task} title={t`Edit task`} valuesOf={valuesOf} inputOf={changedOf} said={({ title }) => t`Saved: ${title}`} others={others} onClose={onClose}>
      {(form) => <TaskFields form={form} />}
    </EditPanel>
  );
}
