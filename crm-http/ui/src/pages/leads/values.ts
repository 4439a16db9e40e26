/** A lead as a form has it. */

import type { Money, Schemas } from "../../data";

export interface LeadValues {
  company: string;
  name: string;
  email: string;
  phone: string;
  stage: string;
  source: string;
  value: Money | null;
  expected_close: string | null;
  owner_id: string | null;
  customer_id: string | null;
  external_id: string;
  tags: string[];
  notes: string;
}

/** What is known of a lead, which may not be there yet. */
type Known = { [F in keyof Schemas["LeadPatch"]]?: Schemas["LeadPatch"][F] | null | undefined };

/** What a form begins with. */
export const valuesOf = (lead: Known): LeadValues => ({
  company: lead.company ?? "",
  name: lead.name ?? "",
  email: lead.email ?? "",
  phone: lead.phone ?? "",
  stage: lead.stage ?? "",
  source: lead.source ?? "",
  value: lead.value ?? null,
  expected_close: lead.expected_close ?? null,
  owner_id: lead.owner_id ?? null,
  customer_id: lead.customer_id ?? null,
  external_id: lead.external_id ?? "",
  tags: lead.tags ?? [],
  notes: lead.notes ?? "",
});

const orNull = (text: string): string | null => (text.trim() === "" ? null : text.trim());

/** What a form says, as the service takes it: what is left empty is nothing. */
export const inputOf = (values: LeadValues) => ({
  company: orNull(values.company),
  name: orNull(values.name),
  email: orNull(values.email),
  phone: orNull(values.phone),
  ...(values.stage !== "" && { stage: values.stage }),
  source: orNull(values.source),
  value: values.value,
  expected_close: values.expected_close,
  owner_id: values.owner_id,
  customer_id: values.customer_id,
  external_id: orNull(values.external_id),
  tags: values.tags,
  notes: orNull(values.notes),
});
