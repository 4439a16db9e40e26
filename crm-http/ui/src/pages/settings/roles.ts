import { useLingui } from "@lingui/react/macro";

import type { User } from "../../data";
import { useMe } from "../../data";
import { useLabels } from "../../format/labels";
import type { Choice } from "../../kit";

export type Role = User["role"];

/** From the least to the most. */
export const ROLES: readonly Role[] = ["viewer", "member", "admin", "owner"];

/** The roles that somebody of this role may give: nobody gives more than they have. */
export const givable = (own: Role | null): readonly Role[] => (own === null ? [] : ROLES.slice(0, ROLES.indexOf(own) + 1));

/** Whether somebody of this role manages people of that one: owners are managed by owners. */
export const mayManage = (own: Role | null, other: Role): boolean => own === "owner" || (own === "admin" && other !== "owner");

/** The roles to choose from for others. */
export function useRoleChoices(): readonly Choice<Role>[] {
  const labels = useLabels();
  const { role } = useMe();
  return givable(role).map((value) => ({ value, label: labels.value(value) }));
}

/** What each role may do. */
export function useRoleTexts(): Readonly<Record<Role, string>> {
  const { t } = useLingui();
  return {
    viewer: t`Sees customers, leads, tasks, projects and the figures. Changes nothing.`,
    member: t`Also creates, changes, deletes and restores records. For everyone who sells.`,
    admin: t`Also imports and exports, sees the activity log, and manages people, API keys, the pipeline and the workspace.`,
    owner: t`Also erases for good, exports the whole workspace, and manages owners. There is always at least one.`,
  };
}
