/** What the service refuses, in the language that is spoken: by its codes, and in its own words where it has others. */

import type { MessageDescriptor } from "@lingui/core";
import { i18n } from "@lingui/core";
import { msg, t } from "@lingui/core/macro";

import { ProblemError } from "../data/service";
import { fieldLabel } from "./labels";

type Fault = ProblemError["errors"][number];

const PROBLEMS: Record<string, MessageDescriptor> = {
  unauthenticated: msg`You are not signed in any more.`,
  invalid_credentials: msg`The e-mail address, the password or the workspace is not right.`,
  invalid_invitation: msg`This invitation is not open any more. Ask for another one.`,
  forbidden: msg`Your role does not permit that.`,
  foreign_origin: msg`Pages of this address may not change anything here. The operator can allow it.`,
  not_found: msg`It does not exist, or not any more.`,
  stale: msg`Somebody else has changed it meanwhile.`,
  duplicate: msg`Another record has the same already.`,
  reference: msg`It refers to something that is not there any more, or is still in use.`,
  conflict: msg`Something else was changed meanwhile.`,
  idempotency_conflict: msg`This was sent before with other content.`,
  rate_limited: msg`Too many attempts. Wait a moment before you try again.`,
  unavailable: msg`The service is too busy, or its store cannot be reached just now. Try again in a moment.`,
  busy: msg`The service is too busy just now. Try again in a moment.`,
  timeout: msg`That took too long to arrive. Try again.`,
  too_large: msg`That is more than the service takes at once.`,
  internal: msg`Something went wrong in the service. It has been noted there.`,
};

/** What the service holds on to, by its own words for it. */
const RULES: Record<string, MessageDescriptor> = {
  "a tenant must keep at least one active owner": msg`A workspace must keep at least one active owner.`,
  "a stage that leads are in cannot be removed, opened or closed": msg`A stage that leads are in cannot be removed, opened or closed.`,
  "the user has accepted an invitation already": msg`The invitation has been accepted already.`,
};

/** They read on from the name of the field, as those of the service do. */
const FAULTS: Record<string, MessageDescriptor> = {
  invalid_email: msg`must be an e-mail address such as ada@example.com`,
  invalid_phone: msg`must be a phone number such as +44 20 7946 0000`,
  invalid_url: msg`must be a web address such as https://example.com`,
  invalid_key: msg`must start with a letter or digit, and have only small letters, digits, “_” and “-”`,
  invalid_character: msg`has a character that cannot be kept`,
  invalid_amount: msg`must be an amount`,
  invalid_currency: msg`must have a currency such as EUR`,
  unknown_choice: msg`must be one of the choices`,
  unknown_stage: msg`must be a stage of the pipeline`,
  unknown_reference: msg`refers to something that is not there, or not any more`,
  unknown_time_zone: msg`must be a time zone such as Europe/Berlin`,
  inactive_user: msg`must be somebody who is active`,
  wrong_password: msg`is not the password of this account`,
  wrong_type: msg`is not of the right kind`,
  invalid_name: msg`must have 1 to 100 plain characters`,
  duplicate_key: msg`is there twice`,
  duplicate: msg`is taken by another record`,
  read_only: msg`cannot be changed`,
  in_the_past: msg`must lie in the future`,
  in_the_future: msg`must not be in the future`,
  before_start: msg`must not be before the start`,
  before_creation: msg`must not be before it was created`,
};

const of = (texts: Record<string, MessageDescriptor>, code: string): string | null => {
  const text = Object.hasOwn(texts, code) ? texts[code] : undefined;
  return text ? i18n._(text) : null;
};

/** Those in which the service names a bound, or the fields of which one is needed. */
function particular({ code, detail }: Fault): string | null {
  const [, bound] = /at (?:most|least) (\d+)/.exec(detail) ?? [];
  if (code === "too_long" && bound !== undefined) return t`must have at most ${bound} characters`;
  if (code === "too_short" && bound !== undefined) return t`must have at least ${bound} characters`;
  if (code === "out_of_range" && detail === "must not be negative") return t`must not be negative`;
  if (code === "out_of_range" && detail.includes("years 1 to 9999")) return t`must lie in the years 1 to 9999`;
  const [, least, most] = /from (\d+) to (\d+)$/.exec(detail) ?? [];
  if (code === "out_of_range" && least !== undefined && most !== undefined) return t`must be from ${least} to ${most}`;
  const [, stage, count] = /^cannot do without `(\w+)` as it is: (\d+) leads/.exec(detail) ?? [];
  if (code === "stage_in_use" && stage !== undefined && count !== undefined) return t`cannot do without “${stage}” as it is: ${count} leads are in it; move them first`;
  if (code !== "required") return null;
  const others = [...detail.matchAll(/`(\w+)`/g)].map(([, name]) => fieldLabel(name ?? ""));
  if (others.length === 0) return t`must be given`;
  const named = new Intl.ListFormat(i18n.locale, { type: "disjunction" }).format(others);
  return t`must be given, or ${named}`;
}

/** What is wrong with a field, read on from its name. */
export const faultOf = (fault: Fault): string => particular(fault) ?? of(FAULTS, fault.code) ?? fault.detail;

/** What stands alone, as a sentence does. */
export const sentence = (text: string): string => `${text.charAt(0).toLocaleUpperCase(i18n.locale)}${text.slice(1)}`;

/** A fault with the name of its field, if it is of one. */
export function namedFaultOf(fault: Fault): string {
  const field = fault.pointer?.split("/")[1];
  return field ? `${fieldLabel(field)}: ${faultOf(fault)}` : faultOf(fault);
}

/** Whether there was no answer of the service: none at all, or that of a proxy which did not reach it. */
export const isUnreachable = (error: unknown): boolean => !(error instanceof ProblemError) || (error.code === "unknown" && error.status >= 502 && error.status <= 504);

/** Why something was not done, in one line. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof ProblemError) || isUnreachable(error)) return t`The server cannot be reached`;
  if (error.errors.length > 0) return error.errors.map(namedFaultOf).join("; ");
  if (error.code === "unknown") return t`The answer has the status ${error.status}, and does not say why.`;
  return of(PROBLEMS, error.code) ?? of(RULES, error.message) ?? error.message;
}
