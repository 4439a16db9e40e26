import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";

import type { Event } from "../../data";
import { formatDay } from "../../format";
import { isTabbed } from "../../kit/LoadMore";
import { byDay, linesOf } from "./days";
import { Entry } from "./Entry";
import type { Filter } from "./filter";

/** About as high as they are; each is measured when it is shown. */
const ENTRY = 47;
const HEADING = 60;
/** Lines beyond the edges that are there already when somebody scrolls. */
const MARGIN = 12;
/** Lines below the last on screen from which on more are asked for. */
const AHEAD = 60;

interface LogListProps {
  events: readonly Event[];
  filter: Filter;
  onFilter(filter: Filter): void;
  /** The end is near. */
  onNearEnd(): void;
}

/** The events by day, however many: only those in sight are in the document. */
export function LogList({ events, filter, onFilter, onNearEnd }: LogListProps) {
  const lines = useMemo(() => linesOf(events), [events]);
  const list = useRef<HTMLDivElement>(null);
  const [margin, setMargin] = useState(0);
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const toggle = useCallback((seq: number) => {
    setOpened((before) => {
      const after = new Set(before);
      if (!after.delete(seq)) after.add(seq);
      return after;
    });
  }, []);

  const scroller = (): HTMLElement | null => list.current?.closest<HTMLElement>(".main") ?? null;
  useLayoutEffect(() => {
    const around = scroller();
    if (list.current && around) setMargin(list.current.getBoundingClientRect().top - around.getBoundingClientRect().top + around.scrollTop);
  }, []);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: scroller,
    estimateSize: (index) => (lines[index]?.event === null ? HEADING : ENTRY),
    getItemKey: (index) => {
      const line = lines[index];
      return line?.event?.seq ?? `day ${line?.nth}`;
    },
    overscan: MARGIN,
    scrollMargin: margin,
  });
  const items = virtual.getVirtualItems();
  const first = items[0];
  const last = items.at(-1);
  const isNearEnd = last !== undefined && last.index > lines.length - AHEAD;
  useEffect(() => {
    if (isNearEnd && !isTabbed(list.current)) onNearEnd();
  });

  const shown = items.flatMap(({ index }) => {
    const line = lines[index];
    return line ? [{ index, line }] : [];
  });
  const space = { paddingTop: (first?.start ?? margin) - margin, paddingBottom: virtual.getTotalSize() - ((last?.end ?? margin) - margin) };
  return (
    <div ref={list} className="log-days" style={space}>
      {byDay(shown).map(({ day, nth, shown: ofDay }) => (
        <section key={nth} aria-label={formatDay(day)}>
          {ofDay[0]?.line.event === null && (
            <h2 ref={virtual.measureElement} data-index={ofDay[0].index}>
              {formatDay(day)}
            </h2>
          )}
          <ol>
            {ofDay.map(
              ({ index, line }) =>
                line.event && (
                  <Entry
                    key={line.event.seq}
                    ref={virtual.measureElement}
                    index={index}
                    event={line.event}
                    at={line.at}
                    of={line.of}
                    isOpen={opened.has(line.event.seq)}
                    onToggle={toggle}
                    filter={filter}
                    onFilter={onFilter}
                  />
                ),
            )}
          </ol>
        </section>
      ))}
    </div>
  );
}
