import { useLingui } from "@lingui/react/macro";
import { useForm } from "react-hook-form";

import { useCreate, useMe, usePipeline } from "../../data";
import { type CreatePanelProps, FormPanel } from "../../forms";
import { LeadFields } from "./LeadFields";
import { type LeadValues, inputOf, valuesOf } from "./values";


export default function CreateLead({ defaults, onClose, onCreated }: CreatePanelProps<"leads">) {
  const { t } = useLingui();
  const { user } = useMe();
  const { stages } = usePipeline();
  const create = useCreate("leads");
  const first = stages.find(({ kind }) => kind === "open")?.key;
  const form = useForm<LeadValues>({ defaultValues: valuesOf({ owner_id: user.id, ...(first !== undefined && { stage: first }), ...defaults }) });
  const save = async (values: LeadValues): Promise<void> => onCreated(await create.mutateAsync(inputOf(values)));
  return (
    <FormPanel title={t`New lead`} form={form} action={t`Create lead`} onSave={save} onClose={onClose}>
      <LeadFields form={form} />
    </FormPanel>
  );
}
