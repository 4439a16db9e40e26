import { dropTargetForElements } from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import { useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";

import { Checkbox, Icon, IconButton, Select, TextField, classes } from "../../kit";
import { draggable } from "../../kit/draggable";
import { type Draft, type StageKind, ofKind } from "./stages";

export interface StageRowProps {
  stage: Draft;
  index: number;
  count: number;
  /** What was refused about it. */
  faults: readonly string[];
  onChange(stage: Draft): void;
  onMove(to: number): void;
  /** Another stage was dropped on it. */
  onDrop(from: number, isBelow: boolean): void;
  onRemove(): void;
}

type Edge = "above" | "below";

const edgeOf = (element: Element, y: number): Edge => {
  const { top, height } = element.getBoundingClientRect();
  return y > top + height / 2 ? "below" : "above";
};

/** The stage as what is dragged, and as where another is dropped. */
function useDrag({ index, onDrop }: StageRowProps) {
  const row = useRef<HTMLLIElement>(null);
  const grip = useRef<HTMLSpanElement>(null);
  const [isDragged, setDragged] = useState(false);
  const [edge, setEdge] = useState<Edge | null>(null);
  const drop = useRef(onDrop);
  useEffect(() => {
    drop.current = onDrop;
  });
  useEffect(() => {
    const element = row.current;
    if (!element || !grip.current) return;
    const endDragging = draggable({
      element,
      dragHandle: grip.current,
      getInitialData: () => ({ stage: index }),
      onDragStart: () => setDragged(true),
      onDrop: () => setDragged(false),
    });
    const endDropping = dropTargetForElements({
      element,
      canDrop: ({ source }) => typeof source.data["stage"] === "number" && source.data["stage"] !== index,
      onDrag: ({ location }) => setEdge(edgeOf(element, location.current.input.clientY)),
      onDragLeave: () => setEdge(null),
      onDrop: ({ source, location }) => {
        setEdge(null);
        const from = source.data["stage"];
        if (typeof from === "number") drop.current(from, edgeOf(element, location.current.input.clientY) === "below");
      },
    });
    return () => {
      endDragging();
      endDropping();
    };
  }, [index]);
  return { row, grip, isDragged, edge };
}

export function StageRow(props: StageRowProps) {
  const { stage, index, count, faults, onChange, onMove, onRemove } = props;
  const { t } = useLingui();
  const { row, grip, isDragged, edge } = useDrag(props);
  const name = stage.name.trim() === "" ? t`Stage ${index + 1}` : stage.name;
  const kinds: readonly { value: StageKind; label: string }[] = [
    { value: "open", label: t`Open` },
    { value: "won", label: t`Won` },
    { value: "lost", label: t`Lost` },
  ];
  const setShare = (text: string): void => {
    const share = Number(text);
    if (Number.isFinite(share)) onChange({ ...stage, probability: Math.round(Math.max(0, Math.min(share, 100)) * 100) / 10_000 });
  };
  return (
    <li ref={row} className={classes("stage", isDragged && "is-dragged", edge === "above" && "is-above", edge === "below" && "is-below")} aria-label={name}>
      <span ref={grip} className="stage-grip" aria-hidden="true">
        <Icon name="drag" />
      </span>
      <TextField label={t`Name of stage ${index + 1}`} isLabelHidden value={stage.name} maxLength={100} hasAutoFocus={stage.isNew && stage.name === ""} onChange={(text) => onChange({ ...stage, name: text })} />
      <div className="stage-kind">
        <Select label={t`Kind of ${name}`} isLabelHidden value={stage.kind} choices={kinds} onChange={(kind) => onChange(ofKind(stage, kind))} />
      </div>
      <div className="stage-share">
        {stage.kind === "open" ? (
          <TextField label={t`Probability of ${name} in percent`} isLabelHidden type="number" inputMode="decimal" value={String(Math.round(stage.probability * 10_000) / 100)} onChange={setShare} />
        ) : (
          <span className="numeric">{stage.kind === "won" ? "100" : "0"}</span>
        )}
        <span aria-hidden="true">%</span>
      </div>
      <div className="stage-qualified">
        <Checkbox label={t`Qualified`} value={stage.qualified} onChange={(qualified) => onChange({ ...stage, qualified })} />
      </div>
      <div className="stage-tools">
        <IconButton icon="up" label={t`Move ${name} up`} disabled={index === 0} onClick={() => onMove(index - 1)} data-move="up" />
        <IconButton icon="down" label={t`Move ${name} down`} disabled={index === count - 1} onClick={() => onMove(index + 1)} data-move="down" />
        <IconButton icon="trash" label={t`Remove ${name}`} onClick={onRemove} />
      </div>
      {faults.length > 0 && (
        <p className="field-error stage-faults" role="alert">
          <Icon name="warning" size={14} /> {faults.join("; ")}
        </p>
      )}
    </li>
  );
}
