import { useLingui } from "@lingui/react/macro";
import { useForm } from "react-hook-form";

import { useCreate, useMe } from "../../data";
import { type CreatePanelProps, FormPanel } from "../../forms";
import { TaskFields, type TaskValues, inputOf, valuesOf } from "./TaskFields";


export default function CreateTask({ defaults, onClose, onCreated }: CreatePanelProps<"tasks">) {
  const { t } = useLingui();
  const { user } = useMe();
  const create = useCreate("tasks");
  const form = useForm<TaskValues>({ defaultValues: valuesOf({ assignee_id: user.id, ...defaults }) });
  const save = async (values: TaskValues): Promise<void> => onCreated(await create.mutateAsync(inputOf(values)));
  return (
    <FormPanel title={t`New task`} form={form} action={t`Create task`} onSave={save} onClose={onClose}>
      <TaskFields form={form} />
    </FormPanel>
  );
}
