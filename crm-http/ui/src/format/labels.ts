/** What kinds, fields and their values are called. */

import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { useLingui } from "@lingui/react";

const KINDS: Record<string, MessageDescriptor> = {
  customers: msg`Customer`, contacts: msg`Contact`, leads: msg`Lead`, interactions: msg`Interaction`, projects: msg`Project`, tasks: msg`Task`,
  users: msg`User`, pipelines: msg`Pipeline`, settings: msg`Settings`, api_keys: msg`API key`, incidents: msg`Incident`,
};

const FIELDS: Record<string, MessageDescriptor> = {
  company: msg`Company`, name: msg`Name`, email: msg`E-mail`, phone: msg`Phone`, website: msg`Website`, address_line1: msg`Address`,
  address_line2: msg`Address, second line`, city: msg`City`, state: msg`State`, postal_code: msg`Postal code`, country: msg`Country`,
  is_active: msg`Active`, owner_id: msg`Owner`, external_id: msg`External id`, tags: msg`Tags`, notes: msg`Notes`, title: msg`Title`,
  is_primary: msg`Main contact`, type: msg`Type`, subject: msg`Subject`, description: msg`Description`, occurred_at: msg`When`, stage: msg`Stage`,
  source: msg`Source`, value: msg`Value`, expected_close: msg`Expected close`, customer_id: msg`Customer`, lead_id: msg`Lead`, project_id: msg`Project`,
  status: msg`Status`, starts_on: msg`Start`, due_on: msg`Due`, budget: msg`Budget`, priority: msg`Priority`, due_at: msg`Due`, assignee_id: msg`Assigned to`,
  role: msg`Role`, time_zone: msg`Time zone`, stages: msg`Stages`, closed_at: msg`Closed`, created_at: msg`Created`, updated_at: msg`Changed`, stage_entered_at: msg`In stage since`,
  completed_at: msg`Completed`, created_by: msg`Created by`, expires_at: msg`Expires`, probability: msg`Probability`, qualified: msg`Qualified`, tried: msg`Tried`, address: msg`Network address`, kind: msg`Kind`, user_id: msg`User`,
};

/** The values of fields that have a few: of interactions' types, of tasks' and projects' statuses, priorities and roles. */
const VALUES: Record<string, MessageDescriptor> = {
  email: msg`E-mail`, phone: msg`Call`, meeting: msg`Meeting`, note: msg`Note`, open: msg`Open`, done: msg`Done`, low: msg`Low`, normal: msg`Normal`, high: msg`High`,
  planned: msg`Planned`, active: msg`Active`, on_hold: msg`On hold`, completed: msg`Completed`, cancelled: msg`Cancelled`,
  owner: msg`Owner`, admin: msg`Admin`, member: msg`Member`, viewer: msg`Viewer`, won: msg`Won`, lost: msg`Lost`, login_failed: msg`Failed sign-in`, forbidden: msg`Not permitted`,
};

export interface Labels {
  kind(name: string): string;
  field(name: string): string;
  /** One of a field's few values. */
  value(name: string): string;
}

const from = (names: Record<string, MessageDescriptor>) => (name: string): string => {
  const known = Object.hasOwn(names, name) ? names[name] : undefined;
  return known ? i18n._(known) : name.replaceAll("_", " ");
};

/** What a field is called, where no component is rendered. */
export const fieldLabel = from(FIELDS);
const labels: Labels = { kind: from(KINDS), field: fieldLabel, value: from(VALUES) };

/** What things are called in the language that is spoken; what has no name here keeps its own. */
export function useLabels(): Labels {
  // Renders anew when the language changes.
  useLingui();
  return labels;
}
