import { useLingui } from "@lingui/react/macro";
import { useForm } from "react-hook-form";

import { type Contact, patchOf, useCreate, useUpdate } from "../../data";
import { Field, FormPanel } from "../../forms";
import { useLabels } from "../../format/labels";
import { Checkbox, TextField, toast } from "../../kit";

interface Values {
  name: string;
  title: string;
  email: string;
  phone: string;
  is_primary: boolean;
}
const textOf = (text: string): string | null => (text.trim() === "" ? null : text.trim());

/** Makes or changes somebody at a customer. */
export default function ContactPanel({ customerId, contact, onClose }: { customerId: string; contact: Contact | null; onClose(): void }) {
  const { t } = useLingui();
  const labels = useLabels();
  const create = useCreate("contacts");
  const update = useUpdate("contacts");
  const form = useForm<Values>({
    defaultValues: { name: contact?.name ?? "", title: contact?.title ?? "", email: contact?.email ?? "", phone: contact?.phone ?? "", is_primary: contact?.is_primary ?? false },
  });
  const save = async ({ name, title, email, phone, is_primary }: Values): Promise<void> => {
    const input = { name: name.trim(), title: textOf(title), email: textOf(email), phone: textOf(phone), is_primary };
    if (contact) {
      const patch = patchOf(contact, input);
      if (Object.keys(patch).length > 0) await update.mutateAsync({ record: contact, patch });
    } else await create.mutateAsync({ customer_id: customerId, ...input });
    toast(t`Saved`, { tone: "success" });
    onClose();
  };
  return (
    <FormPanel title={contact ? t`Edit ${contact.name}` : t`New contact`} form={form} action={t`Save`} onSave={save} onClose={onClose}>
      <Field form={form} name="name" rules={{ validate: (value) => (String(value).trim() === "" ? t`Fill in a name.` : true) }}>
        {(field) => <TextField label={labels.field("name")} isRequired hasAutoFocus {...field} />}
      </Field>
      <Field form={form} name="title">{(field) => <TextField label={t`Role or title`} {...field} />}</Field>
      <Field form={form} name="email">{(field) => <TextField label={labels.field("email")} type="email" {...field} />}</Field>
      <Field form={form} name="phone">{(field) => <TextField label={labels.field("phone")} type="tel" {...field} />}</Field>
      <Field form={form} name="is_primary">
        {(field) => <Checkbox label={labels.field("is_primary")} description={t`There is one: whoever was it before is it no longer.`} {...field} />}
      </Field>
    </FormPanel>
  );
}
