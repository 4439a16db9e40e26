import { useLingui } from "@lingui/react/macro";
import { useId, useState } from "react";

import type { Conflict } from "../data/conflict";
import { Button } from "./Button";
import { Dialog } from "./Dialog";

interface ConflictDialogProps {
  conflict: Conflict;
  /** The patch to send on top of theirs; null for none: theirs stands. */
  onAnswer(patch: Record<string, unknown> | null): void;
  /** What a field is called; its name if nothing. */
  label?(field: string): string;
  /** A field's value as text. */
  show?(field: string, value: unknown): string;
}

type Side = "mine" | "theirs";

const asText = (_: string, value: unknown): string => {
  if (value === null || value === undefined || value === "") return "–";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
};

/** Both versions of what two people changed, field by field. */
export default function ConflictDialog({ conflict, onAnswer, label = (field) => field.replaceAll("_", " "), show = asText }: ConflictDialogProps) {
  const { t } = useLingui();
  const [sides, setSides] = useState<Record<string, Side>>({});
  const id = useId();
  const sideOf = (field: string): Side => sides[field] ?? "mine";
  const choose = (side: Side): void => setSides(Object.fromEntries(conflict.fields.map((field) => [field, side])));
  const save = (): void => onAnswer(Object.fromEntries(Object.entries(conflict.mine).filter(([field]) => !conflict.fields.includes(field) || sideOf(field) === "mine")));
  return (
    <Dialog
      title={t`Somebody else changed this too`}
      size="large"
      onClose={() => onAnswer(null)}
      footer={
        <>
          <Button onClick={() => onAnswer(null)}>{t`Discard my changes`}</Button>
          <Button variant="primary" onClick={save}>
            {t`Save what is chosen`}
          </Button>
        </>
      }
    >
      <p>{t`While you were editing, these fields were changed to something else. Choose which to keep.`}</p>
      <div className="conflict-all">
        <Button size="small" onClick={() => choose("mine")}>{t`All mine`}</Button>
        <Button size="small" onClick={() => choose("theirs")}>{t`All theirs`}</Button>
      </div>
      {conflict.fields.map((field) => (
        <fieldset key={field} className="conflict-field">
          <legend>{label(field)}</legend>
          {(["mine", "theirs"] as const).map((side) => (
            <label key={side} className="conflict-side" htmlFor={`${id}-${field}-${side}`}>
              <input id={`${id}-${field}-${side}`} type="radio" name={`${id}-${field}`} checked={sideOf(field) === side} onChange={() => setSides({ ...sides, [field]: side })} />
              <span>
                <strong>{side === "mine" ? t`Mine` : t`Theirs`}</strong>
                <span className="conflict-value">{show(field, conflict[side][field])}</span>
              </span>
            </label>
          ))}
          <p className="field-description">{t`It was: ${show(field, conflict.base[field])}`}</p>
        </fieldset>
      ))}
    </Dialog>
  );
}
