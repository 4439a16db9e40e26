import { useLingui } from "@lingui/react/macro";
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";

import { refreshSession, signIn } from "../../data/session";
import { ProblemError } from "../../data/service";
import { reasonOf } from "../../format/faults";
import { Button, Icon, TextField } from "../../kit";
import { useWait } from "./useWait";

interface Tenant {
  slug: string;
  name: string;
}

/** What is wrong, above a form. */
export const Alert = ({ fault }: { fault: string | null }): ReactNode =>
  fault !== null && (
    <p className="form-faults" role="alert">
      <Icon name="warning" />
      {fault}
    </p>
  );

/** Tries to sign in somehow; says why it was refused, and how long to wait. */
export function useAttempt(wrong: string) {
  const { t } = useLingui();
  const [fault, setFault] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [wait, setWait] = useWait();
  const refused = (error: unknown): string => {
    if (!(error instanceof ProblemError)) return t`The server cannot be reached. Check your connection and try again.`;
    if (error.status === 429) {
      setWait(error.retryAfter ?? 30);
      return t`Too many attempts. Wait a moment before you try again.`;
    }
    return error.status === 401 && error.code !== "invalid_invitation" ? wrong : reasonOf(error);
  };
  const attempt = async (act: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setFault(null);
    try {
      await act();
    } catch (error) {
      setFault(refused(error));
    }
    setBusy(false);
  };
  return { fault, setFault, isBusy, wait, attempt };
}

export function PasswordForm() {
  const { t } = useLingui();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [tenants, setTenants] = useState<readonly Tenant[] | null>(null);
  const { fault, setFault, isBusy, wait, attempt } = useAttempt(t`This e-mail address and password do not belong together.`);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (tenants) heading.current?.focus();
  }, [tenants]);

  const enter = (tenant?: string): Promise<void> =>
    attempt(async () => {
      const answer = await signIn(email.trim(), password, tenant);
      if (answer.token === null) setTenants(answer.tenants);
      else await refreshSession();
    });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (email.trim() === "" || password === "") setFault(t`Enter your e-mail address and your password.`);
    else if (wait === 0) void enter();
  };
  if (tenants) {
    return (
      <>
        <h2 ref={heading} tabIndex={-1}>{t`Choose a workspace`}</h2>
        <Alert fault={fault} />
        <ul className="tenants">
          {tenants.map(({ slug, name }) => (
            <li key={slug}>
              <button type="button" className="tenant" disabled={isBusy} onClick={() => void enter(slug)}>
                <span>
                  <strong>{name}</strong>
                  <span>{slug}</span>
                </span>
                <Icon name="right" />
              </button>
            </li>
          ))}
        </ul>
        <Button variant="ghost" icon="left" onClick={() => setTenants(null)}>{t`Another account`}</Button>
      </>
    );
  }
  return (
    <form className="form" noValidate onSubmit={submit}>
      <Alert fault={fault} />
      <TextField label={t`E-mail address`} type="email" name="email" autoComplete="username" value={email} onChange={setEmail} hasAutoFocus />
      <TextField label={t`Password`} type="password" name="password" autoComplete="current-password" value={password} onChange={setPassword} />
      <Button type="submit" variant="primary" isBusy={isBusy} disabled={wait > 0}>
        {wait > 0 ? t`Wait ${wait} s` : t`Sign in`}
      </Button>
    </form>
  );
}
