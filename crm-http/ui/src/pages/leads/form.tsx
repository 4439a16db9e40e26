import { useLingui } from "@lingui/react/macro";
import { useForm } from "react-hook-form";

import { useCreate, useMe, usePipeline } from "../../data";
import { type CreatePanelProps, Form } from "../../forms";
import { Button, SidePanel } from "../../kit";
import { LeadFields } from "./LeadFields";
import { type LeadValues, inputOf, valuesOf } from "./values";

const FORM = "create-lead";

export default function CreateLead({ defaults, onClose, onCreated }: CreatePanelProps<"leads">) {
  const { t } = useLingui();
  const { user } = useMe();
  const { stages } = usePipeline();
  const create = useCreate("leads");
  const first = stages.find(({ kind }) => kind === "open")?.key;
  const form = useForm<LeadValues>({ defaultValues: valuesOf({ owner_id: user.id, ...(first !== undefined && { stage: first }), ...defaults }) });
  const save = async (values: LeadValues): Promise<void> => onCreated(await create.mutateAsync(inputOf(values)));
  return (
    <SidePanel
      title={t`New lead`}
      onClose={onClose}
      isDirty={form.formState.isDirty}
      footer={
        <>
          <Button onClick={onClose}>{t`Cancel`}</Button>
          <Button type="submit" form={FORM} variant="primary" isBusy={form.formState.isSubmitting}>
            {t`Create lead`}
          </Button>
        </>
      }
    >
      <Form id={FORM} form={form} onSave={save}>
        <LeadFields form={form} />
      </Form>
    </SidePanel>
  );
}
