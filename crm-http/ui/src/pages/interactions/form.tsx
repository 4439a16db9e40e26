import { useLingui } from "@lingui/react/macro";
import { useForm } from "react-hook-form";

import { type Interaction, type InteractionInput, useCreate } from "../../data";
import { type CreatePanelProps, Field, FormPanel } from "../../forms";
import { useLabels } from "../../format/labels";
import { RecordField } from "../../kit";
import { InteractionFields, type InteractionValues, inputOf, valuesOf } from "./InteractionFields";
import "./interactions.css";

type Values = InteractionValues & { customer_id: string | null; lead_id: string | null };

export default function CreateInteraction({ defaults, onClose, onCreated }: CreatePanelProps<"interactions">) {
  const { t } = useLingui();
  const labels = useLabels();
  const create = useCreate("interactions");
  const { customer_id = null, lead_id = null, ...known } = defaults;
  const form = useForm<Values>({ defaultValues: { ...valuesOf(known as Partial<Interaction>), customer_id, lead_id } });
  const { dirtyFields } = form.formState;
  // With whom it was: a lead where it began at one, else a customer.
  const parent = lead_id === null ? "customer_id" : "lead_id";
  const save = async ({ customer_id: customer, lead_id: lead, ...values }: Values): Promise<void> => {
    const of = parent === "lead_id" ? { lead_id: lead } : { customer_id: customer };
    onCreated(await create.mutateAsync({ ...of, ...inputOf(values, dirtyFields.occurred_at === true) } as InteractionInput));
  };
  return (
    <FormPanel title={t`New interaction`} form={form} action={t`Create`} onSave={save} onClose={onClose}>
      <Field form={form} name={parent} rules={{ validate: (value) => (value === null ? t`Choose with whom it was.` : true) }}>
        {(field) => <RecordField label={labels.field(parent)} kind={parent === "lead_id" ? "leads" : "customers"} isRequired {...field} />}
      </Field>
      <InteractionFields form={form} />
    </FormPanel>
  );
}
