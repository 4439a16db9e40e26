import { useLingui } from "@lingui/react/macro";

import { config } from "../config";
import { useCan } from "../data/session";
import { type CreatableKind, openCreate } from "../forms/registry";
import { Icon, Menu, toast } from "../kit";

/** The kinds that one may make, where their pages are on. */
export function useCreatable(): readonly { kind: CreatableKind; label: string }[] {
  const { t } = useLingui();
  const can = useCan();
  const kinds: readonly { kind: CreatableKind; label: string }[] = [
    { kind: "customers", label: t`Customer` },
    { kind: "leads", label: t`Lead` },
    { kind: "tasks", label: t`Task` },
    { kind: "projects", label: t`Project` },
    { kind: "interactions", label: t`Interaction` },
  ];
  return kinds.filter(({ kind }) => config.pages.includes(kind) && can(`create:${kind}`));
}

export function NewMenu() {
  const { t } = useLingui();
  const creatable = useCreatable();
  if (creatable.length === 0) return null;
  const open = (kind: CreatableKind): void => void openCreate(kind).catch((error: Error) => toast(error.message, { tone: "danger" }));
  const items = creatable.map(({ kind, label }) => ({ id: kind, label, icon: kind, act: () => open(kind) }));
  return (
    <Menu label={t`New`} items={items} variant="primary">
      <Icon name="plus" />
      <span className="new-label">{t`New`}</span>
    </Menu>
  );
}
