import { useLingui } from "@lingui/react/macro";
import { type CSSProperties, type KeyboardEvent, type MouseEvent, type ReactNode, memo, useEffect, useId, useLayoutEffect, useRef, useState } from "react";

import type { Window } from "../data/window";
import { announce } from "./announcer";
import { Icon } from "./Icon";
import { Skeleton } from "./display";
import { ErrorState } from "./states";
import { classes } from "./classes";
import { useVisibleRows } from "./useVisibleRows";

export interface Column<R> {
  id: string;
  header: string;
  cell(row: R): ReactNode;
  /** In pixels, at least; what is left over is shared out. */
  width: number;
  /** The field that the service sorts by. */
  sort?: string;
  isEnd?: boolean;
}

/** Which rows are selected: these, or with `isAll` all that match. */
export interface Selection {
  ids: ReadonlySet<string>;
  isAll: boolean;
}

export const NOTHING_SELECTED: Selection = { ids: new Set(), isAll: false };

export interface VirtualTableProps<R extends { id: string }> {
  label: string;
  rows: Window<R>;
  columns: readonly Column<R>[];
  /** As the service has it: `company`, `-created_at`. */
  sort?: string | undefined;
  onSort?(sort: string): void;
  selection?: Selection | undefined;
  onSelect?(selection: Selection): void;
  /** A row is opened: by a click, or Enter. */
  onOpen?(row: R): void;
  /** What a row is called by screen readers' check boxes. */
  rowLabel(row: R): string;
  /** What is shown when nothing matches. */
  empty: ReactNode;
}

const ROW = 44;
const CHECK = 44;
/** A click on these is theirs, not the row's. */
const OWN = "a, button, input, select, [role=menu]";

