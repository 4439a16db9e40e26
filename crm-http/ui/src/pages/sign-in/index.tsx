import { useLingui } from "@lingui/react/macro";
import { useLayoutEffect, useRef } from "react";

import { config } from "../../config";
import { useInvitation } from "./invitation";
import { InvitationForm } from "./InvitationForm";
import { PasswordForm } from "./PasswordForm";
import "./sign-in.css";

function Way() {
  const { t } = useLingui();
  const invitation = useInvitation();
  if (invitation !== null) return <InvitationForm token={invitation} />;
  if (config.signIn === "password") return <PasswordForm />;
  if (config.signIn === null) return <p>{t`You are not signed in. Sign in to the application that this is a part of, and come back.`}</p>;
  return <a className="button primary" href={config.signIn.url}>{t`Sign in`}</a>;
}

/** Signs in: instead of the pages, or above them when somebody has to sign in again. */
export function SignIn({ isAgain }: { isAgain: boolean }) {
  const { t } = useLingui();
  const invitation = useInvitation();
  const dialog = useRef<HTMLDialogElement>(null);
  const title = invitation !== null ? t`You are invited to ${config.name}` : isAgain ? t`Sign in again` : t`Sign in to ${config.name}`;
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
          <h1 id="sign-in">{title}</h1>
        </div>
        {isAgain && invitation === null && <p>{t`Your session has ended. What you were doing is still here.`}</p>}
        <Way />
      </div>
    </dialog>
  );
}
