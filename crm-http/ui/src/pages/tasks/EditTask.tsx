import { useLingui } from "@lingui/react/macro";
import { useMemo } from "react";
import { useForm } from "react-hook-form";

import { type Task, patchOf, useCan, useEditing, useUpdate } from "../../data";
import { Form } from "../../forms";
import { Button, SidePanel, toast } from "../../kit";
import { TaskFields, type TaskValues, inputOf, valuesOf } from "./TaskFields";
import { useDelete } from "./ticking";

const FORM = "edit-task";

export default function EditTask({ task, onClose }: { task: Task; onClose(): void }) {
  const { t } = useLingui();
  const can = useCan();
  const update = useUpdate("tasks");
  const remove = useDelete();
  const { base, newer, takeNewer } = useEditing("tasks", task);
  const values = useMemo(() => valuesOf(base), [base]);
  const form = useForm<TaskValues>({ values, resetOptions: { keepDirtyValues: true } });
  const save = async (edited: TaskValues): Promise<void> => {
    // A time is edited by the minute: one that was not touched keeps its seconds.
    const { due_at: due, ...rest } = inputOf(edited);
    const patch = patchOf<object>(base, form.formState.dirtyFields.due_at ? { ...rest, due_at: due } : rest);
    if (Object.keys(patch).length > 0) {
      await update.mutateAsync({ record: base, patch });
      toast(t`Saved: ${edited.title}`, { tone: "success" });
    }
    onClose();
  };
  return (
    <SidePanel
      title={t`Edit task`}
      onClose={onClose}
      isDirty={form.formState.isDirty}
      footer={
        <>
          {can("delete:tasks") && (
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
          )}
          <Button onClick={onClose}>{t`Cancel`}</Button>
          <Button type="submit" form={FORM} variant="primary" isBusy={form.formState.isSubmitting}>
            {t`Save`}
          </Button>
        </>
      }
    >
      {newer && (
        <p className="form-notice" role="status">
          {t`Somebody else has changed this task meanwhile.`}
          <Button size="small" onClick={takeNewer}>
            {t`Show the changes`}
          </Button>
        </p>
      )}
      <Form id={FORM} form={form} onSave={save}>
        <TaskFields form={form} />
      </Form>
    </SidePanel>
  );
}
