import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { useForm } from "react-hook-form";

import { type User, useCreate } from "../../data";
import { EditPanel, Field, FormPanel } from "../../forms";
import { titleOf } from "../../format";
import { Button, Select, SidePanel, TextField } from "../../kit";
import { Invitation } from "./Invitation";
import { type Role, useRoleChoices, useRoleTexts } from "./roles";

interface Values {
  email: string;
  name: string;
  role: Role;
}


/** Makes somebody a user, or changes who they are. */
export function PersonPanel({ user, onClose }: { user: User | null; onClose(): void }) {
  return user ? <EditPerson user={user} onClose={onClose} /> : <NewPerson onClose={onClose} />;
}

function NewPerson({ onClose }: { onClose(): void }) {
  const { t } = useLingui();
  const create = useCreate("users");
  const texts = useRoleTexts();
  const choices = useRoleChoices();
  const [made, setMade] = useState<User | null>(null);
  const form = useForm<Values>({ defaultValues: { email: "", name: "", role: "member" } });
  const save = async ({ email, name, role }: Values): Promise<void> => setMade(await create.mutateAsync({ email: email.trim(), name: name.trim() === "" ? null : name.trim(), role }));
  const role = form.watch("role");

  if (made) {
    return (
      <SidePanel title={t`${titleOf(made)} is added`} onClose={onClose} footer={<Button variant="primary" onClick={onClose}>{t`Close`}</Button>}>
        <Invitation user={made} />
      </SidePanel>
    );
  }
  return (
    <FormPanel title={t`Add a person`} form={form} action={t`Add`} onSave={save} onClose={onClose}>
      <Field form={form} name="email" rules={{ required: t`Enter an e-mail address` }}>
        {(field) => <TextField label={t`E-mail`} type="email" inputMode="email" isRequired hasAutoFocus description={t`They sign in with it.`} {...field} />}
      </Field>
      <Field form={form} name="name">{(field) => <TextField label={t`Name`} maxLength={200} {...field} />}</Field>
      <Field form={form} name="role">{(field) => <Select label={t`Role`} choices={choices} description={texts[role]} {...field} />}</Field>
    </FormPanel>
  );
}

function EditPerson({ user, onClose }: { user: User; onClose(): void }) {
  const { t } = useLingui();
  return (
    <EditPanel
      kind="users"
      record={user}
      title={titleOf(user)}
      valuesOf={({ email, name }) => ({ email, name: name ?? "" })}
      inputOf={({ email, name }) => ({ email: email.trim(), name: name.trim() === "" ? null : name.trim() })}
      said={({ email, name }) => t`${titleOf({ name: name.trim() === "" ? null : name.trim(), email })} saved`}
      onClose={onClose}
    >
      {(form) => (
        <>
          <Field form={form} name="name">{(field) => <TextField label={t`Name`} hasAutoFocus maxLength={200} {...field} />}</Field>
          <Field form={form} name="email" rules={{ required: t`Enter an e-mail address` }}>
            {(field) => <TextField label={t`E-mail`} type="email" inputMode="email" isRequired description={t`They sign in with it. A new address needs a new invitation.`} {...field} />}
          </Field>
        </>
      )}
    </EditPanel>
  );
}
