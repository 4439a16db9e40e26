import { useLingui } from "@lingui/react/macro";
import { autoScrollForElements } from "@atlaskit/pragmatic-drag-and-drop-auto-scroll/element";
import { useEffect, useMemo, useRef, useState } from "react";

import { type Lead, type Stage, useCan, usePipeline } from "../../../data";
import { kept } from "../../../data/cache";
import { formatNumber } from "../../../format";
import { Answer, classes } from "../../../kit";
import { type Shortcut, ShortcutsHelp, useShortcuts } from "../../../kit/Shortcuts";
import { useFigures } from "../../overview/figures";
import { useDelete } from "../deleting";
import { type Shown, queryOf } from "../filters";
import { useMove } from "../moving";
import { BoardColumn, draggedLead } from "./BoardColumn";

const cards = (column: Element): HTMLElement[] => [...column.querySelectorAll<HTMLElement>("[data-lead]")];
const focusedCard = (): HTMLElement | null => document.activeElement?.closest<HTMLElement>("[data-lead]") ?? null;
const focusCard = (card: HTMLElement | undefined): boolean => {
  card?.querySelector("a")?.focus();
  card?.scrollIntoView({ block: "nearest", inline: "nearest" });
  return card !== undefined;
};

/** Goes from the card that has the focus to another: along its column, or to the neighbouring one's card of the same height. */
function go(board: HTMLElement | null, along: number, across: number): boolean {
  const card = focusedCard();
  if (!board || !card) return false;
  const columns = [...board.querySelectorAll("[data-stage]")];
  const column = card.closest("[data-stage]");
  if (!column) return false;
  const at = cards(column).indexOf(card);
  if (across === 0) return focusCard(cards(column)[at + along]);
  const top = card.getBoundingClientRect().top;
  for (let next = columns.indexOf(column) + across; columns[next]; next += across) {
    const others = cards(columns[next] as Element);
    const nearest = others.toSorted((a, b) => Math.abs(a.getBoundingClientRect().top - top) - Math.abs(b.getBoundingClientRect().top - top))[0];
    if (nearest) return focusCard(nearest);
  }
  return false;
}

function useBoardShortcuts(board: { current: HTMLElement | null }, stages: readonly Stage[], acts: { move(lead: Lead, stage: Stage): void; edit(lead: Lead): void }): readonly Shortcut[] {
  const { t } = useLingui();
  const can = useCan();
  const focused = (): Lead | undefined => kept("leads", focusedCard()?.dataset["lead"] ?? "");
  const step = (by: number): boolean => {
    const lead = focused();
    const stage = lead && stages[stages.findIndex(({ key }) => key === lead.stage) + by];
    if (!lead || !stage) return false;
    acts.move(lead, stage);
    return true;
  };
  const moves: Shortcut[] = [
    { keys: ["."], label: t`Move the lead to the next stage`, act: () => step(1) },
    { keys: [","], label: t`Move the lead to the stage before`, act: () => step(-1) },
    { keys: ["m"], label: t`Choose where to move the lead`, act: () => focusedCard()?.querySelector<HTMLElement>("[aria-haspopup=menu]")?.click() },
    {
      keys: ["e"],
      label: t`Edit the lead`,
      act: () => {
        const lead = focused();
        if (lead) acts.edit(lead);
      },
    },
  ];
  return [
    { keys: ["ArrowUp", "k"], label: t`To the card above`, act: () => go(board.current, -1, 0) },
    { keys: ["ArrowDown", "j"], label: t`To the card below`, act: () => go(board.current, 1, 0) },
    { keys: ["ArrowLeft", "h"], label: t`To the column before`, act: () => go(board.current, 0, -1) },
    { keys: ["ArrowRight", "l"], label: t`To the next column`, act: () => go(board.current, 0, 1) },
    ...(can("update:leads") ? moves : []),
  ];
}

/** Which column is in view where there is room for one. */
function useColumnInView(board: { current: HTMLElement | null }, keys: string): string | null {
  const [inView, setInView] = useState<string | null>(null);
  useEffect(() => {
    const root = board.current;
    if (!root) return;
    const observer = new IntersectionObserver(
      (entries) => {
        const entry = entries.find(({ isIntersecting }) => isIntersecting);
        if (entry?.target instanceof HTMLElement) setInView(entry.target.dataset["stage"] ?? null);
      },
      { root, threshold: 0.6 },
    );
    for (const column of root.querySelectorAll("[data-stage]")) observer.observe(column);
    return () => observer.disconnect();
  }, [board, keys]);
  return inView;
}

export default function Board({ shown, onEdit }: { shown: Shown; onEdit(lead: Lead): void }) {
  const { t } = useLingui();
  const pipeline = usePipeline();
  const { data: figures } = useFigures();
  const board = useRef<HTMLDivElement>(null);
  const moved = useRef<string | null>(null);
  const move = useMove((lead) => {
    moved.current = lead.id;
  });
  const onDelete = useDelete();
  const { filters, sort, isFiltered } = shown;
  const query = useMemo(() => queryOf({ ...filters, stage: "" }, sort), [filters, sort]);
  const stages = pipeline.stages.filter(({ key }) => filters.stage === "" || key === filters.stage);
  const keys = stages.map(({ key }) => key).join(" ");
  const inView = useColumnInView(board, keys) ?? stages[0]?.key;

  const onMove = (lead: Lead, stage: Stage): void => {
    moved.current = lead.id;
    void move(lead, stage);
  };
  const shortcuts = useBoardShortcuts(board, pipeline.stages, { move: onMove, edit: onEdit });
  useShortcuts(shortcuts);

  const hasStages = stages.length > 0;
  useEffect(() => {
    if (!board.current) return;
    return autoScrollForElements({ element: board.current, canScroll: ({ source }) => draggedLead(source.data) !== null, getAllowedAxis: () => "horizontal" });
  }, [hasStages]);

  return (
    <Answer query={pipeline}>
      {() => (
        <div className="board-frame">
          <div className="stage-switcher" role="group" aria-label={t`Stages`}>
            {stages.map(({ key, name }) => {
              const count = figures?.leads.by_stage.find(({ stage }) => stage === key)?.count;
              return (
                <button
                  key={key}
                  type="button"
                  className={classes("stage-tab", key === inView && "is-in-view")}
                  aria-current={key === inView ? "true" : undefined}
                  onClick={() => board.current?.querySelector(`[data-stage="${CSS.escape(key)}"]`)?.scrollIntoView({ inline: "start", block: "nearest", behavior: "smooth" })}
                >
                  {name} {count !== undefined && <span className="board-count numeric">{formatNumber(count)}</span>}
                </button>
              );
            })}
          </div>
          <div ref={board} className="board" role="group" aria-label={t`Leads by stage`}>
            {stages.map((stage) => (
              <BoardColumn
                key={stage.key}
                {...{ stage, query, isFiltered, moved, onMove, onEdit, onDelete }}
                stages={pipeline.stages}
                figures={figures?.leads.by_stage.find((column) => column.stage === stage.key) ?? null}
              />
            ))}
          </div>
          <div className="board-help">
            <ShortcutsHelp shortcuts={shortcuts} />
          </div>
        </div>
      )}
    </Answer>
  );
}
