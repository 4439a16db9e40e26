import type { Event } from "../../data";

/** A line of the log: a day's heading, or an event of it. */
export type Line = { day: string; nth: number } & ({ event: null } | { event: Event; at: number; of: number });

const days = new WeakMap<Event, string>();

/** The day on which it happened, as the reader's calendar has it. Kept: a long log is gone through whenever it grows. */
function dayOf(event: Event): string {
  const known = days.get(event);
  if (known !== undefined) return known;
  const at = new Date(event.at);
  const day = `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")}`;
  days.set(event, day);
  return day;
}

/** Events below the days on which they happened. */
export function linesOf(events: readonly Event[]): Line[] {
  const lines: Line[] = [];
  let nth = 0;
  let ofDay: Extract<Line, { event: Event }>[] = [];
  const end = (): void => ofDay.forEach((line) => (line.of = ofDay.length));
  for (const event of events) {
    const day = dayOf(event);
    if (lines.at(-1)?.day !== day) {
      end();
      ofDay = [];
      lines.push({ day, nth: ++nth, event: null });
    }
    const line = { day, nth, event, at: ofDay.length + 1, of: 0 };
    ofDay.push(line);
    lines.push(line);
  }
  end();
  return lines;
}

/** What is shown of lines, by day. */
export function byDay<L extends { line: Line }>(shown: readonly L[]): { day: string; nth: number; shown: L[] }[] {
  const groups: { day: string; nth: number; shown: L[] }[] = [];
  for (const item of shown) {
    const { day, nth } = item.line;
    const last = groups.at(-1);
    if (last?.nth === nth) last.shown.push(item);
    else groups.push({ day, nth, shown: [item] });
  }
  return groups;
}
