/** The value of any field as text. */

import { usePeople, usePipeline } from "../data/reading";
import type { Money } from "../data/service";
import { formatDate, formatDateTime, formatMoney, formatNumber, titleOf } from "./index";
import { useLabels } from "./labels";

const isMoney = (value: object): value is Money => "amount" in value && "currency" in value;
/** Fields of a few values, which have names. */
const NAMED: ReadonlySet<string> = new Set(["type", "status", "priority", "role"]);
/** An entry of a list: a tag, or a stage by its name. */
const entryText = (entry: unknown): string => (typeof entry !== "object" || entry === null ? String(entry) : "name" in entry ? String(entry.name) : JSON.stringify(entry));
const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function useFieldText(): (field: string, value: unknown) => string {
  const labels = useLabels();
  const people = usePeople();
  const { stages } = usePipeline();
  return (field, value) => {
    if (value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0)) return "–";
    if (Array.isArray(value)) return value.map(entryText).join(", ");
    if (typeof value === "object") return isMoney(value) ? formatMoney(value) : JSON.stringify(value);
    if (typeof value === "number") return formatNumber(value);
    const text = String(value);
    const person = people.get(text);
    if (person) return titleOf(person);
    if (field === "stage") return stages.find(({ key }) => key === text)?.name ?? text;
    if (NAMED.has(field)) return labels.value(text);
    if (field.endsWith("_at")) return formatDateTime(text);
    return DAY.test(text) ? formatDate(text) : text;
  };
}
