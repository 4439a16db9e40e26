import type { Event } from "../data/service";

/** What the service keeps beside a change, and says nothing more. */
const KEPT_BESIDE: ReadonlySet<string> = new Set(["stage_entered_at", "completed_at", "closed_at"]);

/** The changes of an event that there is something to say about. */
export const toldOf = ({ kind, changes }: Event): Event["changes"] =>
  changes.filter(({ field, new: value }) => !KEPT_BESIDE.has(field) && (kind !== "created" || (value !== null && value !== "")));
