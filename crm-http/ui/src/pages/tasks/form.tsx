import { useLingui } from "@lingui/react/macro";
import { useForm } from "react-hook-form";

import { useCreate } from "../../data";
import { type CreatePanelProps, Field, Form } from "../../forms";
import { Button, RecordField, SidePanel, TextField } from "../../kit";

interface Values {
  title: string;
  customer_id: string | null;
}

const FORM = "create-task";

export default function CreateTask({ defaults, onClose, onCreated }: CreatePanelProps<"tasks">) {
  const { t } = useLingui();
  const create = useCreate("tasks");
  const form = useForm<Values>({ defaultValues: { title: defaults.title ?? "", customer_id: defaults.customer_id ?? null } });
  const save = async (values: Values): Promise<void> => onCreated(await create.mutateAsync(values));
  return (
    <SidePanel
      title={t`New task`}
      onClose={onClose}
      isDirty={form.formState.isDirty}
      footer={
        <>
          <Button onClick={onClose}>{t`Cancel`}</Button>
          <Button type="submit" form={FORM} variant="primary" isBusy={form.formState.isSubmitting}>
            {t`Create`}
          </Button>
        </>
      }
    >
      <Form id={FORM} form={form} onSave={save}>
        <Field form={form} name="title">
          {(field) => <TextField label={t`Title`} isRequired hasAutoFocus {...field} />}
        </Field>
        <Field form={form} name="customer_id">
          {(field) => <RecordField label={t`Customer`} kind="customers" {...field} />}
        </Field>
      </Form>
    </SidePanel>
  );
}
