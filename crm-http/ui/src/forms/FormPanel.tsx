import { useLingui } from "@lingui/react/macro";
import { type ReactNode, useId } from "react";
import type { FieldValues, UseFormReturn } from "react-hook-form";

import { Button, SidePanel } from "../kit";
import { Form } from "./Form";

export interface FormPanelProps<V extends FieldValues> {
  title: string;
  form: UseFormReturn<V>;
  /** What the button that saves says. */
  action: string;
  /** Saves. What it throws is shown: faults at their fields, all else at the top. */
  onSave(values: V): Promise<void>;
  onClose(): void;
  /** Other things to do, before the buttons. */
  others?: ReactNode;
  /** What is to be known before the fields. */
  notice?: ReactNode;
  children: ReactNode;
}

/** A panel with a form that is saved or left. */
export function FormPanel<V extends FieldValues>({ title, form, action, onSave, onClose, others, notice, children }: FormPanelProps<V>) {
  const { t } = useLingui();
  const id = useId();
  const { isDirty, isSubmitting } = form.formState;
  return (
    <SidePanel
      title={title}
      onClose={onClose}
      isDirty={isDirty}
      footer={
        <>
          {others}
          <Button onClick={onClose}>{t`Cancel`}</Button>
          <Button type="submit" form={id} variant="primary" isBusy={isSubmitting}>
            {action}
          </Button>
        </>
      }
    >
      {notice}
      <Form id={id} form={form} onSave={onSave}>
        {children}
      </Form>
    </SidePanel>
  );
}
