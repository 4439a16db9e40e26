import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { useForm } from "react-hook-form";

import { cache, keys, service } from "../../data";
import { Field, FormPanel } from "../../forms";
import { Button, ConfirmDialog, DateField, Icon, Select, SidePanel, TextField } from "../../kit";
import { Copyable } from "./parts";
import { type Role, useRoleChoices, useRoleTexts } from "./roles";

type Life = "30" | "90" | "365" | "day" | "never";

interface Values {
  name: string;
  role: Role;
  life: Life;
  expires_at: string | null;
}


/** When a key ends that is made now. */
export function endOf(life: Life, chosen: string | null, now = new Date()): string | null {
  if (life === "never") return null;
  if (life === "day") return chosen;
  return new Date(now.getTime() + Number(life) * 86_400_000).toISOString();
}

/** Makes a key, and shows it this once. */
export function NewKeyPanel({ onClose }: { onClose(): void }) {
  const { t } = useLingui();
  const texts = useRoleTexts();
  const choices = useRoleChoices();
  const form = useForm<Values>({ defaultValues: { name: "", role: "viewer", life: "90", expires_at: null } });
  const [made, setMade] = useState<{ name: string; key: string | null } | null>(null);
  const [isAsking, setAsking] = useState(false);
  const { role, life } = form.watch();
  const save = async ({ name, role: chosen, life: lasting, expires_at: day }: Values): Promise<void> => {
    const input = { name: name.trim(), role: chosen, expires_at: endOf(lasting, day) };
    // Under a key of its own each time: an answer that is given again has no key in it.
    setMade(await service().createApiKey(input, crypto.randomUUID()));
    await cache.invalidateQueries({ queryKey: keys.apiKeys });
  };
  const lives: readonly { value: Life; label: string }[] = [
    { value: "30", label: t`In 30 days` },
    { value: "90", label: t`In 90 days` },
    { value: "365", label: t`In a year` },
    { value: "day", label: t`At a time of your choice` },
    { value: "never", label: t`Never` },
  ];

  if (made) {
    return (
      <SidePanel title={t`Your new key`} onClose={() => setAsking(true)} footer={<Button variant="primary" onClick={onClose}>{t`I have kept it`}</Button>}>
        <p className="notice">
          <Icon name="warning" /> {t`This is the only time that the key “${made.name}” is shown. Copy it to where your program keeps its secrets.`}
        </p>
        {made.key !== null && <Copyable text={made.key} label={t`Copy the key`} />}
        <p className="muted">{t`Programs send it with each request:`}</p>
        <code className="code">{"Authorization: Bearer …"}</code>
        {isAsking && (
          <ConfirmDialog title={t`Have you kept the key?`} action={t`Close`} onConfirm={onClose} onClose={() => setAsking(false)}>
            {t`It cannot be shown again.`}
          </ConfirmDialog>
        )}
      </SidePanel>
    );
  }
  return (
    <FormPanel title={t`New key`} form={form} action={t`Make the key`} onSave={save} onClose={onClose}>
      <Field form={form} name="name" rules={{ required: t`Say what the key is for` }}>
        {(field) => <TextField label={t`What it is for`} placeholder={t`Website form`} isRequired hasAutoFocus maxLength={200} {...field} />}
      </Field>
      <Field form={form} name="role">{(field) => <Select label={t`Role`} choices={choices} description={texts[role]} {...field} />}</Field>
      <Field form={form} name="life">{(field) => <Select label={t`Expires`} choices={lives} {...field} />}</Field>
      {life === "day" && (
        <Field form={form} name="expires_at" rules={{ validate: (value) => value !== null || t`Choose when it expires` }}>
          {(field) => <DateField label={t`Expires at`} hasTime isRequired {...field} />}
        </Field>
      )}
    </FormPanel>
  );
}
