import { useLingui } from "@lingui/react/macro";
import { Suspense, lazy, useEffect, useRef, useState } from "react";

import { type Task, useCan, useCount, useMe, usePeople } from "../../data";
import { kept } from "../../data/cache";
import { titleOf } from "../../format";
import { openCreate } from "../../forms/registry";
import { Button, EmptyState, ErrorState, Select } from "../../kit";
import { SearchField } from "../../kit/SearchField";
import { type Shortcut, ShortcutsHelp, useShortcuts } from "../../kit/Shortcuts";
import { BulkBar } from "./BulkBar";
import { GROUPS, type Group } from "./due";
import { NOBODY, type Shown, useShown } from "./filters";
import { QuickAdd } from "./QuickAdd";
import { TaskGroup } from "./TaskGroup";
import { useTick } from "./ticking";
import "./tasks.css";

const EditTask = lazy(() => import("./EditTask"));

/** What is overdue is asked for anew this often. */
const MINUTES = 5;

function useNow(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(new Date()), MINUTES * 60_000);
    return () => window.clearInterval(timer);
  }, []);
  return now;
}

const rows = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(".task-list [data-task]")];
const focusedRow = (): HTMLElement | null => document.activeElement?.closest<HTMLElement>(".task-list [data-task]") ?? null;
const focusRow = (row: HTMLElement | undefined): boolean => {
  row?.querySelector<HTMLElement>(".task-title")?.focus();
  row?.scrollIntoView({ block: "nearest" });
  return row !== undefined;
};

/** Goes to another task; from anywhere else, to the first one. */
function go(by: number): boolean {
  const all = rows();
  const row = focusedRow();
  return focusRow(row === null ? all[0] : all[all.indexOf(row) + by]);
}

/** Takes the focus on from a task that is about to leave the list. */
function goOn(): void {
  const all = rows();
  const at = all.indexOf(focusedRow() as HTMLElement);
  focusRow(all[at + 1] ?? all[at - 1]);
}

const focusedTask = (): Task | undefined => kept("tasks", focusedRow()?.dataset["task"] ?? "");

function useTaskShortcuts(acts: { tick(task: Task): void; edit(task: Task): void; add(): void }): readonly Shortcut[] {
  const { t } = useLingui();
  const can = useCan();
  const withTask = (act: (task: Task) => void) => (): boolean => {
    const task = focusedTask();
    if (task) act(task);
    return task !== undefined;
  };
  const tick = (task: Task): void => {
    goOn();
    acts.tick(task);
  };
  return [
    { keys: ["ArrowDown", "j"], label: t`To the next task`, act: () => go(1) },
    { keys: ["ArrowUp", "k"], label: t`To the task before`, act: () => go(-1) },
    ...(can("update:tasks")
      ? [
          { keys: ["x"], label: t`Tick the task off, or open it again`, act: withTask(tick) },
          { keys: ["e"], label: t`Edit the task`, act: withTask(acts.edit) },
        ]
      : []),
    ...(can("create:tasks") ? [{ keys: ["a"], label: t`Add a task`, act: acts.add }] : []),
  ];
}

function FilterBar({ shown: { filters, set } }: { shown: Shown }) {
  const { t } = useLingui();
  const people = usePeople();
  return (
    <div className="toolbar task-toolbar" role="search">
      <div className="task-whose" role="group" aria-label={t`Whose tasks`}>
        {(["mine", "all"] as const).map((whose) => (
          <button key={whose} type="button" aria-pressed={filters.whose === whose} onClick={() => set({ whose })}>
            {whose === "mine" ? t`My tasks` : t`Everybody's`}
          </button>
        ))}
      </div>
      <SearchField label={t`Search tasks`} placeholder={t`Search tasks…`} value={filters.search} onChange={(search) => set({ search })} />
      <Select
        label={t`Priority`}
        isLabelHidden
        value={filters.priority}
        onChange={(priority) => set({ priority })}
        choices={[{ value: "", label: t`Any priority` }, { value: "high", label: t`High priority` }, { value: "normal", label: t`Normal priority` }, { value: "low", label: t`Low priority` }]}
      />
      {filters.whose === "all" && (
        <Select
          label={t`Assigned to`}
          isLabelHidden
          value={filters.assignee}
          onChange={(assignee) => set({ assignee })}
          choices={[{ value: "", label: t`Anyone` }, { value: NOBODY, label: t`Nobody` }, ...[...people.values()].map((user) => ({ value: user.id, label: titleOf(user) }))]}
        />
      )}
    </div>
  );
}

