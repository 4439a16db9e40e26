import { useLingui } from "@lingui/react/macro";
import { useId, useRef } from "react";

import { useMe, usePeople, usePipeline } from "../../data";
import { formatDate, formatNumber, titleOf } from "../../format";
import { Button, DateField, Icon, Menu, Select, TextField } from "../../kit";
import { SearchField } from "../../kit/SearchField";
import { place } from "../../kit/place";
import { useFigures } from "../overview/figures";
import { type Filters, NOBODY, type Shown } from "./filters";

/** The names of the filters that are on, each with what takes it off. */
function useChips({ filters, set }: Shown): { id: string; text: string; remove(): void }[] {
  const { t } = useLingui();
  const people = usePeople();
  const { stages } = usePipeline();
  const { owner, source, stage, min, max, from, to } = filters;
  const person = people.get(owner);
  const ownerName = owner === NOBODY ? t`nobody` : person ? titleOf(person) : "…";
  const stageName = stages.find(({ key }) => key === stage)?.name ?? stage;
  const amount = (text: string): string => formatNumber(Number(text));
  const all: { id: keyof Filters; isOn: boolean; text: string }[] = [
    { id: "owner", isOn: owner !== "", text: t`Owner: ${ownerName}` },
    { id: "source", isOn: source !== "", text: t`Source: ${source}` },
    { id: "stage", isOn: stage !== "", text: t`Stage: ${stageName}` },
    { id: "min", isOn: min !== "", text: t`Value from ${amount(min)}` },
    { id: "max", isOn: max !== "", text: t`Value up to ${amount(max)}` },
    { id: "from", isOn: from !== "", text: t`Closes from ${from === "" ? "" : formatDate(from)}` },
    { id: "to", isOn: to !== "", text: t`Closes by ${to === "" ? "" : formatDate(to)}` },
  ];
  return all.filter(({ isOn }) => isOn).map(({ id, text }) => ({ id, text, remove: () => set({ [id]: "" }) }));
}

function FilterPopover({ shown, count }: { shown: Shown; count: number }) {
  const { t } = useLingui();
  const { filters, set } = shown;
  const { user } = useMe();
  const people = usePeople();
  const { stages } = usePipeline();
  const { data: figures } = useFigures();
  const button = useRef<HTMLButtonElement>(null);
  const popover = useRef<HTMLDivElement>(null);
  const id = useId();
  const sources = (figures?.leads.by_source ?? []).flatMap(({ source }) => (source === null || source === "" ? [] : [source])).sort((a, b) => a.localeCompare(b));
  const known = filters.source === "" || sources.includes(filters.source) ? sources : [filters.source, ...sources];
  const others = [...people.values()].filter(({ id: other }) => other !== user.id).sort((a, b) => titleOf(a).localeCompare(titleOf(b)));
  return (
    <>
      <Button ref={button} icon="filter" popoverTarget={id}>
        {count === 0 ? t`Filter` : t`Filter (${count})`}
      </Button>
      <div
        ref={popover}
        id={id}
        popover="auto"
        className="menu lead-filters"
        role="group"
        aria-label={t`Filter`}
        onToggle={(event) => event.newState === "open" && popover.current && button.current && place(popover.current, button.current)}
      >
        <Select
          label={t`Owner`}
          value={filters.owner}
          onChange={(owner) => set({ owner })}
          choices={[{ value: "", label: t`Anyone` }, { value: user.id, label: t`Me` }, { value: NOBODY, label: t`Nobody` }, ...others.map((other) => ({ value: other.id, label: titleOf(other) }))]}
        />
        <Select label={t`Source`} value={filters.source} onChange={(source) => set({ source })} choices={[{ value: "", label: t`Any` }, ...known.map((source) => ({ value: source, label: source }))]} />
        <Select label={t`Stage`} value={filters.stage} onChange={(stage) => set({ stage })} choices={[{ value: "", label: t`Any` }, ...stages.map(({ key, name }) => ({ value: key, label: name }))]} />
        <div className="form-row">
          <TextField label={t`Value from`} type="number" inputMode="decimal" value={filters.min} onChange={(min) => set({ min })} />
          <TextField label={t`Value up to`} type="number" inputMode="decimal" value={filters.max} onChange={(max) => set({ max })} />
          <DateField label={t`Closes from`} value={filters.from === "" ? null : filters.from} onChange={(from) => set({ from: from ?? "" })} />
          <DateField label={t`Closes by`} value={filters.to === "" ? null : filters.to} onChange={(to) => set({ to: to ?? "" })} />
        </div>
        <Button variant="ghost" disabled={count === 0} onClick={shown.clear}>
          {t`Clear all filters`}
        </Button>
      </div>
    </>
  );
}

function SortMenu({ sort, setSort }: Shown) {
  const { t } = useLingui();
  const orders = [
    { id: "-updated_at", label: t`Changed last` },
    { id: "-value", label: t`Highest value` },
    { id: "expected_close", label: t`Closes soonest` },
    { id: "-created_at", label: t`Newest` },
    { id: "company", label: t`Company` },
  ];
  const chosen = orders.find(({ id }) => id === sort)?.label ?? t`As in the table`;
  return (
    <Menu label={t`Sorted by: ${chosen}`} variant="secondary" items={orders.map(({ id, label }) => ({ id, label, isChosen: id === sort, act: () => setSort(id) }))}>
      {chosen}
      <Icon name="down" size={14} />
    </Menu>
  );
}

export function ViewSwitch({ view, setView }: Shown) {
  const { t } = useLingui();
  return (
    <div className="view-switch" role="group" aria-label={t`View`}>
      {(["board", "table"] as const).map((name) => (
        <button key={name} type="button" className="view-switch-choice" aria-pressed={view === name} onClick={() => setView(name)}>
          <Icon name={name} size={16} />
          <span>{name === "board" ? t`Board` : t`Table`}</span>
        </button>
      ))}
    </div>
  );
}

export function FilterBar({ shown }: { shown: Shown }) {
  const { t } = useLingui();
  const { user } = useMe();
  const { filters, set, view } = shown;
  const chips = useChips(shown);
  const isMine = filters.owner === user.id;
  return (
    <>
      <div className="toolbar lead-toolbar" role="search">
        <SearchField label={t`Search leads`} placeholder={t`Search leads…`} value={filters.search} onChange={(search) => set({ search })} />
        <button type="button" className="button secondary lead-mine" aria-pressed={isMine} onClick={() => set({ owner: isMine ? "" : user.id })}>
          {t`My leads`}
        </button>
        <FilterPopover shown={shown} count={chips.length} />
        {view === "board" && <SortMenu {...shown} />}
      </div>
      {chips.length > 0 && (
        <ul className="lead-chips" aria-label={t`Filters that are on`}>
          {chips.map(({ id, text, remove }) => (
            <li key={id} className="lead-chip">
              <span>{text}</span>
              <button type="button" aria-label={t`Remove the filter ${text}`} onClick={remove}>
                <Icon name="close" size={14} />
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
