import { useLingui } from "@lingui/react/macro";

import type { Choice } from "../../kit";

/** How many days back the figures go. */
export type Period = "30" | "90" | "365";

export function usePeriods(): readonly Choice<Period>[] {
  const { t } = useLingui();
  return [
    { value: "30", label: t`Last 30 days` },
    { value: "90", label: t`Last 90 days` },
    { value: "365", label: t`Last 12 months` },
  ];
}

/** The first day of a period that ends today, as the reader's calendar has it. */
export function beginOf(period: Period, now = new Date()): string {
  const begin = new Date(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate() - Number(period) + 1));
  return begin.toISOString().slice(0, 10);
}

export const BUCKETS = { "30": "day", "90": "week", "365": "month" } as const;
