import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useId } from "react";

import { config } from "../../config";
import { type User, ProblemError, service } from "../../data";
import { formatDateTime, titleOf } from "../../format";
import { Answer, Button, Icon, SidePanel } from "../../kit";
import { invitationLink } from "../sign-in/invitation";
import { Copyable } from "./parts";

function Link({ user }: { user: User }) {
  const { t } = useLingui();
  const of = useId();
  // Asked for when it is shown: each new one takes the place of the one before, and none is kept.
  const invitation = useQuery({ queryKey: ["invitation", user.id, of], queryFn: () => service().users.invite(user.id), staleTime: Infinity, gcTime: 0, retry: false });
  const name = titleOf(user);
  if (invitation.error instanceof ProblemError && invitation.error.status === 409) {
    return (
      <>
        <p>{t`${name} has a password already, and signs in with ${user.email}.`}</p>
        <p>{t`If it is forgotten, whoever operates the server gives a new one:`}</p>
        <Copyable text={`crm-server user set-password --email ${user.email}`} label={t`Copy the command`} />
      </>
    );
  }
  return (
    <Answer query={invitation} lines={4}>
      {({ token, expires_at: end }) => (
        <>
          <p>{t`Give this link to ${name}, and to nobody else. It lets them choose a password and come in.`}</p>
          <Copyable text={invitationLink(token)} label={t`Copy the link`} />
          <p className="muted">{t`It works once, until ${formatDateTime(end)}. A new link takes the place of this one.`}</p>
        </>
      )}
    </Answer>
  );
}

/** How somebody comes in who has not been here yet. */
export function Invitation({ user }: { user: User }) {
  const { t } = useLingui();
  if (config.signIn === "password") return <Link user={user} />;
  return (
    <p className="notice">
      <Icon name="info" /> {t`They can sign in as they do elsewhere in this application, with the address ${user.email}.`}
    </p>
  );
}

/** An invitation for somebody who was added before. */
export function InvitationPanel({ user, onClose }: { user: User; onClose(): void }) {
  const { t } = useLingui();
  return (
    <SidePanel title={t`Invite ${titleOf(user)}`} onClose={onClose} footer={<Button variant="primary" onClick={onClose}>{t`Close`}</Button>}>
      <Invitation user={user} />
    </SidePanel>
  );
}
