import { useLingui } from "@lingui/react/macro";
import type { UseFormReturn } from "react-hook-form";

import { Field } from "../../forms";
import { useLabels } from "../../format/labels";
import { DateField, MoneyField, RecordField, Select, TextArea, TextField } from "../../kit";
import { type ProjectValues, STATUSES } from "./values";

/** Everything that can be said of a project. */
export function ProjectFields({ form }: { form: UseFormReturn<ProjectValues> }) {
  const { t } = useLingui();
  const labels = useLabels();
  return (
    <>
      <Field form={form} name="name" rules={{ validate: (value) => (String(value).trim() === "" ? t`Give the project a name.` : true) }}>
        {(field) => <TextField label={t`Name`} isRequired hasAutoFocus maxLength={200} {...field} />}
      </Field>
      <div className="form-row">
        <Field form={form} name="customer_id">
          {(field) => <RecordField label={t`Customer`} kind="customers" {...field} />}
        </Field>
        <Field form={form} name="status">
          {(field) => <Select label={t`Status`} choices={STATUSES.map((status) => ({ value: status, label: labels.value(status) }))} {...field} />}
        </Field>
      </div>
      <div className="form-row">
        <Field form={form} name="starts_on">
          {(field) => <DateField label={t`Start`} {...field} />}
        </Field>
        <Field form={form} name="due_on">
          {(field) => <DateField label={t`Due`} {...field} />}
        </Field>
      </div>
      <Field form={form} name="budget">
        {(field) => <MoneyField label={t`Budget`} {...field} />}
      </Field>
      <Field form={form} name="description">
        {(field) => <TextArea label={t`Description`} rows={6} maxLength={20_000} {...field} />}
      </Field>
    </>
  );
}
