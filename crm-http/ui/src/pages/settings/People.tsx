import { useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { type User, ProblemError, useCan, useList, useMe, useUpdate } from "../../data";
import { titleOf } from "../../format";
import { useLabels } from "../../format/labels";
import { Answer, Avatar, Badge, Button, ConfirmDialog, EmptyState, LoadMore, Menu, type MenuItem, Select, TextField, toast } from "../../kit";
import { InvitationPanel } from "./Invitation";
import { PersonPanel } from "./PersonPanel";
import { Part, Refusal, useRefusal } from "./parts";
import { ROLES, type Role, mayManage, useRoleChoices, useRoleTexts } from "./roles";

/** A change of somebody that is asked about before it is made. */
interface Asked {
  user: User;
  patch: { role: Role } | { is_active: false };
}

function Roles() {
  const { t } = useLingui();
  const labels = useLabels();
  const texts = useRoleTexts();
  return (
    <Part title={t`What each role may do`}>
      <div className="role-list">
        {ROLES.map((role) => (
          <div key={role}>
            <h3>{labels.value(role)}</h3>
            <p>{texts[role]}</p>
          </div>
        ))}
      </div>
    </Part>
  );
}

interface PersonProps {
  user: User;
  onRole(role: Role): void;
  onActive(isActive: boolean): void;
  onEdit(): void;
  onInvite(): void;
}

function Person({ user, onRole, onActive, onEdit, onInvite }: PersonProps) {
  const { t } = useLingui();
  const labels = useLabels();
  const can = useCan();
  const me = useMe();
  const choices = useRoleChoices();
  const isManaged = can("update:users") && mayManage(me.role, user.role);
  const name = titleOf(user);
  const items: MenuItem[] = [
    { id: "edit", label: t`Edit…`, icon: "edit", act: onEdit },
    ...(user.is_active && user.id !== me.user.id ? [{ id: "invite", label: t`Invite…`, icon: "email" as const, act: onInvite }] : []),
    user.is_active
      ? { id: "off", label: t`Make inactive…`, icon: "lock", isDanger: true, act: () => onActive(false) }
      : { id: "on", label: t`Make active`, icon: "check", act: () => onActive(true) },
  ];
  return (
    <tr className={user.is_active ? undefined : "is-off"}>
      <td>
        <div className="person">
          <Avatar name={name} />
          <span>
            <span>
              {name} {user.id === me.user.id && <Badge tone="accent">{t`You`}</Badge>} {!user.is_active && <Badge>{t`Inactive`}</Badge>}
            </span>
            <small>{user.email}</small>
          </span>
        </div>
      </td>
      <td>{isManaged ? <Select label={t`Role of ${name}`} isLabelHidden value={user.role} onChange={onRole} choices={choices} /> : labels.value(user.role)}</td>
      <td>{isManaged && <Menu label={t`Actions for ${name}`} items={items} />}</td>
    </tr>
  );
}

/** Who is of the workspace, and what they may do. */
export function People() {
  const { t } = useLingui();
  const labels = useLabels();
  const can = useCan();
  const me = useMe();
  const update = useUpdate("users");
  const refusal = useRefusal();
  const [search, setSearch] = useState("");
  const [panel, setPanel] = useState<"new" | User | null>(null);
  const [invited, setInvited] = useState<User | null>(null);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const words = search.trim();
  const { rows, data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useList("users", { sort: ["email"], limit: 100, ...(words !== "" && { search: words }) });

  const change = (user: User, patch: Partial<Pick<User, "role" | "is_active">>): void => {
    const name = titleOf(user);
    setRefused(null);
    update.mutate(
      { record: user, patch },
      {
        onSuccess: (changed) => toast(patch.role ? t`${name} is now ${labels.value(changed.role)}` : changed.is_active ? t`${name} is active again` : t`${name} is inactive`, { tone: "success" }),
        onError: (failure) => {
          const isLastOwner = failure instanceof ProblemError && failure.code === "rule" && user.role === "owner";
          setRefused(isLastOwner ? t`${name} is the only active owner, and a workspace needs one. Make somebody else an owner first.` : refusal(failure));
        },
      },
    );
  };
  const begin = (user: User, patch: Asked["patch"]): void => {
    // To lose one's own rights, and to lock somebody out, is worth a question.
    if (user.id === me.user.id || "is_active" in patch) setAsked({ user, patch });
    else change(user, patch);
  };

  return (
    <>
      {refused !== null && <Refusal message={refused} onDismiss={() => setRefused(null)} />}
      <Part
        title={t`People`}
        about={can("update:users") ? t`Changes count at once: whoever is made inactive is signed out everywhere.` : t`Owners and admins change who is here and what they may do.`}
        action={
          <div className="toolbar">
            <TextField label={t`Search people`} isLabelHidden type="search" placeholder={t`Search…`} value={search} onChange={setSearch} />
            {can("create:users") && (
              <Button icon="plus" variant="primary" onClick={() => setPanel("new")}>
                {t`Add a person`}
              </Button>
            )}
          </div>
        }
      >
        <Answer query={{ data, error, refetch }}>
          {() =>
            rows.length === 0 ? (
              <EmptyState icon="user" title={t`Nobody found`} actions={<Button onClick={() => setSearch("")}>{t`Show everyone`}</Button>} />
            ) : (
              <table className="people-table">
                <thead>
                  <tr>
                    <th scope="col">{t`Person`}</th>
                    <th scope="col">{t`Role`}</th>
                    <th scope="col">
                      <span className="visually-hidden">{t`Actions`}</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map((user) => (
                    <Person
                      key={user.id}
                      user={user}
                      onRole={(role) => begin(user, { role })}
                      onActive={(isActive) => (isActive ? change(user, { is_active: true }) : begin(user, { is_active: false }))}
                      onEdit={() => setPanel(user)}
                      onInvite={() => setInvited(user)}
                    />
                  ))}
                </tbody>
              </table>
            )
          }
        </Answer>
        <LoadMore hasMore={hasNextPage} isLoading={isFetchingNextPage} onLoad={() => void fetchNextPage()} />
      </Part>
      <Roles />
      {panel !== null && <PersonPanel user={panel === "new" ? null : panel} onClose={() => setPanel(null)} />}
      {invited && <InvitationPanel user={invited} onClose={() => setInvited(null)} />}
      {asked && <AskedChange {...asked} onClose={() => setAsked(null)} onConfirm={() => change(asked.user, asked.patch)} />}
    </>
  );
}

function AskedChange({ user, patch, onConfirm, onClose }: Asked & { onConfirm(): void; onClose(): void }) {
  const { t } = useLingui();
  const labels = useLabels();
  const me = useMe();
  const isSelf = user.id === me.user.id;
  const name = titleOf(user);
  const confirm = (): void => {
    onClose();
    onConfirm();
  };
  if ("role" in patch) {
    const role = labels.value(patch.role);
    return (
      <ConfirmDialog title={t`Change your own role?`} action={t`Change my role`} onConfirm={confirm} onClose={onClose}>
        {t`You will be ${role} from now on, and cannot take that back yourself if it permits less.`}
      </ConfirmDialog>
    );
  }
  return (
    <ConfirmDialog title={isSelf ? t`Make yourself inactive?` : t`Make ${name} inactive?`} action={t`Make inactive`} onConfirm={confirm} onClose={onClose}>
      {isSelf ? t`You will be signed out at once, and somebody else has to let you in again.` : t`Their sign-ins end at once. What they did and what is theirs stays, and you can make them active again.`}
    </ConfirmDialog>
  );
}
