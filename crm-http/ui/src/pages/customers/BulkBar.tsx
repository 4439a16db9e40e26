import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { type Customer, type ListQuery, useCan, usePeople } from "../../data";
import { titleOf } from "../../format";
import { Button, type Choice, ConfirmDialog, Dialog, Menu, Select, TextField, toast } from "../../kit";
import { NOTHING_SELECTED, type Selection } from "../../kit/VirtualTable";
import { type Act, type Jobs, type Undo, change, remove, selected } from "./bulk";

/** More than this are not deleted without a question, though it can be undone. */
const MANY = 20;
const LONGEST_TAG = 50;

interface BulkBarProps {
  selection: Selection;
  onSelect(selection: Selection): void;
  query: ListQuery<"customers">;
  /** How many match the query. */
  total: number | null;
  start: Jobs["start"];
  onExport(): void;
}

/** What can be done with everything that is selected. */
export function BulkBar({ selection, onSelect, query, total, start, onExport }: BulkBarProps) {
  const { t } = useLingui();
  const can = useCan();
  const [asking, setAsking] = useState<"owner" | "tag" | "delete" | null>(null);
  const count = selection.isAll ? (total ?? 0) : selection.ids.size;

  const undo = (undos: readonly Undo[]): void =>
    void start<Undo>({
      title: t`Undoing`,
      total: undos.length,
      items: () => [...undos].reverse(),
      nameOf: (item) => item.title,
      act: async (item) => {
        await item.undo();
        return null;
      },
      onEnd: ({ failures }) => failures.length === 0 && toast(t`Undone`),
    });

  const run = (title: string, act: Act, isRemoval = false): void => {
    setAsking(null);
    void start<Customer>({
      title,
      total: count,
      items: (signal) => selected(selection, query, signal),
      nameOf: titleOf,
      act,
      onEnd: ({ done, undos, isStopped, failures }) => {
        const customers = plural(done, { one: "# customer", other: "# customers" });
        const text = isStopped ? t`Stopped after ${customers}` : isRemoval ? t`${customers} deleted` : t`${customers} changed`;
        if (done > 0) toast(text, { action: undos.length > 0 ? { label: t`Undo`, act: () => undo(undos) } : null });
        if (failures.length === 0) onSelect(NOTHING_SELECTED);
      },
    });
  };
  const setActive = (isActive: boolean): void =>
    run(isActive ? t`Marking as active` : t`Marking as inactive`, change((customer) => (customer.is_active === isActive ? null : { is_active: isActive })));
  const removeAll = (): void => run(t`Deleting`, remove, true);

  const mayChange = can("update:customers");
  return (
    <div className="toolbar bulk-bar" role="toolbar" aria-label={t`Selected customers`}>
      <strong role="status">{plural(count, { one: "# selected", other: "# selected" })}</strong>
      {mayChange && (
        <>
          <Button size="small" icon="user" onClick={() => setAsking("owner")}>{t`Set owner`}</Button>
          <Button size="small" icon="plus" onClick={() => setAsking("tag")}>{t`Add tag`}</Button>
          <Menu
            label={t`Status`}
            variant="secondary"
            items={[
              { id: "active", label: t`Mark as active`, icon: "check", act: () => setActive(true) },
              { id: "inactive", label: t`Mark as inactive`, icon: "close", act: () => setActive(false) },
            ]}
          >
            {t`Status`}
          </Menu>
        </>
      )}
      {can("export:customers") && <Button size="small" icon="download" onClick={onExport}>{t`Export`}</Button>}
      {can("delete:customers") && (
        <Button size="small" icon="trash" onClick={() => (count > MANY || selection.isAll ? setAsking("delete") : removeAll())}>{t`Delete`}</Button>
      )}
      <Button size="small" variant="ghost" icon="close" onClick={() => onSelect(NOTHING_SELECTED)}>{t`Clear selection`}</Button>

      {asking === "owner" && <OwnerDialog onClose={() => setAsking(null)} onChoose={(owner) => run(t`Setting the owner`, change((customer) => (customer.owner_id === owner ? null : { owner_id: owner })))} />}
      {asking === "tag" && <TagDialog onClose={() => setAsking(null)} onChoose={(tag) => run(t`Adding the tag`, change(({ tags }) => (tags.includes(tag) ? null : { tags: [...tags, tag] })))} />}
      {asking === "delete" && (
        <ConfirmDialog title={t`Delete ${plural(count, { one: "# customer", other: "# customers" })}?`} action={t`Delete`} onClose={() => setAsking(null)} onConfirm={removeAll}>
          <p>{t`They go from all lists and figures. You can undo it right afterwards.`}</p>
        </ConfirmDialog>
      )}
    </div>
  );
}

function OwnerDialog({ onChoose, onClose }: { onChoose(owner: string | null): void; onClose(): void }) {
  const { t } = useLingui();
  const people = usePeople();
  const [owner, setOwner] = useState("");
  const choices: Choice<string>[] = [...people.values()].filter((user) => user.is_active).map((user) => ({ value: user.id, label: titleOf(user) }));
  return (
    <Dialog
      title={t`Set owner`}
      size="small"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t`Cancel`}</Button>
          <Button variant="primary" onClick={() => onChoose(owner === "" ? null : owner)}>{t`Set owner`}</Button>
        </>
      }
    >
      <Select label={t`Owner`} value={owner} onChange={setOwner} choices={[{ value: "", label: t`Nobody` }, ...choices]} />
    </Dialog>
  );
}

function TagDialog({ onChoose, onClose }: { onChoose(tag: string): void; onClose(): void }) {
  const { t } = useLingui();
  const [tag, setTag] = useState("");
  return (
    <Dialog
      title={t`Add tag`}
      size="small"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t`Cancel`}</Button>
          <Button type="submit" form="bulk-tag" variant="primary" disabled={tag.trim() === ""}>{t`Add tag`}</Button>
        </>
      }
    >
      <form
        id="bulk-tag"
        onSubmit={(event) => {
          event.preventDefault();
          if (tag.trim() !== "") onChoose(tag.trim());
        }}
      >
        <TextField label={t`Tag`} value={tag} maxLength={LONGEST_TAG} onChange={setTag} />
      </form>
    </Dialog>
  );
}
