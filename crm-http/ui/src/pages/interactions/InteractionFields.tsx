import { useLingui } from "@lingui/react/macro";
import type { UseFormReturn } from "react-hook-form";

import type { Interaction, InteractionInput } from "../../data";
import { Field } from "../../forms";
import { useLabels } from "../../format/labels";
import { DateField, Icon, TextArea, TextField } from "../../kit";
import { Segments } from "./Segments";

export type InteractionType = Interaction["type"];
export const TYPES: readonly InteractionType[] = ["note", "email", "phone", "meeting"];

export interface InteractionValues {
  type: InteractionType;
  subject: string;
  description: string;
  occurred_at: string | null;
}

export const valuesOf = ({ type, subject, description, occurred_at: at }: Partial<Interaction>): InteractionValues => ({
  type: type ?? "note",
  subject: subject ?? "",
  description: description ?? "",
  occurred_at: at ?? new Date().toISOString(),
});

/** What the service takes: no text is nothing. A time that nobody chose is left to it, which knows the seconds too. */
export function inputOf({ type, subject, description, occurred_at: at }: InteractionValues, isTimeChosen: boolean): Omit<InteractionInput, "customer_id" | "lead_id"> {
  const textOf = (text: string): string | null => (text.trim() === "" ? null : text.trim());
  return { type, subject: textOf(subject), description: textOf(description), ...(isTimeChosen && at !== null && { occurred_at: at }) };
}

/** The types to choose from, with their icons. */
export function TypeField({ value, onChange }: { value: InteractionType; onChange(type: InteractionType): void }) {
  const { t } = useLingui();
  const labels = useLabels();
  const segments = TYPES.map((type) => ({
    value: type,
    label: (
      <>
        <Icon name={type} size={16} /> {labels.value(type)}
      </>
    ),
  }));
  return <Segments label={t`Type`} value={value} onChange={onChange} segments={segments} />;
}

/** Everything that an interaction is filled in with. */
export function InteractionFields<V extends InteractionValues>({ form: given, rows = 6 }: { form: UseFormReturn<V>; rows?: number }) {
  const { t } = useLingui();
  const labels = useLabels();
  const form = given as unknown as UseFormReturn<InteractionValues>;
  const isSaying = (): string | true => {
    const { subject, description } = form.getValues();
    return subject.trim() === "" && description.trim() === "" ? t`Write what it was about.` : true;
  };
  return (
    <>
      <Field form={form} name="type">
        {({ value, onChange }) => <TypeField value={value} onChange={onChange} />}
      </Field>
      <Field form={form} name="subject" rules={{ validate: isSaying }}>
        {(field) => <TextField label={labels.field("subject")} maxLength={300} hasAutoFocus {...field} />}
      </Field>
      <Field form={form} name="description">
        {(field) => <TextArea label={labels.field("description")} rows={rows} maxLength={20_000} {...field} />}
      </Field>
      <Field form={form} name="occurred_at">
        {(field) => <DateField label={labels.field("occurred_at")} hasTime {...field} />}
      </Field>
    </>
  );
}
