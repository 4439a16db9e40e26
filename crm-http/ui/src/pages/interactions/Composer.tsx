import { useLingui } from "@lingui/react/macro";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useForm } from "react-hook-form";

import { type InteractionInput, useCreate } from "../../data";
import { Field, Form } from "../../forms";
import { useLabels } from "../../format/labels";
import { Button, DateField, Icon, Menu, RecordField, TextArea, TextField, announce } from "../../kit";
import { setShortcuts, useShortcuts, useShortcutsOn } from "../../kit/Shortcuts";
import { type InteractionType, type InteractionValues, TYPES, TypeField, inputOf, valuesOf } from "./InteractionFields";

/** The record that interactions are with; null to choose a customer. */
export type Parent = { customer_id: string } | { lead_id: string } | null;
type Values = InteractionValues & { customer_id: string | null };

const LETTERS: Record<InteractionType, string> = { note: "n", email: "e", phone: "c", meeting: "m" };
const FORM = "composer";
const isMac = navigator.platform.startsWith("Mac");

// What was begun and left is there when one comes back.
const drafts = new Map<string, Values>();
const nameOf = (parent: Parent): string => JSON.stringify(parent);

/** Adds an interaction: a letter opens it, Ctrl and Enter save it. */
export function Composer({ parent }: { parent: Parent }) {
  const { t } = useLingui();
  const labels = useLabels();
  const isOn = useShortcutsOn();
  const draft = drafts.get(nameOf(parent));
  const [opened, setOpened] = useState<InteractionType | null>(draft?.type ?? null);
  const start = useRef<HTMLDivElement>(null);

  const open = (type: InteractionType): void => setOpened((before) => before ?? type);
  useShortcuts(TYPES.map((type) => ({ keys: [LETTERS[type]], label: type, act: () => open(type) })));
  const close = (): void => {
    drafts.delete(nameOf(parent));
    flushSync(() => setOpened(null));
    // The form is gone, and the focus with it if it was there: whoever has gone on already is not called back.
    if (document.activeElement === document.body) start.current?.querySelector("button")?.focus();
  };

  if (opened) return <ComposerForm parent={parent} type={opened} draft={draft} onClose={close} />;
  return (
    <div ref={start} className="composer-start" role="group" aria-label={t`Add an interaction`}>
      {TYPES.map((type) => (
        <Button key={type} size="small" aria-keyshortcuts={isOn ? LETTERS[type] : undefined} onClick={() => open(type)}>
          <Icon name={type} size={16} /> {labels.value(type)} {isOn && <kbd aria-hidden="true">{LETTERS[type]}</kbd>}
        </Button>
      ))}
      <Menu
        label={t`Shortcuts`}
        items={[
          { id: "on", label: t`Shortcuts of one letter`, isChosen: isOn, section: t`Keyboard`, act: () => setShortcuts(true) },
          { id: "off", label: t`No shortcuts of one letter`, isChosen: !isOn, act: () => setShortcuts(false) },
        ]}
      />
    </div>
  );
}

function ComposerForm({ parent, type, draft, onClose }: { parent: Parent; type: InteractionType; draft: Values | undefined; onClose(): void }) {
  const { t } = useLingui();
  const labels = useLabels();
  const create = useCreate("interactions");
  const form = useForm<Values>({ defaultValues: draft ?? { ...valuesOf({ type }), customer_id: null } });
  // Read at each render, or the form would not keep count of it.
  const { dirtyFields, isDirty, isSubmitting } = form.formState;
  const subject = useRef<HTMLInputElement | null>(null);
  const frame = useRef<HTMLDivElement>(null);
  const hasBegun = useRef(false);

  useEffect(() => {
    if (parent !== null) subject.current?.focus();
  }, [parent]);
  // Kept as it is typed, for whoever goes to another page in the middle of it.
  useEffect(() => {
    const name = nameOf(parent);
    const { unsubscribe } = form.watch((values) => drafts.set(name, values as Values));
    return unsubscribe;
  }, [form, parent]);

  const save = async ({ customer_id, ...values }: Values): Promise<void> => {
    const of = parent ?? { customer_id: customer_id ?? "" };
    await create.mutateAsync({ ...of, ...inputOf(values, dirtyFields.occurred_at === true) } as InteractionInput);
    announce(t`${labels.value(values.type)} added`);
    onClose();
  };
  const isSaying = (): string | true => {
    const { subject: about, description } = form.getValues();
    return about.trim() === "" && description.trim() === "" ? t`Write what it was about.` : true;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      frame.current?.querySelector("form")?.requestSubmit();
    } else if (event.key === "Escape" && !event.defaultPrevented && !isDirty) onClose();
  };

  return (
    <div ref={frame} className="composer" onKeyDown={onKeyDown}>
      <Form id={FORM} form={form} onSave={save}>
        <div className="composer-head">
          <Field form={form} name="type">
            {({ value, onChange }) => <TypeField value={value} onChange={onChange} />}
          </Field>
          <Field form={form} name="occurred_at">
            {(field) => <DateField label={labels.field("occurred_at")} isLabelHidden hasTime {...field} />}
          </Field>
        </div>
        {parent === null && (
          <div className="composer-customer">
            <Field form={form} name="customer_id" rules={{ validate: (value) => (value === null ? t`Choose a customer.` : true) }}>
              {({ ref, ...field }) => (
                <RecordField
                  label={labels.kind("customers")}
                  kind="customers"
                  isRequired
                  {...field}
                  ref={(element) => {
                    ref(element);
                    // It is loaded when it is first shown: it begins here as soon as it is there.
                    if (element && !hasBegun.current) element.focus();
                    hasBegun.current ||= element !== null;
                  }}
                />
              )}
            </Field>
          </div>
        )}
        <Field form={form} name="subject" rules={{ validate: isSaying }}>
          {({ ref, ...field }) => (
            <TextField
              label={labels.field("subject")}
              isLabelHidden
              placeholder={t`What was it about?`}
              maxLength={300}
              {...field}
              ref={(element) => {
                ref(element);
                subject.current = element;
              }}
            />
          )}
        </Field>
        <Field form={form} name="description">
          {(field) => <TextArea label={labels.field("description")} isLabelHidden rows={3} placeholder={t`Details`} maxLength={20_000} {...field} />}
        </Field>
        <div className="composer-foot">
          <span className="muted">
            <kbd>{isMac ? "⌘" : t`Ctrl`}</kbd> <kbd>{t`Enter`}</kbd> {t`saves`}
          </span>
          <Button size="small" onClick={onClose}>{t`Discard`}</Button>
          <Button size="small" type="submit" variant="primary" isBusy={isSubmitting}>
            {t`Add`}
          </Button>
        </div>
      </Form>
    </div>
  );
}
