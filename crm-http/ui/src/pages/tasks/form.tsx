import { useLingui } from "@lingui/react/macro";
import { useForm } from "react-hook-form";

import { useCreate, useMe } from "../../data";
import { type CreatePanelProps, Form } from "../../forms";
import { Button, SidePanel } from "../../kit";
import { TaskFields, type TaskValues, inputOf, valuesOf } from "./TaskFields";

const FORM = "create-task";

export default function CreateTask({ defaults, onClose, onCreated }: CreatePanelProps<"tasks">) {
  const { t } = useLingui();
  const { user } = useMe();
  const create = useCreate("tasks");
  const form = useForm<TaskValues>({ defaultValues: valuesOf({ assignee_id: user.id, ...defaults }) });
  const save = async (values: TaskValues): Promise<void> => onCreated(await create.mutateAsync(inputOf(values)));
  return (
    <SidePanel
      title={t`New task`}
      onClose={onClose}
      isDirty={form.formState.isDirty}
      footer={
        <>
          <Button onClick={onClose}>{t`Cancel`}</Button>
          <Button type="submit" form={FORM} variant="primary" isBusy={form.formState.isSubmitting}>
            {t`Create task`}
          </Button>
        </>
      }
    >
      <Form id={FORM} form={form} onSave={save}>
        <TaskFields form={form} />
      </Form>
    </SidePanel>
  );
}
