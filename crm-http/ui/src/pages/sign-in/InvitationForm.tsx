import { useLingui } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";

import { acceptInvitation, refreshSession } from "../../data/session";
import { Button, TextField } from "../../kit";
import { closeInvitation } from "./invitation";
import { Alert, useAttempt } from "./PasswordForm";

const LEAST = 10;

/** Comes in by an invitation: with a first password, or that of the account that there is. */
export function InvitationForm({ token }: { token: string }) {
  const { t } = useLingui();
  const [password, setPassword] = useState("");
  const { fault, setFault, isBusy, wait, attempt } = useAttempt(t`Your address has an account here already, and this is not its password.`);
  const accept = async (): Promise<void> => {
    await acceptInvitation(token, password);
    closeInvitation();
    await refreshSession();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (password.length < LEAST) setFault(t`At least ${LEAST} characters`);
    else if (wait === 0) void attempt(accept);
  };
  return (
    <form className="form" noValidate onSubmit={submit}>
      <Alert fault={fault} />
      <TextField
        label={t`Password`}
        type="password"
        name="password"
        autoComplete="new-password"
        description={t`Choose one of at least ${LEAST} characters. If you sign in here with your address already, enter the password that you have.`}
        value={password}
        onChange={setPassword}
        hasAutoFocus
      />
      <Button type="submit" variant="primary" isBusy={isBusy} disabled={wait > 0}>
        {wait > 0 ? t`Wait ${wait} s` : t`Accept the invitation`}
      </Button>
      <Button variant="ghost" onClick={closeInvitation}>
        {t`Not now`}
      </Button>
    </form>
  );
}
