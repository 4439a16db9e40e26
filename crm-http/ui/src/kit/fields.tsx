/** Fields to fill in. Each takes its value and gives the next; `Field` of the forms binds them to a form. */

import { useLingui } from "@lingui/react/macro";
import { type HTMLInputAutoCompleteAttribute, type HTMLInputTypeAttribute, type ReactNode, type Ref, useId } from "react";

import type { Money } from "../data/service";
import { fromLocalInput, minorUnits, toLocalInput } from "../format";
import { Icon } from "./Icon";
import { classes } from "./classes";

export interface FieldProps<V, E extends HTMLElement = HTMLInputElement> {
  label: string;
  value: V;
  onChange(value: V): void;
  onBlur?: (() => void) | undefined;
  /** What is wrong. */
  error?: string | undefined;
  /** What to fill in, below the field. */
  description?: string | undefined;
  isRequired?: boolean | undefined;
  isDisabled?: boolean | undefined;
  /** The label is for screen readers alone. */
  isLabelHidden?: boolean | undefined;
  name?: string | undefined;
  ref?: Ref<E> | undefined;
}

type FrameProps = Pick<FieldProps<unknown>, "label" | "error" | "description" | "isRequired" | "isLabelHidden"> & { id: string; children: ReactNode };

/** The label, the description and the error around a control with this id. */
export function FieldFrame({ id, label, error, description, isRequired, isLabelHidden, children }: FrameProps) {
  return (
    <div className={classes("field", error !== undefined && "is-invalid")}>
      <label htmlFor={id} className={isLabelHidden ? "visually-hidden" : "field-label"}>
        {label}
        {isRequired && <span aria-hidden="true"> *</span>}
      </label>
      {children}
      {description !== undefined && (
        <p id={`${id}-description`} className="field-description">
          {description}
        </p>
      )}
      {error !== undefined && (
        <p id={`${id}-error`} className="field-error">
          <Icon name="warning" size={14} /> {error}
        </p>
      )}
    </div>
  );
}

/** What a control of this id says of its error and its description. */
export const described = (id: string, { error, description, isRequired }: Pick<FieldProps<unknown>, "error" | "description" | "isRequired">) => ({
  "aria-invalid": error !== undefined || undefined,
  "aria-required": isRequired || undefined,
  "aria-describedby": classes(description !== undefined && `${id}-description`, error !== undefined && `${id}-error`) || undefined,
});

export interface TextFieldProps extends FieldProps<string> {
  type?: HTMLInputTypeAttribute;
  placeholder?: string;
  autoComplete?: HTMLInputAutoCompleteAttribute;
  inputMode?: "text" | "email" | "tel" | "url" | "numeric" | "decimal" | "search";
  hasAutoFocus?: boolean;
  maxLength?: number;
}

export function TextField(props: TextFieldProps) {
  const { value, onChange, onBlur, isDisabled, name, ref, type = "text", placeholder, autoComplete = "off", inputMode, hasAutoFocus, maxLength } = props;
  const id = useId();
  return (
    <FieldFrame {...props} id={id}>
      <input
        {...described(id, props)}
        {...{ id, name, ref, type, placeholder, autoComplete, inputMode, maxLength, value, onBlur }}
        className="input"
        disabled={isDisabled}
        autoFocus={hasAutoFocus}
        data-autofocus={hasAutoFocus}
        onChange={(event) => onChange(event.target.value)}
      />
    </FieldFrame>
  );
}

export function TextArea(props: FieldProps<string, HTMLTextAreaElement> & { rows?: number; placeholder?: string; hasAutoFocus?: boolean; maxLength?: number }) {
  const { value, onChange, onBlur, isDisabled, name, ref, rows = 4, placeholder, hasAutoFocus, maxLength } = props;
  const id = useId();
  return (
    <FieldFrame {...props} id={id}>
      <textarea
        {...described(id, props)}
        {...{ id, name, ref, rows, placeholder, value, onBlur, maxLength }}
        className="input"
        disabled={isDisabled}
        autoFocus={hasAutoFocus}
        data-autofocus={hasAutoFocus}
        onChange={(event) => onChange(event.target.value)}
      />
    </FieldFrame>
  );
}

