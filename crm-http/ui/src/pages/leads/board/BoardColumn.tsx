import { useLingui } from "@lingui/react/macro";
import { combine } from "@atlaskit/pragmatic-drag-and-drop/combine";
import { dropTargetForElements } from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import { autoScrollForElements } from "@atlaskit/pragmatic-drag-and-drop-auto-scroll/element";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";

import { type Lead, type ListQuery, type Money, type Stage, useCan, usePeople, useWindow } from "../../../data";
import { formatMoneys, formatNumber } from "../../../format";
import { openCreate } from "../../../forms/registry";
import { ErrorState, IconButton, Skeleton, classes } from "../../../kit";
import { LeadCard } from "./LeadCard";

/** About as high as a card is; each is measured when it is shown. */
const CARD = 118;
const GAP = 8;

export interface BoardColumnProps {
  stage: Stage;
  stages: readonly Stage[];
  /** What is shown of all stages. */
  query: ListQuery<"leads">;
  isFiltered: boolean;
  /** Of the whole stage, whatever is shown; null while it is not known. */
  figures: { count: number; value: readonly Money[] } | null;
  moved: RefObject<string | null>;
  onMove(lead: Lead, stage: Stage): void;
  onEdit(lead: Lead): void;
  onDelete(lead: Lead): void;
}

/** The lead that is dragged, if it is one. */
export const draggedLead = (data: Record<string | symbol, unknown>): Lead | null => ("lead" in data ? (data["lead"] as Lead) : null);

function useDropTarget(element: RefObject<HTMLElement | null>, list: RefObject<HTMLElement | null>, stage: Stage, onMove: BoardColumnProps["onMove"]): boolean {
  const [isOver, setOver] = useState(false);
  const move = useRef(onMove);
  useEffect(() => {
    move.current = onMove;
  });
  useEffect(() => {
    if (!element.current || !list.current) return;
    return combine(
      dropTargetForElements({
        element: element.current,
        canDrop: ({ source }) => {
          const lead = draggedLead(source.data);
          return lead !== null && lead.stage !== stage.key;
        },
        getData: () => ({ stage: stage.key }),
        onDragEnter: () => setOver(true),
        onDragLeave: () => setOver(false),
        onDrop: ({ source }) => {
          setOver(false);
          const lead = draggedLead(source.data);
          if (lead) move.current(lead, stage);
        },
      }),
      autoScrollForElements({ element: list.current, getAllowedAxis: () => "vertical" }),
    );
  }, [element, list, stage]);
  return isOver;
}

export function BoardColumn({ stage, stages, query, isFiltered, figures, moved, onMove, onEdit, onDelete }: BoardColumnProps) {
  const { t } = useLingui();
  const can = useCan();
  const people = usePeople();
  const column = useRef<HTMLElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const ofStage = useMemo(() => ({ ...query, stage: stage.key }), [query, stage.key]);
  const rows = useWindow("leads", ofStage);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => list.current,
    estimateSize: () => CARD,
    gap: GAP,
    overscan: 3,
  });
  const shown = virtual.getVirtualItems();
  const first = shown[0]?.index ?? 0;
  const last = shown.at(-1)?.index ?? 0;
  const { show, of } = rows;
  useEffect(() => show(first, last));
  useEffect(() => {
    list.current?.scrollTo({ top: 0 });
  }, [of]);
  useEffect(() => {
    // Its card is not rendered before it is in view, and takes the focus then.
    if (moved.current !== null && rows.row(0)?.id === moved.current) virtual.scrollToIndex(0);
  });
  const ids = shown.map(({ index }) => rows.row(index)?.id).join();
  useLayoutEffect(() => {
    // A card that came or went has moved the others, whose heights are kept by their places.
    for (const item of list.current?.querySelectorAll("li") ?? []) virtual.measureElement(item);
  }, [virtual, ids]);
  const isOver = useDropTarget(column, list, stage, onMove);
  const canMove = can("update:leads");
  const count = isFiltered ? rows.total : (figures?.count ?? rows.total);

  return (
    <section ref={column} className={classes("board-column", stage.kind, isOver && "is-over")} data-stage={stage.key} aria-label={stage.name}>
      <header className="board-head">
        <h2>
          <span className="stage-dot" aria-hidden="true" />
          <span className="truncate">{stage.name}</span>
          {count !== null && <span className="board-count numeric">{isFiltered && figures ? t`${formatNumber(count)} of ${formatNumber(figures.count)}` : formatNumber(count)}</span>}
        </h2>
        {can("create:leads") && stage.kind === "open" && <IconButton icon="plus" label={t`New lead in ${stage.name}`} onClick={() => void openCreate("leads", { stage: stage.key })} />}
        <p className="board-value numeric">{figures ? (figures.count === 0 ? "–" : formatMoneys(figures.value, "short")) : <Skeleton />}</p>
      </header>
      <div ref={list} className={classes("board-list", rows.isPrevious && "is-previous")} tabIndex={-1} aria-busy={rows.isPending || rows.isPrevious}>
        <div className="board-slot" aria-hidden="true">{t`Move to ${stage.name}`}</div>
        {rows.error && rows.length === 0 && <ErrorState error={rows.error} onRetry={rows.retry} />}
        {rows.isPending && Array.from({ length: 3 }, (_, card) => <div key={card} className="lead-card"><Skeleton lines={3} /></div>)}
        {!rows.isPending && !rows.error && rows.length === 0 && <p className="muted board-empty">{isFiltered ? t`None that match` : t`No leads in this stage`}</p>}
        <ul style={{ height: virtual.getTotalSize() }} className="board-cards">
          {shown.map(({ index, start }) => {
            const lead = rows.row(index);
            return (
              <li key={lead?.id ?? index} ref={virtual.measureElement} data-index={index} aria-setsize={rows.total ?? -1} aria-posinset={index + 1} style={{ transform: `translateY(${start}px)` }}>
                {lead ? <LeadCard {...{ lead, stages, canMove, moved, onMove, onEdit, onDelete }} owner={people.get(lead.owner_id ?? "")} /> : <div className="lead-card"><Skeleton lines={3} /></div>}
              </li>
            );
          })}
        </ul>
      </div>
    </section>
  );
}
