import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { type UseFormReturn, useWatch } from "react-hook-form";

import type { InputOf, Task } from "../../data";
import { Field } from "../../forms";
import { useLabels } from "../../format/labels";
import { DateField, RecordField, Select, TextArea } from "../../kit";

type SubjectField = "customer_id" | "lead_id" | "project_id";
const SUBJECTS = { customer_id: "customers", lead_id: "leads", project_id: "projects" } as const;

export interface TaskValues {
  title: string;
  priority: Task["priority"];
  due_at: string | null;
  assignee_id: string | null;
  customer_id: string | null;
  lead_id: string | null;
  project_id: string | null;
}

type Known = { [F in keyof TaskValues]?: TaskValues[F] | null | undefined };

/** What a form begins with. */
export const valuesOf = (task: Known): TaskValues => ({
  title: task.title ?? "",
  priority: task.priority ?? "normal",
  due_at: task.due_at ?? null,
  assignee_id: task.assignee_id ?? null,
  customer_id: task.customer_id ?? null,
  lead_id: task.lead_id ?? null,
  project_id: task.project_id ?? null,
});

/** What a form says, as the service takes it. */
export const inputOf = (values: TaskValues): InputOf<"tasks"> => ({ ...values, title: values.title.trim() });

/** One of a customer, a lead and a project: what is chosen of one kind takes the others out. */
function SubjectFields({ form }: { form: UseFormReturn<TaskValues> }) {
  const { t } = useLingui();
  const labels = useLabels();
  const fields = Object.keys(SUBJECTS) as SubjectField[];
  const [picked, choose] = useState<SubjectField | "">("");
  const values = useWatch({ control: form.control, name: fields });
  const chosen = fields.find((_, index) => values[index] !== null) ?? picked;
  const change = (field: SubjectField | ""): void => {
    for (const other of fields) if (other !== field) form.setValue(other, null, { shouldDirty: true });
    choose(field);
  };
  return (
    <div className="form-row">
      <Select
        label={t`About`}
        value={chosen}
        onChange={change}
        choices={[{ value: "", label: t`Nothing in particular` }, ...fields.map((field) => ({ value: field, label: labels.field(field) }))]}
      />
      {chosen !== "" && (
        <Field key={chosen} form={form} name={chosen}>
          {(field) => <RecordField label={labels.field(chosen)} kind={SUBJECTS[chosen]} {...field} />}
        </Field>
      )}
    </div>
  );
}

/** Everything that can be said of a task. */
export function TaskFields({ form }: { form: UseFormReturn<TaskValues> }) {
  const { t } = useLingui();
  return (
    <>
      <Field form={form} name="title" rules={{ validate: (value) => (String(value).trim() === "" ? t`Write what is to be done.` : true) }}>
        {(field) => <TextArea label={t`What is to be done`} isRequired hasAutoFocus rows={2} maxLength={300} {...field} />}
      </Field>
      <div className="form-row">
        <Field form={form} name="due_at">
          {(field) => <DateField label={t`Due`} hasTime {...field} />}
        </Field>
        <Field form={form} name="priority">
          {(field) => (
            <Select
              label={t`Priority`}
              choices={[
                { value: "high", label: t`High` },
                { value: "normal", label: t`Normal` },
                { value: "low", label: t`Low` },
              ]}
              {...field}
            />
          )}
        </Field>
      </div>
      <Field form={form} name="assignee_id">
        {(field) => <RecordField label={t`Assigned to`} kind="users" {...field} />}
      </Field>
      <SubjectFields form={form} />
    </>
  );
}
