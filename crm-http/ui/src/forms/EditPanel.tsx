import { useLingui } from "@lingui/react/macro";
import { type ReactNode, useEffect } from "react";
import { type DefaultValues, type FieldValues, type UseFormReturn, useForm } from "react-hook-form";

import { type Kind, type PatchOf, type RecordOf, patchOf, useEditing, useUpdate } from "../data";
import { Button, toast } from "../kit";
import { FormPanel } from "./FormPanel";

export interface EditPanelProps<K extends Kind, V extends FieldValues> {
  kind: K;
  record: RecordOf<K>;
  title: string;
  /** The record as the form has it. */
  valuesOf(record: RecordOf<K>): V;
  /** What the form says, as the service takes it. A time is edited by the minute: untouched, it is to keep its seconds. */
  inputOf(values: V, isTouched: (field: keyof V & string) => boolean): object;
  /** What is said when it is saved. */
  said(values: V): string;
  others?: ReactNode;
  onClose(): void;
  children(form: UseFormReturn<V>): ReactNode;
}

/** A panel that changes a record, and only those of its fields that were edited. */
export function EditPanel<K extends Kind, V extends FieldValues>({ kind, record, title, valuesOf, inputOf, said, others, onClose, children }: EditPanelProps<K, V>) {
  const { t } = useLingui();
  const update = useUpdate(kind);
  const { base, newer, takeNewer } = useEditing(kind, record);
  const form = useForm<V>({ defaultValues: valuesOf(base) as DefaultValues<V> });
  const { isDirty, dirtyFields } = form.formState;
  const startOver = (): void => {
    if (!newer) return;
    takeNewer();
    form.reset(valuesOf(newer));
  };
  // What somebody else saves is simply shown, as long as nothing of one's own would go.
  useEffect(() => {
    if (newer && !isDirty) startOver();
  });
  const save = async (values: V): Promise<void> => {
    const isTouched = (field: keyof V & string): boolean => Object.hasOwn(dirtyFields, field);
    const patch = patchOf<object>(base, inputOf(values, isTouched)) as PatchOf<K>;
    if (Object.keys(patch as object).length > 0) {
      await update.mutateAsync({ record: base, patch });
      toast(said(values), { tone: "success" });
    }
    onClose();
  };
  const notice = newer && isDirty && (
    <div className="form-notice" role="status">
      <span>{t`Somebody else has changed this meanwhile. What you did not touch stays as they saved it; you are asked about the rest.`}</span>
      <Button size="small" onClick={startOver}>
        {t`Start over from theirs`}
      </Button>
    </div>
  );
  return (
    <FormPanel title={title} form={form} action={t`Save`} onSave={save} onClose={onClose} others={others} notice={notice}>
      {children(form)}
    </FormPanel>
  );
}
