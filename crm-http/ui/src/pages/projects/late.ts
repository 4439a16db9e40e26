import type { Project } from "../../data";

/** Whether a project should be done by now and is not. */
export function isLate({ due_on: due, status }: Project, now: Date = new Date()): boolean {
  const today = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
  return due !== null && due < today && status !== "completed" && status !== "cancelled";
}