export interface Choice<V extends string> {
  value: V;
  label: string;
}

export function Select<V extends string>(props: FieldProps<NoInfer<V>, HTMLSelectElement> & { choices: readonly Choice<V>[] }) {
  const { value, onChange, onBlur, isDisabled, name, ref, choices } = props;
  const id = useId();
  return (
    <FieldFrame {...props} id={id}>
      <select
        {...described(id, props)}
        {...{ id, name, ref, value, onBlur }}
        className="input"
        disabled={isDisabled}
        onChange={(event) => {
          const chosen = choices.find((choice) => choice.value === event.target.value);
          if (chosen) onChange(chosen.value);
        }}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </FieldFrame>
  );
}

export function Checkbox({ label, value, onChange, onBlur, error, description, isDisabled, isLabelHidden, name, ref }: FieldProps<boolean>) {
  const id = useId();
  return (
    <div className="field">
      <div className="checkbox">
        <input
          {...described(id, { error, description, isRequired: false })}
          {...{ id, name, ref, onBlur }}
          type="checkbox"
          checked={value}
          disabled={isDisabled}
          onChange={(event) => onChange(event.target.checked)}
        />
        <label htmlFor={id} className={isLabelHidden ? "visually-hidden" : undefined}>
          {label}
        </label>
      </div>
      {description !== undefined && (
        <p id={`${id}-description`} className="field-description">
          {description}
        </p>
      )}
      {error !== undefined && (
        <p id={`${id}-error`} className="field-error">
          {error}
        </p>
      )}
    </div>
  );
}

/** A day (`2030-01-31`), or with `hasTime` a time (RFC 3339, in UTC), which is shown in the reader's time zone. */
export function DateField(props: FieldProps<string | null> & { hasTime?: boolean }) {
  const { value, onChange, onBlur, isDisabled, name, ref, hasTime = false } = props;
  const id = useId();
  const shown = value === null ? "" : hasTime ? toLocalInput(value) : value;
  const read = (text: string): string | null => (text === "" ? null : hasTime ? fromLocalInput(text) : text);
  return (
    <FieldFrame {...props} id={id}>
      <input
        {...described(id, props)}
        {...{ id, name, ref, onBlur }}
        type={hasTime ? "datetime-local" : "date"}
        className="input"
        value={shown}
        disabled={isDisabled}
        onChange={(event) => onChange(read(event.target.value))}
      />
    </FieldFrame>
  );
}

const CURRENCIES = ["EUR", "USD", "GBP", "CHF", "JPY", "CAD", "AUD", "SEK", "NOK", "DKK", "PLN", "CZK", "CNY", "INR", "BRL"] as const;

/** An amount in a currency, or nothing. */
export function MoneyField(props: FieldProps<Money | null> & { currency?: Money["currency"] }) {
  const { t } = useLingui();
  const { value, onChange, onBlur, isDisabled, name, ref, currency: usual = "EUR" } = props;
  const id = useId();
  const currency = value?.currency ?? usual;
  const units = minorUnits(currency);
  const others = CURRENCIES.some((known) => known === currency) ? CURRENCIES : [currency, ...CURRENCIES];
  const read = (text: string, of: Money["currency"]): void => {
    const amount = Math.round(Number(text) * minorUnits(of));
    onChange(text === "" || !Number.isSafeInteger(amount) ? null : { amount, currency: of });
  };
  return (
    <FieldFrame {...props} id={id}>
      <div className="input-group">
        <input
          {...described(id, props)}
          {...{ id, name, ref, onBlur }}
          type="number"
          inputMode="decimal"
          min={0}
          step={1 / units}
          className="input"
          value={value === null ? "" : value.amount / units}
          disabled={isDisabled}
          onChange={(event) => read(event.target.value, currency)}
        />
        <select
          className="input"
          aria-label={t`Currency`}
          value={currency}
          disabled={isDisabled}
          onChange={(event) => {
            const next = event.target.value as Money["currency"];
            onChange({ amount: Math.round(((value?.amount ?? 0) / units) * minorUnits(next)), currency: next });
          }}
        >
          {others.map((code) => (
            <option key={code}>{code}</option>
          ))}
        </select>
      </div>
    </FieldFrame>
  );
}
