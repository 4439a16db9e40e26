import { useLabels } from "../../format/labels";
import { Badge, type Tone } from "../../kit";
import type { Status } from "./values";

const TONES: Record<Status, Tone> = { planned: "neutral", active: "accent", on_hold: "warning", completed: "success", cancelled: "neutral" };

export function StatusBadge({ status }: { status: Status }) {
  const labels = useLabels();
  return <Badge tone={TONES[status]}>{labels.value(status)}</Badge>;
}
