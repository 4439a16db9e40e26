/**
 * Which rows are in sight of rows that are all as high as each other.
 *
 * TanStack Virtual keeps a measure of each row, and makes all of them again whenever a list grows: with 100,000 rows that come
 * by the hundred, as many measures a thousand times over. Here there is nothing to measure.
 */

import { useLayoutEffect, useState } from "react";
import { flushSync } from "react-dom";

/** Rows beyond the edges that are there already when somebody scrolls. */
const MARGIN = 8;
/** Rows come and go this many at a time. */
const STEP = 4;

export interface VisibleRows {
  first: number;
  /** The one after the last. */
  end: number;
  /** Brings a row into sight, below what covers the top. */
  scrollTo(index: number): void;
}

export function useVisibleRows(scroller: HTMLElement | null, count: number, height: number, covered: number): VisibleRows {
  const [range, setRange] = useState({ first: 0, end: MARGIN });
  useLayoutEffect(() => {
    if (!scroller) return;
    const look = (): void => {
      const first = Math.floor(Math.max(0, scroller.scrollTop / height - MARGIN) / STEP) * STEP;
      const end = Math.ceil(((scroller.scrollTop + scroller.clientHeight) / height + MARGIN) / STEP) * STEP;
      setRange((before) => (before.first === first && before.end === end ? before : { first, end }));
    };
    // Within the frame that scrolls, or it would show a gap.
    const follow = (): void => flushSync(look);
    look();
    const observer = new ResizeObserver(look);
    observer.observe(scroller);
    scroller.addEventListener("scroll", follow, { passive: true });
    return () => {
      observer.disconnect();
      scroller.removeEventListener("scroll", follow);
    };
  }, [scroller, height]);

  const scrollTo = (index: number): void => {
    if (!scroller) return;
    const top = index * height;
    const bottom = top + height + covered - scroller.clientHeight;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (bottom > scroller.scrollTop) scroller.scrollTop = bottom;
  };
  const end = Math.min(range.end, count);
  return { first: Math.min(range.first, Math.max(0, end - 1)), end, scrollTo };
}
