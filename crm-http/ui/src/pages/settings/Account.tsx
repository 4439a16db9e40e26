import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { useForm } from "react-hook-form";

import { config } from "../../config";
import { useMe } from "../../data";
import { service } from "../../data/service";
import { signOutEverywhere, refreshSession } from "../../data/session";
import { Field, Form } from "../../forms";
import { titleOf } from "../../format";
import { useLabels } from "../../format/labels";
import { type Language, LANGUAGES, speak } from "../../i18n";
import { Avatar, Badge, Button, ConfirmDialog, Select, TextField, toast } from "../../kit";
import { type Theme, setTheme, useTheme } from "../../shell/preferences";
import { Part, useRefusal } from "./parts";

const FORM = "change-password";
const LEAST = 10;

function Profile() {
  const { t } = useLingui();
  const labels = useLabels();
  const { user, tenant, role } = useMe();
  const email = "email" in user ? user.email : null;
  return (
    <Part title={t`Profile`} about={t`Whoever manages people changes your name, address and role.`}>
      <div className="person">
        <Avatar name={titleOf(user)} size="large" />
        <span>
          <strong>{titleOf(user)}</strong>
          {email !== null && <small>{email}</small>}
          <span>
            {role !== null && <Badge tone="accent">{labels.value(role)}</Badge>} <small>{t`in ${tenant.name}`}</small>
          </span>
        </span>
      </div>
    </Part>
  );
}

function Appearance() {
  const { t, i18n } = useLingui();
  const theme = useTheme();
  const themes: readonly { value: Theme; label: string }[] = [
    { value: "system", label: t`Like the system` },
    { value: "light", label: t`Light` },
    { value: "dark", label: t`Dark` },
  ];
  const languages = LANGUAGES.map(({ key, name }) => ({ value: key, label: name }));
  return (
    <Part title={t`Appearance and language`} about={t`Kept in this browser.`}>
      <div className="settings-form">
        <Select label={t`Appearance`} value={theme} onChange={setTheme} choices={themes} />
        <Select label={t`Language`} value={i18n.locale as Language} onChange={(language) => void speak(language)} choices={languages} />
      </div>
    </Part>
  );
}

interface Values {
  current_password: string;
  new_password: string;
  again: string;
}

const EMPTY: Values = { current_password: "", new_password: "", again: "" };

function Password() {
  const { t } = useLingui();
  const { user } = useMe();
  const form = useForm<Values>({ defaultValues: EMPTY });
  const save = async ({ current_password: current, new_password: next }: Values): Promise<void> => {
    await service().changePassword(current, next);
    form.reset(EMPTY);
    toast(t`Password changed. Sign in with the new one.`, { tone: "success" });
    // Every sign-in has ended, this one too.
    await refreshSession();
  };
  return (
    <Part title={t`Password`} about={t`Changing it ends every sign-in of your account, this one too. It counts in all your workspaces.`}>
      <Form id={FORM} form={form} onSave={save}>
        <div className="settings-form">
          {"email" in user && <input type="text" hidden readOnly autoComplete="username" value={user.email} />}
          <Field form={form} name="current_password" rules={{ required: t`Enter your current password` }}>
            {(field) => <TextField label={t`Current password`} type="password" autoComplete="current-password" isRequired {...field} />}
          </Field>
          <Field form={form} name="new_password" rules={{ validate: (value) => String(value).length >= LEAST || t`At least ${LEAST} characters` }}>
            {(field) => <TextField label={t`New password`} type="password" autoComplete="new-password" description={t`At least ${LEAST} characters`} isRequired {...field} />}
          </Field>
          <Field form={form} name="again" rules={{ validate: (value) => value === form.getValues("new_password") || t`This is not the same` }}>
            {(field) => <TextField label={t`New password, again`} type="password" autoComplete="new-password" isRequired {...field} />}
          </Field>
          <Button type="submit" variant="primary" isBusy={form.formState.isSubmitting}>
            {t`Change password`}
          </Button>
        </div>
      </Form>
    </Part>
  );
}

function Sessions() {
  const { t } = useLingui();
  const refusal = useRefusal();
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const leave = async (): Promise<void> => {
    setBusy(true);
    try {
      await signOutEverywhere();
    } catch (error) {
      toast(refusal(error), { tone: "danger" });
      setBusy(false);
      setAsking(false);
    }
  };
  return (
    <Part
      title={t`Sign-ins`}
      about={t`Ends every sign-in of your account, in all browsers and all workspaces. API keys go on working.`}
      action={
        <Button icon="signOut" onClick={() => setAsking(true)}>
          {t`Sign out everywhere`}
        </Button>
      }
    >
      {isAsking && (
        <ConfirmDialog title={t`Sign out everywhere?`} action={t`Sign out everywhere`} isBusy={isBusy} onConfirm={() => void leave()} onClose={() => setAsking(false)}>
          {t`You will have to sign in again here as well.`}
        </ConfirmDialog>
      )}
    </Part>
  );
}

/** What one decides about oneself. */
export function Account() {
  const isOwnSignIn = config.signIn === "password";
  return (
    <>
      <Profile />
      <Appearance />
      {isOwnSignIn && <Password />}
      {isOwnSignIn && <Sessions />}
    </>
  );
}
