import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { useForm } from "react-hook-form";

import { type User, patchOf, useCreate, useEditing, useUpdate } from "../../data";
import { Field, Form } from "../../forms";
import { titleOf } from "../../format";
import { Button, Select, SidePanel, TextField, toast } from "../../kit";
import { Invitation } from "./Invitation";
import { type Role, useRoleChoices, useRoleTexts } from "./roles";

interface Values {
  email: string;
  name: string;
  role: Role;
}

const FORM = "person";

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
    <SidePanel
      title={t`Add a person`}
      onClose={onClose}
      isDirty={form.formState.isDirty}
      footer={
        <>
          <Button onClick={onClose}>{t`Cancel`}</Button>
          <Button type="submit" form={FORM} variant="primary" isBusy={form.formState.isSubmitting}>
            {t`Add`}
          </Button>
        </>
      }
    >
      <Form id={FORM} form={form} onSave={save}>
        <Field form={form} name="email" rules={{ required: t`Enter an e-mail address` }}>
          {(field) => <TextField label={t`E-mail`} type="email" inputMode="email" isRequired hasAutoFocus description={t`They sign in with it.`} {...field} />}
        </Field>
        <Field form={form} name="name">{(field) => <TextField label={t`Name`} maxLength={200} {...field} />}</Field>
        <Field form={form} name="role">{(field) => <Select label={t`Role`} choices={choices} description={texts[role]} {...field} />}</Field>
      </Form>
    </SidePanel>
  );
}

function EditPerson({ user, onClose }: { user: User; onClose(): void }) {
  const { t } = useLingui();
  const update = useUpdate("users");
  const { base, newer, takeNewer } = useEditing("users", user);
  const form = useForm<Omit<Values, "role">>({ values: { email: base.email, name: base.name ?? "" }, resetOptions: { keepDirtyValues: true } });
  const save = async ({ email, name }: Omit<Values, "role">): Promise<void> => {
    const patch = patchOf(base, { email: email.trim(), name: name.trim() === "" ? null : name.trim() });
    if (Object.keys(patch).length > 0) toast(t`${titleOf(await update.mutateAsync({ record: base, patch }))} saved`, { tone: "success" });
    onClose();
  };
  return (
    <SidePanel
      title={titleOf(user)}
      onClose={onClose}
      isDirty={form.formState.isDirty}
      footer={
        <>
          <Button onClick={onClose}>{t`Cancel`}</Button>
          <Button type="submit" form={FORM} variant="primary" isBusy={form.formState.isSubmitting}>
            {t`Save`}
          </Button>
        </>
      }
    >
      <Form id={FORM} form={form} onSave={save}>
        {newer && (
          <div className="form-notice" role="status">
            {t`Somebody else changed this person meanwhile.`}
            <Button size="small" onClick={takeNewer}>{t`Show what it is now`}</Button>
          </div>
        )}
        <Field form={form} name="name">{(field) => <TextField label={t`Name`} hasAutoFocus maxLength={200} {...field} />}</Field>
        <Field form={form} name="email" rules={{ required: t`Enter an e-mail address` }}>
          {(field) => <TextField label={t`E-mail`} type="email" inputMode="email" isRequired description={t`They sign in with it. A new address needs a new invitation.`} {...field} />}
        </Field>
      </Form>
    </SidePanel>
  );
}
