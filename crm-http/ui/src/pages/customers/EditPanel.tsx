import { useLingui } from "@lingui/react/macro";
import { useEffect } from "react";
import { useForm } from "react-hook-form";

import { type Customer, patchOf, useEditing, useUpdate } from "../../data";
import { Form } from "../../forms";
import { titleOf } from "../../format";
import { Button, SidePanel, toast } from "../../kit";
import { CustomerFields, type CustomerValues, inputOf, valuesOf } from "./CustomerFields";

const FORM = "edit-customer";

export default function EditPanel({ customer, onClose }: { customer: Customer; onClose(): void }) {
  const { t } = useLingui();
  const update = useUpdate("customers");
  const { base, newer, takeNewer } = useEditing("customers", customer);
  const form = useForm<CustomerValues>({ defaultValues: valuesOf(base) });
  const { isDirty, isSubmitting } = form.formState;
  const name = titleOf(customer);

  const startOver = (): void => {
    if (!newer) return;
    takeNewer();
    form.reset(valuesOf(newer));
  };
  // What somebody else saves is simply shown, as long as nothing of one's own would go.
  useEffect(() => {
    if (newer && !isDirty) startOver();
  });

  const save = async (values: CustomerValues): Promise<void> => {
    const patch = patchOf(base, inputOf(values));
    if (Object.keys(patch).length > 0) {
      await update.mutateAsync({ record: base, patch });
      toast(t`Saved`, { tone: "success" });
    }
    onClose();
  };
  return (
    <SidePanel
      title={t`Edit ${name}`}
      onClose={onClose}
      isDirty={isDirty}
      footer={
        <>
          <Button onClick={onClose}>{t`Cancel`}</Button>
          <Button type="submit" form={FORM} variant="primary" isBusy={isSubmitting}>
            {t`Save`}
          </Button>
        </>
      }
    >
      {newer && isDirty && (
        <div className="form-notice" role="status">
          <span>{t`Somebody else has changed this customer meanwhile. What you did not touch stays as they saved it; you are asked about the rest.`}</span>
          <Button size="small" onClick={startOver}>{t`Start over from theirs`}</Button>
        </div>
      )}
      <Form id={FORM} form={form} onSave={save}>
        <CustomerFields form={form} />
      </Form>
    </SidePanel>
  );
}
