/** Moving leads to other stages: shown at once, taken back when refused, undone by a button. */

import { useLingui } from "@lingui/react/macro";

import { type Lead, type Stage, Yielded, cache, keys, usePipeline, useUpdate } from "../../data";
import { titleOf } from "../../format";
import { reasonOf } from "../../format/faults";
import { announce, toast } from "../../kit";
import { moveInLists } from "./board/lists";

/** Gives a function that moves a lead; what goes back to where it was is told of just before. */
export function useMove(onReturn?: (lead: Lead) => void): (lead: Lead, stage: Stage) => Promise<void> {
  const { t } = useLingui();
  const { stages } = usePipeline();
  const update = useUpdate("leads");

  const move = async (lead: Lead, stage: Stage): Promise<void> => {
    if (lead.stage === stage.key) return;
    const from = stages.find(({ key }) => key === lead.stage);
    const name = `${lead.lead_id} ${titleOf(lead)}`;
    // What is on its way would show the lead where it was.
    await cache.cancelQueries({ queryKey: keys.lists("leads") });
    await cache.cancelQueries({ queryKey: keys.figure("overview") });
    const takeBack = moveInLists(lead, stage.key);
    try {
      const moved = await update.mutateAsync({ record: lead, patch: { stage: stage.key } });
      const said = stage.kind === "won" ? t`${name} is won: ${stage.name}` : stage.kind === "lost" ? t`${name} is lost: ${stage.name}` : t`${name} moved to ${stage.name}`;
      // The moves before it cannot be undone any more.
      toast(said, { about: lead.id, tone: stage.kind === "won" ? "success" : "neutral", action: from ? { label: t`Undo`, act: () => void move(moved, from) } : null });
      announce(said);
    } catch (error) {
      onReturn?.(lead);
      takeBack();
      if (error instanceof Yielded) announce(t`${name} stays as it was`);
      else toast(t`${name} was not moved: ${reasonOf(error)}`, { tone: "danger" });
    }
  };
  return move;
}
