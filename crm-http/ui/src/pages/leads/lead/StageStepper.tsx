import { useLingui } from "@lingui/react/macro";

import type { Lead, Stage } from "../../../data";
import { Icon, classes } from "../../../kit";

interface StageStepperProps {
  lead: Lead;
  stages: readonly Stage[];
  /** Moves it; null if that is not permitted. */
  onMove: ((stage: Stage) => void) | null;
}

/** The stages in order, the one that the lead is in marked; a press moves it. */
export function StageStepper({ lead, stages, onMove }: StageStepperProps) {
  const { t } = useLingui();
  const at = stages.findIndex(({ key }) => key === lead.stage);
  const isOpen = stages[at]?.kind === "open";
  return (
    <ol className="stepper" aria-label={t`Stages`}>
      {stages.map((stage, index) => {
        const isHere = index === at;
        const isPassed = stage.kind === "open" && (isOpen ? index < at : stages[at]?.kind === "won");
        const content = (
          <>
            {(isPassed || (isHere && stage.kind === "won")) && <Icon name="check" size={14} />}
            {isHere && stage.kind === "lost" && <Icon name="close" size={14} />}
            <span className="truncate">{stage.name}</span>
          </>
        );
        return (
          <li key={stage.key} className={classes("step", stage.kind, isHere && "is-here", isPassed && "is-passed")} aria-current={isHere ? "step" : undefined}>
            {onMove && !isHere ? (
              <button type="button" data-tooltip={t`Move to ${stage.name}`} onClick={() => onMove(stage)}>
                <span className="visually-hidden">{t`Move to`} </span>
                {content}
              </button>
            ) : (
              <span>{content}</span>
            )}
          </li>
        );
      })}
    </ol>
  );
}
