import { useLingui } from "@lingui/react/macro";
import type { UseFormReturn } from "react-hook-form";

import { usePipeline } from "../../data";
import { Field } from "../../forms";
import { DateField, MoneyField, RecordField, Select, TextArea, TextField } from "../../kit";
import { TagsField } from "../../kit/TagsField";
import type { LeadValues } from "./values";

/** Everything that can be said of a lead. */
export function LeadFields({ form }: { form: UseFormReturn<LeadValues> }) {
  const { t } = useLingui();
  const { stages } = usePipeline();
  return (
    <>
      <div className="form-row">
        <Field form={form} name="company">
          {(field) => <TextField label={t`Company`} hasAutoFocus maxLength={200} {...field} />}
        </Field>
        <Field form={form} name="name">
          {(field) => <TextField label={t`Contact`} maxLength={200} {...field} />}
        </Field>
      </div>
      <div className="form-row">
        <Field form={form} name="email">
          {(field) => <TextField label={t`E-mail`} type="email" inputMode="email" {...field} />}
        </Field>
        <Field form={form} name="phone">
          {(field) => <TextField label={t`Phone`} type="tel" inputMode="tel" {...field} />}
        </Field>
      </div>
      <div className="form-row">
        <Field form={form} name="value">
          {(field) => <MoneyField label={t`Value`} {...field} />}
        </Field>
        <Field form={form} name="expected_close">
          {(field) => <DateField label={t`Expected close`} {...field} />}
        </Field>
      </div>
      <div className="form-row">
        <Field form={form} name="stage">
          {(field) => <Select label={t`Stage`} choices={stages.map(({ key, name }) => ({ value: key, label: name }))} {...field} />}
        </Field>
        <Field form={form} name="source">
          {(field) => <TextField label={t`Source`} placeholder={t`Website, referral, trade fair…`} maxLength={100} {...field} />}
        </Field>
      </div>
      <div className="form-row">
        <Field form={form} name="owner_id">
          {(field) => <RecordField label={t`Owner`} kind="users" {...field} />}
        </Field>
        <Field form={form} name="customer_id">
          {(field) => <RecordField label={t`Customer`} kind="customers" {...field} />}
        </Field>
      </div>
      <Field form={form} name="tags">
        {(field) => <TagsField label={t`Tags`} description={t`Enter or a comma ends each.`} {...field} />}
      </Field>
      <Field form={form} name="notes">
        {(field) => <TextArea label={t`Notes`} maxLength={10_000} {...field} />}
      </Field>
      <Field form={form} name="external_id">
        {(field) => <TextField label={t`External id`} description={t`Its id in another system.`} maxLength={200} {...field} />}
      </Field>
    </>
  );
}
