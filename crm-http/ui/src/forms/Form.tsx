/** Forms: the values of react-hook-form, saved by a function, with what the service refuses shown at its fields. */

import { useLingui } from "@lingui/react/macro";
import { type ReactNode, useState } from "react";
import { type ControllerRenderProps, type FieldPath, type FieldValues, FormProvider, type UseFormReturn, useController } from "react-hook-form";

import { Yielded } from "../data/changing";
import { ProblemError } from "../data/service";
import { faultOf, namedFaultOf, reasonOf, sentence } from "../format/faults";
import { Icon, announce } from "../kit";

export interface FormProps<V extends FieldValues> {
  /** For buttons outside of it: `<Button type="submit" form={id}>`. */
  id: string;
  form: UseFormReturn<V>;
  /** Saves. What it throws is shown: faults at their fields, all else at the top. */
  onSave(values: V): Promise<void>;
  children: ReactNode;
}

/** The field of a form that a pointer of the service is about, if there is one: `/value/amount` is about `value`. */
export function fieldOf<V extends FieldValues>(form: UseFormReturn<V>, pointer: string | undefined): FieldPath<V> | null {
  const name = pointer?.split("/")[1];
  return name !== undefined && name in form.getValues() ? (name as FieldPath<V>) : null;
}

export function Form<V extends FieldValues>({ id, form, onSave, children }: FormProps<V>) {
  const { t } = useLingui();
  const [faults, setFaults] = useState<readonly string[]>([]);

  const refuse = (error: unknown): void => {
    if (error instanceof Yielded) return;
    if (!(error instanceof ProblemError)) {
      setFaults([t`The server cannot be reached. What you entered is still here: try again in a moment.`]);
      return;
    }
    const rest: string[] = [];
    let isFirst = true;
    for (const fault of error.errors) {
      const field = fieldOf(form, fault.pointer);
      if (field === null) rest.push(namedFaultOf(fault));
      else form.setError(field, { type: "server", message: sentence(faultOf(fault)) }, { shouldFocus: isFirst });
      if (field !== null) isFirst = false;
    }
    setFaults(error.errors.length === 0 ? [reasonOf(error)] : rest);
    if (!isFirst) announce(t`Not saved: some fields need another value`);
  };
  const save = form.handleSubmit(async (values) => {
    setFaults([]);
    await onSave(values).catch(refuse);
  });

  return (
    <FormProvider {...form}>
      <form
        id={id}
        className="form"
        noValidate
        onSubmit={(event) => {
          event.stopPropagation();
          void save(event);
        }}
      >
        {faults.length > 0 && (
          <div className="form-faults" role="alert">
            <Icon name="warning" />
            <ul>
              {faults.map((fault) => (
                <li key={fault}>{fault}</li>
              ))}
            </ul>
          </div>
        )}
        {children}
      </form>
    </FormProvider>
  );
}

/** What a field of the kit takes of a form. */
export type Bound<V extends FieldValues, N extends FieldPath<V>> = ControllerRenderProps<V, N> & { error: string | undefined };

/** Binds a field of the kit: `<Field form={form} name="company">{(field) => <TextField label={t`Company`} {...field} />}</Field>`. */
export function Field<V extends FieldValues, N extends FieldPath<V>>({ form, name, rules, children }: {
  form: UseFormReturn<V>;
  name: N;
  rules?: { required?: string; validate?: (value: unknown) => string | true };
  children(field: Bound<V, N>): ReactNode;
}) {
  const { field, fieldState } = useController({ control: form.control, name, ...(rules && { rules: rules as object }) });
  return children({ ...field, error: fieldState.error?.message });
}