function Nothing({ shown, onAdd }: { shown: Shown; onAdd(): void }) {
  const { t } = useLingui();
  const can = useCan();
  const { filters, isFiltered, set } = shown;
  if (isFiltered) {
    return (
      <EmptyState icon="tasks" title={t`No task matches`} actions={<Button onClick={() => set({ search: "", priority: "", assignee: "" })}>{t`Clear the filters`}</Button>}>
        {t`Search for something else, or take a filter off.`}
      </EmptyState>
    );
  }
  const actions = (
    <>
      {can("create:tasks") && <Button variant="primary" icon="plus" onClick={onAdd}>{t`Add a task`}</Button>}
      {filters.whose === "mine" && <Button onClick={() => set({ whose: "all" })}>{t`Show everybody's`}</Button>}
    </>
  );
  return (
    <EmptyState icon="tasks" title={filters.whose === "mine" ? t`You have no tasks` : t`No tasks yet`} actions={actions}>
      {t`Write down what is to be done next: a call, an offer, a visit.`}
    </EmptyState>
  );
}

/** What is to be done, by when it is due. */
export default function Tasks() {
  const { t } = useLingui();
  const can = useCan();
  const { user } = useMe();
  const now = useNow();
  const shown = useShown();
  const { query, filters } = shown;
  const tick = useTick();
  const input = useRef<HTMLInputElement>(null);
  const [edited, setEdited] = useState<Task | null>(null);
  const [closed, setClosed] = useState<ReadonlySet<Group>>(() => new Set<Group>(["done"]));
  const [selected, setSelected] = useState<ReadonlyMap<string, Task> | null>(null);
  const { data: total, error, refetch } = useCount("tasks", query);
  const add = (): void => (input.current ? input.current.focus() : undefined);
  const shortcuts = useTaskShortcuts({ tick, edit: setEdited, add });
  useShortcuts(shortcuts);

  const toggle = (group: Group): void => setClosed((before) => new Set(before.has(group) ? [...before].filter((other) => other !== group) : [...before, group]));
  const select = (tasks: readonly Task[], isSelected: boolean): void =>
    setSelected((before) => {
      const next = new Map(before);
      for (const task of tasks) {
        if (isSelected) next.set(task.id, task);
        else next.delete(task.id);
      }
      return next;
    });
  const endSelecting = (): void => setSelected(null);
  return (
    <div className="tasks-page">
      <div className="page-header">
        <h1>{t`Tasks`}</h1>
        <div className="toolbar">
          <ShortcutsHelp shortcuts={shortcuts} />
          {can("update:tasks") && selected === null && <Button onClick={() => setSelected(new Map())}>{t`Choose several`}</Button>}
          {can("create:tasks") && (
            <Button variant="primary" icon="plus" onClick={() => void openCreate("tasks")}>
              {t`New task`}
            </Button>
          )}
        </div>
      </div>
      <FilterBar shown={shown} />
      {selected !== null && <BulkBar selected={selected} onDone={endSelecting} onCancel={endSelecting} />}
      {can("create:tasks") && selected === null && <QuickAdd ref={input} defaults={filters.whose === "mine" ? { assignee_id: user.id } : {}} />}
      {total === 0 && <Nothing shown={shown} onAdd={add} />}
      {error && total === undefined ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <div className="task-list">
          {GROUPS.map((group) => (
            <TaskGroup
              key={group}
              {...{ group, now, query }}
              isOpen={!closed.has(group)}
              onToggle={() => toggle(group)}
              selection={selected === null ? null : new Set(selected.keys())}
              onSelect={select}
              onEdit={setEdited}
            />
          ))}
        </div>
      )}
      {edited && (
        <Suspense>
          <EditTask task={edited} onClose={() => setEdited(null)} />
        </Suspense>
      )}
    </div>
  );
}
