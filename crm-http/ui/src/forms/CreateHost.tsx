import { useLingui } from "@lingui/react/macro";
import type { ComponentType } from "react";
import { useLocation } from "wouter";

import { titleOf } from "../format";
import { toast } from "../kit";
import { type CreatableKind, type CreatePanelProps, closeCreate, useOpened } from "./registry";

/** Where a record of each kind is seen, if it has a page of its own. */
const pageOf = (kind: CreatableKind, id: string): string | null => (kind === "customers" || kind === "leads" || kind === "projects" ? `/${kind}/${id}` : null);

/** Shows the panel that is open; there is one, in the shell. */
export function CreateHost() {
  const { t } = useLingui();
  const opened = useOpened();
  const [, navigate] = useLocation();
  if (!opened) return null;
  const { kind, defaults, onCreated } = opened;
  const Panel = opened.Panel as ComponentType<CreatePanelProps<CreatableKind>>;
  return (
    <Panel
      defaults={defaults}
      onClose={closeCreate}
      onCreated={(record) => {
        closeCreate();
        const name = titleOf(record);
        const page = pageOf(kind, record.id);
        toast(t`${name} created`, { tone: "success", action: page === null || onCreated ? null : { label: t`Show`, act: () => navigate(page) } });
        onCreated?.(record as never);
      }}
    />
  );
}