export function VirtualTable<R extends { id: string }>(props: VirtualTableProps<R>) {
  const { label, rows, columns, sort, onSort, selection, onSelect, onOpen, rowLabel, empty } = props;
  const { t } = useLingui();
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const [active, setActive] = useState(0);
  const id = useId();
  const visible = useVisibleRows(scroller, rows.length, ROW, ROW);
  const shown = Array.from({ length: visible.end - visible.first }, (_, offset) => visible.first + offset);
  const first = visible.first;
  const last = Math.max(first, visible.end - 1);
  const { show, of } = rows;
  useEffect(() => show(first, last));

  // A table that was hidden for a while is where it was.
  const shownOf = useRef(of);
  useLayoutEffect(() => {
    if (shownOf.current === of) return;
    shownOf.current = of;
    scroller?.scrollTo({ top: 0 });
    setActive(0);
  }, [scroller, of]);

  const at = Math.min(active, Math.max(rows.length - 1, 0));
  const go = (index: number): void => {
    const next = Math.max(0, Math.min(index, rows.length - 1));
    setActive(next);
    visible.scrollTo(next);
  };
  const isSelected = (row: R): boolean => selection !== undefined && (selection.isAll || selection.ids.has(row.id));
  // A row keeps what it calls back until something of its own changes; this sees what is selected by then.
  const latest = useRef({ selection, onSelect });
  useLayoutEffect(() => {
    latest.current = { selection, onSelect };
  });
  const toggle = (row: R): void => {
    const { selection: now, onSelect: tell } = latest.current;
    if (!now || !tell) return;
    const ids = new Set(now.isAll ? [] : now.ids);
    if (!ids.delete(row.id)) ids.add(row.id);
    tell({ ids, isAll: false });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    const screen = Math.max(1, Math.floor((scroller?.clientHeight ?? ROW) / ROW) - 2);
    const target = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + screen, PageUp: at - screen, Home: 0, End: rows.length - 1 }[event.key];
    const row = rows.row(at);
    if (target !== undefined) go(target);
    else if (event.key === "Enter" && row) onOpen?.(row);
    else if (event.key === " " && row) toggle(row);
    else return;
    event.preventDefault();
  };

  const template = [...(onSelect ? [`${CHECK}px`] : []), ...columns.map(({ width }) => `minmax(${width}px, ${width}fr)`)].join(" ");
  const width = columns.reduce((sum, column) => sum + column.width, onSelect ? CHECK : 0);
  const grid: CSSProperties = { gridTemplateColumns: template, minWidth: width };

  if (rows.error && rows.length === 0) return <ErrorState error={rows.error} onRetry={rows.retry} />;
  if (!rows.isPending && rows.length === 0 && !rows.isPrevious) return <>{empty}</>;
  return (
    <div
      ref={setScroller}
      className={classes("table", rows.isPrevious && "is-previous")}
      role="grid"
      aria-label={label}
      aria-rowcount={rows.total === null ? -1 : rows.total + 1}
      aria-colcount={columns.length + (onSelect ? 1 : 0)}
      aria-multiselectable={onSelect ? true : undefined}
      aria-busy={rows.isPending || rows.isPrevious}
      aria-activedescendant={rows.length > 0 ? `${id}-${at}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div role="rowgroup" className="table-head">
        <div role="row" aria-rowindex={1} className="table-row" style={grid}>
          {onSelect && (
            <div role="columnheader" className="table-cell is-check">
              <input
                type="checkbox"
                aria-label={t`Select all`}
                checked={selection?.isAll ?? false}
                onChange={(event) => onSelect({ ids: new Set(), isAll: event.target.checked })}
              />
            </div>
          )}
          {columns.map((column) => (
            <Header key={column.id} column={column} sort={sort} onSort={onSort} />
          ))}
        </div>
      </div>
      <div role="rowgroup" className="table-body" style={{ height: rows.length * ROW, minWidth: width }}>
        {rows.isPending && <SkeletonRows columns={columns.length} grid={grid} />}
        {shown.map((index) => {
          const row = rows.row(index);
          return (
            <Row
              key={index}
              id={`${id}-${index}`}
              row={row}
              {...{ index, start: index * ROW, columns, template, width }}
              isActive={index === at}
              isSelected={row ? isSelected(row) : false}
              label={row && onSelect ? rowLabel(row) : ""}
              onToggle={onSelect ? toggle : undefined}
              onPress={(pressed) => {
                setActive(index);
                onOpen?.(pressed);
              }}
            />
          );
        })}
      </div>
      {rows.error && rows.length > 0 && <ErrorState error={rows.error} onRetry={rows.retry} />}
    </div>
  );
}

interface RowProps<R extends { id: string }> {
  id: string;
  row: R | undefined;
  index: number;
  start: number;
  columns: readonly Column<R>[];
  template: string;
  width: number;
  isActive: boolean;
  isSelected: boolean;
  label: string;
  onToggle: ((row: R) => void) | undefined;
  onPress(row: R): void;
}

function PlainRow<R extends { id: string }>({ id, row, index, start, columns, template, width, isActive, isSelected, label, onToggle, onPress }: RowProps<R>) {
  const { t } = useLingui();
  const press = (event: MouseEvent): void => {
    if (row && !(event.target instanceof Element && event.target.closest(OWN))) onPress(row);
  };
  return (
    <div
      id={id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={onToggle ? isSelected : undefined}
      className={classes("table-row", isActive && "is-active", isSelected && "is-selected")}
      style={{ gridTemplateColumns: template, minWidth: width, top: start }}
      onClick={press}
    >
      {onToggle && (
        <div role="gridcell" className="table-cell is-check">
          <input type="checkbox" tabIndex={-1} disabled={!row} aria-label={t`Select ${label}`} checked={isSelected} onChange={() => row && onToggle(row)} />
        </div>
      )}
      {columns.map((column) => (
        <div key={column.id} role="gridcell" className={classes("table-cell", column.isEnd && "is-end")}>
          {row ? column.cell(row) : <Skeleton />}
        </div>
      ))}
    </div>
  );
}

// What is called back is made anew at each render and does the same: it is left out of the comparison.
const Row = memo(PlainRow, (before, after) =>
  (["row", "index", "start", "columns", "template", "isActive", "isSelected", "label"] as const).every((name) => before[name] === after[name])) as typeof PlainRow;

function Header<R>({ column, sort, onSort }: { column: Column<R>; sort: string | undefined; onSort: ((sort: string) => void) | undefined }) {
  const { t } = useLingui();
  const field = column.sort;
  if (field === undefined || !onSort) {
    return (
      <div role="columnheader" className={classes("table-cell", column.isEnd && "is-end")}>
        {column.header}
      </div>
    );
  }
  const direction = sort === field ? "ascending" : sort === `-${field}` ? "descending" : "none";
  const press = (): void => {
    onSort(direction === "ascending" ? `-${field}` : field);
    announce(direction === "ascending" ? t`Sorted by ${column.header}, the greatest first` : t`Sorted by ${column.header}`);
  };
  return (
    <div role="columnheader" aria-sort={direction} className={classes("table-cell", column.isEnd && "is-end")}>
      <button type="button" className="sort-button" onClick={press}>
        {column.header}
        {direction !== "none" && <Icon name={direction === "ascending" ? "up" : "down"} size={14} />}
      </button>
    </div>
  );
}

const SkeletonRows = ({ columns, grid }: { columns: number; grid: CSSProperties }) =>
  Array.from({ length: 12 }, (_, row) => (
    <div key={row} role="row" className="table-row is-loading" style={grid}>
      {Array.from({ length: columns }, (_, cell) => (
        <div key={cell} role="gridcell" className="table-cell">
          <Skeleton />
        </div>
      ))}
    </div>
  ));
