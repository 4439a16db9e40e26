import type { Stage } from "../../data";
import { Badge, type Tone } from "../../kit";

const TONES: Record<Stage["kind"], Tone> = { open: "accent", won: "success", lost: "neutral" };

export function StageBadge({ stages, stage }: { stages: readonly Stage[]; stage: string }) {
  const known = stages.find(({ key }) => key === stage);
  return <Badge tone={known ? TONES[known.kind] : "neutral"}>{known?.name ?? stage}</Badge>;
}
