/** When tasks are due, in the days of the reader. */

import type { ListQuery } from "../../data";

export type Group = "overdue" | "today" | "week" | "later" | "none" | "done";
export const GROUPS: readonly Group[] = ["overdue", "today", "week", "later", "none", "done"];

const startOf = (now: Date, days: number): string => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days).toISOString();

/** The days until the week is over, today included: it ends on Sunday. */
export const daysOfWeekLeft = (now: Date): number => 8 - (now.getDay() === 0 ? 7 : now.getDay());

/** What asks for the tasks of a group. */
export function queryOf(group: Group, now: Date): ListQuery<"tasks"> {
  const tomorrow = startOf(now, 1);
  const nextWeek = startOf(now, daysOfWeekLeft(now));
  const open = { status: "open" as const, sort: ["due_at" as const, "id" as const] };
  switch (group) {
    case "overdue": return { ...open, "due_at[lt]": now.toISOString() };
    case "today": return { ...open, "due_at[gte]": now.toISOString(), "due_at[lt]": tomorrow };
    case "week": return { ...open, "due_at[gte]": tomorrow, "due_at[lt]": nextWeek };
    case "later": return { ...open, "due_at[gte]": nextWeek };
    case "none": return { ...open, sort: ["-created_at"], "due_at[is_null]": true };
    case "done": return { status: "done", sort: ["-updated_at"] };
  }
}
