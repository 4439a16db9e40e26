import { useLingui } from "@lingui/react/macro";

import { type Lead, type Stage, useCan } from "../../data";
import type { MenuItem } from "../../kit";

interface Acts {
  onMove(lead: Lead, stage: Stage): void;
  onEdit(lead: Lead): void;
  onDelete(lead: Lead): void;
}

/** What can be done with a lead by whoever is signed in: the stages to move it to come first. */
export function useLeadMenu(lead: Lead, stages: readonly Stage[], { onMove, onEdit, onDelete }: Acts): MenuItem[] {
  const { t } = useLingui();
  const can = useCan();
  const moves = stages.map((stage, index): MenuItem => ({
    id: stage.key,
    label: stage.name,
    isChosen: stage.key === lead.stage,
    act: () => onMove(lead, stage),
    ...(index === 0 && { section: t`Move to` }),
  }));
  const edit: MenuItem = { id: "edit", label: t`Edit`, icon: "edit", section: t`Lead`, act: () => onEdit(lead) };
  const drop: MenuItem = { id: "delete", label: t`Delete`, icon: "trash", isDanger: true, act: () => onDelete(lead) };
  return [...(can("update:leads") ? [...moves, edit] : []), ...(can("delete:leads") ? [drop] : [])];
}
