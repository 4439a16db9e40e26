/**
 * The log read backwards. The service gives it oldest first, after a number; events are numbered without gaps, so the
 * newest are those after a number a little below the end. Filters leave gaps: how far to step adapts to how many match.
 */

import type { Event, Page } from "../../data";

/** Events that a page of the screen has, about. */
const PAGE = 60;
/** The most that the service gives at once. */
export const MOST = 200;

export interface Place {
  /** Events up to this number are still to be read. */
  upTo: number;
  /** How many numbers to step back at once. */
  step: number;
}

export interface Stretch {
  /** Newest first. */
  events: Event[];
  /** Where it goes on; null at the beginning of the log. */
  next: Place | null;
}

export type Ask = (query: { after: number; limit: number }) => Promise<Page<Event>>;

/** How far to step first: without a filter, each number is an event. */
export const startAt = (newest: number): Place => ({ upTo: newest, step: PAGE });

/** Reads on backwards from a place. */
export async function readBack(ask: Ask, { upTo, step }: Place): Promise<Stretch> {
  const events: Event[] = [];
  let end = upTo;
  let width = step;
  // From here to the end are known to be more events than one answer has.
  let tooFar: number | null = null;
  const half = (from: number): number => Math.max(Math.floor((end - from) / 2), MOST);
  while (end > 0 && events.length < PAGE) {
    const after = Math.max(end - width, 0);
    const page = await ask({ after, limit: MOST });
    const found = page.data.filter(({ seq }) => seq <= end);
    const isWhole = page.next_cursor === null || found.length < page.data.length || found.at(-1)?.seq === end;
    if (!isWhole) {
      // A step of as many numbers as an answer has entries never is too far.
      tooFar = after;
      width = half(after);
      continue;
    }
    events.push(...found.reverse());
    end = after;
    if (found.length > 0) tooFar = null;
    if (tooFar !== null) width = half(tooFar);
    else if (found.length < PAGE / 4) width *= 4;
  }
  return { events, next: end > 0 ? { upTo: end, step: width } : null };
}
