import { useLingui } from "@lingui/react/macro";
import { useEffect } from "react";
import { useForm } from "react-hook-form";

import { type Interaction, patchOf, useEditing, useUpdate } from "../../data";
import { Form } from "../../forms";
import { Button, SidePanel, toast } from "../../kit";
import { InteractionFields, type InteractionValues, inputOf, valuesOf } from "./InteractionFields";

const FORM = "edit-interaction";

/** Changes an interaction. */
export default function InteractionPanel({ interaction, onClose }: { interaction: Interaction; onClose(): void }) {
  const { t } = useLingui();
  const update = useUpdate("interactions");
  const { base, newer, takeNewer } = useEditing("interactions", interaction);
  const form = useForm<InteractionValues>({ defaultValues: valuesOf(base) });
  const { dirtyFields, isDirty, isSubmitting } = form.formState;
  const startOver = (): void => {
    if (!newer) return;
    takeNewer();
    form.reset(valuesOf(newer));
  };
  useEffect(() => {
    if (newer && !isDirty) startOver();
  });
  const save = async (values: InteractionValues): Promise<void> => {
    // A field of minutes has no seconds: what was not touched stays what it was.
    const patch = patchOf<object>(base, inputOf(values, dirtyFields.occurred_at === true));
    if (Object.keys(patch).length > 0) {
      await update.mutateAsync({ record: base, patch });
      toast(t`Saved`, { tone: "success" });
    }
    onClose();
  };
  return (
    <SidePanel
      title={t`Edit interaction`}
      onClose={onClose}
      isDirty={isDirty}
      footer={
        <>
          <Button onClick={onClose}>{t`Cancel`}</Button>
          <Button type="submit" form={FORM} variant="primary" isBusy={isSubmitting}>{t`Save`}</Button>
        </>
      }
    >
      {newer && isDirty && (
        <div className="form-notice" role="status">
          <span>{t`Somebody else has changed this meanwhile.`}</span>
          <Button size="small" onClick={startOver}>{t`Start over from theirs`}</Button>
        </div>
      )}
      <Form id={FORM} form={form} onSave={save}>
        <InteractionFields form={form} rows={10} />
      </Form>
    </SidePanel>
  );
}
