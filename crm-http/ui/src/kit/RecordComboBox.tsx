import "./aria";

import { useLingui } from "@lingui/react/macro";
import { useDeferredValue, useLayoutEffect, useRef, useState } from "react";
import { Button, ComboBox, FieldError, Input, Label, ListBox, ListBoxItem, Popover, Text } from "react-aria-components";

import { type ListQuery, useList, usePeople, useRecord } from "../data";
import { titleOf } from "../format";
import { Icon } from "./Icon";
import type { FieldProps } from "./fields";

/** The kinds of records that others refer to. */
export type ReferenceKind = "customers" | "leads" | "projects" | "users";

export interface RecordFieldProps extends FieldProps<string | null> {
  kind: ReferenceKind;
}

interface Found {
  id: string;
  title: string;
  detail: string | null;
}

const MOST = 20;

function useFound(kind: ReferenceKind, text: string): { found: Found[]; isLoading: boolean } {
  const search = useDeferredValue(text.trim());
  const isUsers = kind === "users";
  const query = { limit: MOST, ...(search !== "" && { search }) } as ListQuery<"customers">;
  const list = useList<Exclude<ReferenceKind, "users">>(isUsers ? "customers" : kind, query, { enabled: !isUsers });
  const people = usePeople();
  if (isUsers) {
    const words = search.toLocaleLowerCase();
    const matches = [...people.values()].filter((user) => user.is_active && `${user.name ?? ""} ${user.email}`.toLocaleLowerCase().includes(words));
    return { found: matches.slice(0, MOST).map((user) => ({ id: user.id, title: titleOf(user), detail: user.email })), isLoading: false };
  }
  const detail = (record: (typeof list.rows)[number]): string | null => ("email" in record ? (record.email ?? null) : null);
  return { found: list.rows.map((record) => ({ id: record.id, title: titleOf(record), detail: detail(record) })), isLoading: list.isFetching };
}

function useTitle(kind: ReferenceKind, id: string | null): string {
  const people = usePeople();
  const { data } = useRecord(kind, kind === "users" ? null : id);
  const record = kind === "users" ? people.get(id ?? "") : data;
  return id !== null && record ? titleOf(record) : "";
}

export default function RecordComboBox({ kind, label, value, onChange, onBlur, error, description, isRequired, isDisabled, isLabelHidden, name, ref }: RecordFieldProps) {
  const { t } = useLingui();
  const title = useTitle(kind, value);
  const [typed, setTyped] = useState<string | null>(null);
  const { found, isLoading } = useFound(kind, typed ?? "");
  const frame = useRef<HTMLDivElement>(null);
  const [dialog, setDialog] = useState<Element | null>(null);
  // What is not in an open dialog is below it.
  useLayoutEffect(() => setDialog(frame.current?.closest("dialog") ?? null), []);
  return (
    <ComboBox
      ref={frame}
      className="field"
      items={found}
      inputValue={typed ?? title}
      onInputChange={(text) => {
        setTyped(text === title ? null : text);
        if (text === "" && value !== null) onChange(null);
      }}
      selectedKey={value}
      onSelectionChange={(key) => {
        setTyped(null);
        if (key !== null) onChange(String(key));
      }}
      onBlur={() => {
        setTyped(null);
        onBlur?.();
      }}
      menuTrigger="focus"
      allowsEmptyCollection
      isDisabled={isDisabled ?? false}
      isRequired={isRequired ?? false}
      isInvalid={error !== undefined}
      validationBehavior="aria"
      {...(name !== undefined && { name })}
    >
      <Label className={isLabelHidden ? "visually-hidden" : "field-label"}>
        {label}
        {isRequired && <span aria-hidden="true"> *</span>}
      </Label>
      <div className="input-group">
        <Input ref={ref ?? null} className="input" placeholder={t`Search…`} />
        <Button className="icon-button" aria-label={t`Show choices`}>
          <Icon name="down" />
        </Button>
      </div>
      {description !== undefined && (
        <Text slot="description" className="field-description">
          {description}
        </Text>
      )}
      <FieldError className="field-error">{error}</FieldError>
      <Popover className="combo-popover" {...(dialog && { UNSTABLE_portalContainer: dialog })}>
        <ListBox<Found> className="combo-list" renderEmptyState={() => <p className="combo-empty">{isLoading ? t`Searching…` : t`Nothing found`}</p>}>
          {(item) => (
            <ListBoxItem id={item.id} textValue={item.title} className="combo-item">
              <Text slot="label">{item.title}</Text>
              {item.detail !== null && <Text slot="description">{item.detail}</Text>}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
