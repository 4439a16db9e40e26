import { useLingui } from "@lingui/react/macro";
import { useId, useRef, useState } from "react";

import { usePeople } from "../../data";
import { formatDate, titleOf } from "../../format";
import { useLabels } from "../../format/labels";
import { Button, type Choice, DateField, Icon, Select, TextField } from "../../kit";
import { place } from "../../kit/place";
import { FILTERS, type FilterName, type Filters, NOBODY } from "./filters";

interface FilterProps {
  filters: Filters;
  onFilter(filters: Filters): void;
}

const without = (filters: Filters, name: FilterName): Filters => {
  const { [name]: _, ...rest } = filters;
  return rest;
};
const having = (filters: Filters, name: FilterName, text: string | null): Filters => (text === null || text === "" ? without(filters, name) : { ...filters, [name]: text });

/** Counts as filled in when it is left, or by Enter. */
function PlaceField({ label, value, onChange }: { label: string; value: string; onChange(text: string): void }) {
  const [text, setText] = useState(value);
  const tell = (): void => (text.trim() === value ? undefined : onChange(text.trim()));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        tell();
      }}
    >
      <TextField label={label} value={text} maxLength={100} onChange={setText} onBlur={tell} />
    </form>
  );
}

/** A button that opens what the list can be narrowed by. */
export function FilterMenu({ filters, onFilter }: FilterProps) {
  const { t } = useLingui();
  const labels = useLabels();
  const people = usePeople();
  const button = useRef<HTMLButtonElement>(null);
  const popover = useRef<HTMLDivElement>(null);
  const id = useId();
  const set = (name: FilterName) => (text: string | null): void => onFilter(having(filters, name, text));
  const owners: Choice<string>[] = [...people.values()].map((user) => ({ value: user.id, label: titleOf(user) }));
  return (
    <>
      <Button ref={button} icon="filter" variant="ghost" popoverTarget={id}>{t`Filter`}</Button>
      <div
        ref={popover}
        id={id}
        popover="auto"
        role="group"
        aria-label={t`Filter`}
        className="menu filter-menu"
        onToggle={(event) => event.newState === "open" && popover.current && button.current && place(popover.current, button.current)}
      >
        <Select
          label={labels.field("status")}
          value={filters.active ?? ""}
          onChange={set("active")}
          choices={[{ value: "", label: t`All` }, { value: "yes", label: t`Active` }, { value: "no", label: t`Inactive` }]}
        />
        <Select
          label={labels.field("owner_id")}
          value={filters.owner ?? ""}
          onChange={set("owner")}
          choices={[{ value: "", label: t`Anybody` }, { value: NOBODY, label: t`Nobody` }, ...owners]}
        />
        <div className="form-row">
          <PlaceField key={`country ${filters.country}`} label={labels.field("country")} value={filters.country ?? ""} onChange={set("country")} />
          <PlaceField key={`city ${filters.city}`} label={labels.field("city")} value={filters.city ?? ""} onChange={set("city")} />
        </div>
        <div className="form-row">
          <DateField label={t`Created from`} value={filters.from ?? null} onChange={set("from")} />
          <DateField label={t`Created until`} value={filters.to ?? null} onChange={set("to")} />
        </div>
      </div>
    </>
  );
}

/** What the list is narrowed to, each with a button that ends it. */
export function FilterChips({ filters, onFilter }: FilterProps) {
  const { t } = useLingui();
  const labels = useLabels();
  const people = usePeople();
  const textOf = (name: FilterName, value: string): string => {
    const user = people.get(value);
    switch (name) {
      case "active": return value === "yes" ? t`Active` : t`Inactive`;
      case "owner": return `${labels.field("owner_id")}: ${value === NOBODY ? t`Nobody` : user ? titleOf(user) : "…"}`;
      case "from": return t`Created from ${formatDate(value)}`;
      case "to": return t`Created until ${formatDate(value)}`;
      default: return `${labels.field(name)}: ${value}`;
    }
  };
  const set = FILTERS.filter((name) => filters[name] !== undefined);
  if (set.length === 0) return null;
  return (
    <ul className="chips" aria-label={t`Filters that are set`}>
      {set.map((name) => {
        const text = textOf(name, filters[name] ?? "");
        return (
          <li key={name} className="chip">
            <span className="truncate">{text}</span>
            <button type="button" className="chip-remove" aria-label={t`Remove the filter ${text}`} onClick={() => onFilter(without(filters, name))}>
              <Icon name="close" size={14} />
            </button>
          </li>
        );
      })}
      {set.length > 1 && (
        <li>
          <Button variant="ghost" size="small" onClick={() => onFilter({})}>{t`Clear all`}</Button>
        </li>
      )}
    </ul>
  );
}
