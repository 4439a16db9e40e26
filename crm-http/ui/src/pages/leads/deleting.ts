import { useLingui } from "@lingui/react/macro";

import { type Lead, useCan, useRemove, useRestore } from "../../data";
import { titleOf } from "../../format";
import { reasonOf } from "../../format/faults";
import { toast } from "../../kit";

/** Gives a function that deletes a lead, which can be undone. */
export function useDelete(): (lead: Lead) => void {
  const { t } = useLingui();
  const can = useCan();
  const remove = useRemove("leads");
  const restore = useRestore("leads");
  return (lead) => {
    const name = `${lead.lead_id} ${titleOf(lead)}`;
    const undo = (): void =>
      void restore.mutateAsync(lead.id).then(
        () => toast(t`${name} is back`),
        (error: Error) => toast(t`${name} could not be brought back: ${reasonOf(error)}`, { tone: "danger" }),
      );
    void remove.mutateAsync(lead.id).then(
      () => toast(t`${name} deleted`, { action: can("restore:leads") ? { label: t`Undo`, act: undo } : null }),
      (error: Error) => toast(t`${name} could not be deleted: ${reasonOf(error)}`, { tone: "danger" }),
    );
  };
}
