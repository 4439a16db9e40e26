import { useLingui } from "@lingui/react/macro";
import { type FormEvent, useEffect, useLayoutEffect, useRef, useState } from "react";

import { config } from "../../config";
import { refreshSession, signIn } from "../../data/session";
import { ProblemError } from "../../data/service";
import { Button, Icon, TextField } from "../../kit";
import "./sign-in.css";

interface Tenant {
  slug: string;
  name: string;
}

/** Seconds until it may be tried again, counted down. */
function useWait(): [number, (seconds: number) => void] {
  const [wait, setWait] = useState(0);
  useEffect(() => {
    if (wait === 0) return;
    const timer = window.setTimeout(() => setWait(wait - 1), 1000);
    return () => window.clearTimeout(timer);
  }, [wait]);
  return [wait, setWait];
}

function PasswordForm() {
  const { t } = useLingui();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [tenants, setTenants] = useState<readonly Tenant[] | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [wait, setWait] = useWait();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (tenants) heading.current?.focus();
  }, [tenants]);

  const refused = (error: unknown): string => {
    if (!(error instanceof ProblemError)) return t`The server cannot be reached. Check your connection and try again.`;
    if (error.status === 429) {
      setWait(error.retryAfter ?? 30);
      return t`Too many attempts. Wait a moment before you try again.`;
    }
    return error.status === 401 ? t`This e-mail address and password do not belong together.` : error.message;
  };
  const enter = async (tenant?: string): Promise<void> => {
    setBusy(true);
    setFault(null);
    try {
      const answer = await signIn(email.trim(), password, tenant);
      if (answer.token === null) setTenants(answer.tenants);
      else await refreshSession();
    } catch (error) {
      setFault(refused(error));
    }
    setBusy(false);
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (email.trim() === "" || password === "") setFault(t`Enter your e-mail address and your password.`);
    else if (wait === 0) void enter();
  };
  const alert = fault !== null && (
    <p className="form-faults" role="alert">
      <Icon name="warning" />
      {fault}
    </p>
  );

  if (tenants) {
    return (
      <>
        <h2 ref={heading} tabIndex={-1}>{t`Choose a workspace`}</h2>
        {alert}
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
      {alert}
      <TextField label={t`E-mail address`} type="email" name="email" autoComplete="username" value={email} onChange={setEmail} hasAutoFocus />
      <TextField label={t`Password`} type="password" name="password" autoComplete="current-password" value={password} onChange={setPassword} />
      <Button type="submit" variant="primary" isBusy={isBusy} disabled={wait > 0}>
        {wait > 0 ? t`Wait ${wait} s` : t`Sign in`}
      </Button>
    </form>
  );
}

function Way() {
  const { t } = useLingui();
  if (config.signIn === "password") return <PasswordForm />;
  if (config.signIn === null) return <p>{t`You are not signed in. Sign in to the application that this is a part of, and come back.`}</p>;
  return <a className="button primary" href={config.signIn.url}>{t`Sign in`}</a>;
}

/** Signs in: instead of the pages, or above them when somebody has to sign in again. */
export function SignIn({ isAgain }: { isAgain: boolean }) {
  const { t } = useLingui();
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    document.title = `${t`Sign in`} · ${config.name}`;
    return () => element?.close();
  }, [t]);
  return (
    <dialog ref={dialog} className="sign-in" aria-labelledby="sign-in" onCancel={(event) => event.preventDefault()} onKeyDown={(event) => event.key === "Escape" && event.preventDefault()}>
      <div className="sign-in-card">
        <div className="sign-in-brand">
          {config.logo === null ? <span className="brand-mark" aria-hidden="true">{[...config.name][0]}</span> : <img src={config.logo} alt="" className="brand-logo" />}
          <h1 id="sign-in">{isAgain ? t`Sign in again` : t`Sign in to ${config.name}`}</h1>
        </div>
        {isAgain && <p>{t`Your session has ended. What you were doing is still here.`}</p>}
        <Way />
      </div>
    </dialog>
  );
}
