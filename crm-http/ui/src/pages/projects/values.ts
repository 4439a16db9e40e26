/** A project as a form has it. */

import type { InputOf, Money, Project } from "../../data";

export type Status = Project["status"];
export const STATUSES: readonly Status[] = ["planned", "active", "on_hold", "completed", "cancelled"];

export interface ProjectValues {
  name: string;
  status: Status;
  customer_id: string | null;
  starts_on: string | null;
  due_on: string | null;
  budget: Money | null;
  description: string;
}

type Known = { [F in keyof ProjectValues]?: ProjectValues[F] | null | undefined };

/** What a form begins with. */
export const valuesOf = (project: Known): ProjectValues => ({
  name: project.name ?? "",
  status: project.status ?? "planned",
  customer_id: project.customer_id ?? null,
  starts_on: project.starts_on ?? null,
  due_on: project.due_on ?? null,
  budget: project.budget ?? null,
  description: project.description ?? "",
});

/** What a form says, as the service takes it: what is left empty is nothing. */
export const inputOf = (values: ProjectValues): InputOf<"projects"> => ({
  ...values,
  name: values.name.trim(),
  description: values.description.trim() === "" ? null : values.description.trim(),
});
