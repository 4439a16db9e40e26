import { useLingui } from "@lingui/react/macro";
import { type ReactNode, useEffect, useState } from "react";
import { type UseFormReturn, useWatch } from "react-hook-form";

import { config } from "../../config";
import { type Customer, useList } from "../../data";
import { Field } from "../../forms";
import { titleOf } from "../../format";
import { useLabels } from "../../format/labels";
import { Checkbox, Icon, RecordField, TextArea, TextField } from "../../kit";
import { TagsField } from "../../kit/TagsField";

const TEXTS = ["company", "name", "email", "phone", "website", "address_line1", "address_line2", "postal_code", "city", "state", "country", "external_id", "notes"] as const;
type TextName = (typeof TEXTS)[number];

export type CustomerValues = Record<TextName, string> & { owner_id: string | null; tags: string[]; is_active: boolean };

export function valuesOf(customer: Partial<Customer>): CustomerValues {
  const texts = Object.fromEntries(TEXTS.map((name) => [name, customer[name] ?? ""])) as Record<TextName, string>;
  return { ...texts, owner_id: customer.owner_id ?? null, tags: customer.tags ?? [], is_active: customer.is_active ?? true };
}

/** What the service takes: no text is nothing. */
export function inputOf({ owner_id, tags, is_active, ...texts }: CustomerValues): Omit<Customer, "id" | "version" | "created_at" | "updated_at" | "created_by"> {
  const trimmed = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, text.trim() === "" ? null : text.trim()])) as Record<TextName, string | null>;
  return { ...trimmed, owner_id, tags, is_active };
}

interface CustomerFieldsProps {
  form: UseFormReturn<CustomerValues>;
}

/** Everything that a customer is filled in with. */
export function CustomerFields({ form, hint }: CustomerFieldsProps & { hint?: ReactNode }) {
  const { t } = useLingui();
  const labels = useLabels();
  const text = (name: TextName, type: "text" | "email" | "tel" | "url" = "text") => (
    <Field form={form} name={name}>
      {(field) => <TextField label={labels.field(name)} type={type === "url" ? "text" : type} inputMode={type} {...field} />}
    </Field>
  );
  const isNamed = (): string | true => (form.getValues("company").trim() === "" && form.getValues("name").trim() === "" ? t`Fill in the company or the name of a person.` : true);
  return (
    <>
      <div className="form-row">
        <Field form={form} name="company" rules={{ validate: isNamed }}>
          {(field) => <TextField label={labels.field("company")} hasAutoFocus {...field} />}
        </Field>
        {text("name")}
      </div>
      <div className="form-row">
        {text("email", "email")}
        {text("phone", "tel")}
      </div>
      {hint}
      {text("website", "url")}
      <fieldset className="form-group">
        <legend>{t`Address`}</legend>
        {text("address_line1")}
        {text("address_line2")}
        <div className="form-row">
          {text("postal_code")}
          {text("city")}
        </div>
        <div className="form-row">
          {text("state")}
          {text("country")}
        </div>
      </fieldset>
      <fieldset className="form-group">
        <legend>{t`Management`}</legend>
        <Field form={form} name="owner_id">
          {(field) => <RecordField label={labels.field("owner_id")} kind="users" {...field} />}
        </Field>
        <Field form={form} name="tags">
          {(field) => <TagsField label={labels.field("tags")} description={t`Press Enter after each.`} {...field} />}
        </Field>
        <Field form={form} name="external_id">
          {(field) => <TextField label={labels.field("external_id")} description={t`Its number in another system.`} {...field} />}
        </Field>
        <Field form={form} name="is_active">
          {(field) => <Checkbox label={labels.field("is_active")} description={t`Business goes on with it.`} {...field} />}
        </Field>
        <Field form={form} name="notes">
          {(field) => <TextArea label={labels.field("notes")} rows={5} {...field} />}
        </Field>
      </fieldset>
    </>
  );
}

const PAUSE = 350;
const SHORTEST = 3;
const MOST = 3;

/** Says who is there already by that name or address. */
export function Duplicates({ form }: CustomerFieldsProps) {
  const { t } = useLingui();
  const [company, name, email] = useWatch({ control: form.control, name: ["company", "name", "email"] });
  const typed = (email.includes("@") ? email : company || name).trim();
  const [search, setSearch] = useState("");
  useEffect(() => {
    const timer = window.setTimeout(() => setSearch(typed), PAUSE);
    return () => window.clearTimeout(timer);
  }, [typed]);
  const isLong = search.length >= SHORTEST;
  const { rows } = useList("customers", { search, limit: MOST }, { enabled: isLong });
  if (!isLong || typed === "" || rows.length === 0) return null;
  return (
    <div className="form-notice duplicates" role="status">
      <span>{t`Perhaps it is there already:`}</span>
      <ul>
        {rows.slice(0, MOST).map((customer) => (
          <li key={customer.id}>
            <a href={`${config.base}/customers/${customer.id}`} target="_blank" rel="noreferrer">
              {titleOf(customer)} <Icon name="external" size={14} />
            </a>{" "}
            <span className="muted">{[customer.company === null ? null : customer.name, customer.email, customer.city].filter(Boolean).join(" · ")}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
