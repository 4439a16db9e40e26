import { useLingui } from "@lingui/react/macro";
import { useMemo } from "react";
import { useForm } from "react-hook-form";

import { type Lead, patchOf, useEditing, useUpdate } from "../../data";
import { Form } from "../../forms";
import { titleOf } from "../../format";
import { Button, SidePanel, toast } from "../../kit";
import { LeadFields } from "./LeadFields";
import { type LeadValues, inputOf, valuesOf } from "./values";

const FORM = "edit-lead";

export default function EditLead({ lead, onClose }: { lead: Lead; onClose(): void }) {
  const { t } = useLingui();
  const update = useUpdate("leads");
  const { base, newer, takeNewer } = useEditing("leads", lead);
  const values = useMemo(() => valuesOf(base), [base]);
  const form = useForm<LeadValues>({ values, resetOptions: { keepDirtyValues: true } });
  const save = async (edited: LeadValues): Promise<void> => {
    const patch = patchOf(base, inputOf(edited));
    if (Object.keys(patch).length > 0) {
      await update.mutateAsync({ record: base, patch });
      toast(t`${lead.lead_id} saved`, { tone: "success" });
    }
    onClose();
  };
  return (
    <SidePanel
      title={t`Edit ${lead.lead_id} ${titleOf(lead)}`}
      onClose={onClose}
      isDirty={form.formState.isDirty}
      footer={
        <>
          <Button onClick={onClose}>{t`Cancel`}</Button>
          <Button type="submit" form={FORM} variant="primary" isBusy={form.formState.isSubmitting}>
            {t`Save`}
          </Button>
        </>
      }
    >
      {newer && (
        <p className="form-notice" role="status">
          {t`Somebody else has changed this lead meanwhile.`}
          <Button size="small" onClick={takeNewer}>
            {t`Show the changes`}
          </Button>
        </p>
      )}
      <Form id={FORM} form={form} onSave={save}>
        <LeadFields form={form} />
      </Form>
    </SidePanel>
  );
}
