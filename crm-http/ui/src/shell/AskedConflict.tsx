import { Suspense, lazy } from "react";

import { useAskedConflict } from "../data/conflict";
import { usePeople } from "../data/reading";
import type { Money } from "../data/service";
import { formatDateTime, formatMoney, titleOf } from "../format";
import { useLabels } from "../format/labels";

const ConflictDialog = lazy(() => import("../kit/ConflictDialog"));

const isMoney = (value: object): value is Money => "amount" in value && "currency" in value;

/** The conflict that the user has to decide, wherever it arose. */
export function AskedConflict() {
  const asked = useAskedConflict();
  const labels = useLabels();
  const people = usePeople();
  const show = (field: string, value: unknown): string => {
    if (value === null || value === undefined || value === "") return "–";
    if (Array.isArray(value)) return value.join(", ");
    if (typeof value === "object") return isMoney(value) ? formatMoney(value) : JSON.stringify(value);
    const text = String(value);
    const person = people.get(text);
    if (person) return titleOf(person);
    return field.endsWith("_at") ? formatDateTime(text) : text;
  };
  if (!asked) return null;
  return (
    <Suspense>
      <ConflictDialog conflict={asked.conflict} onAnswer={asked.answer} label={labels.field} show={show} />
    </Suspense>
  );
}
