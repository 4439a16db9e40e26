/** The days that entries are grouped by, which are the reader's. */

import { formatDate, formatRelative } from "../../format";

const DAY = 86_400_000;

/** The day of a time: `2030-01-31`. */
export function dayOf(time: string): string {
  const date = new Date(time);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

/** A day as one speaks of it: today, yesterday, tomorrow, else its date. */
export function nameOfDay(day: string, now: Date = new Date()): string {
  const today = dayOf(now.toISOString());
  const name = Math.abs(Date.parse(day) - Date.parse(today)) <= DAY ? formatRelative(day, now) : formatDate(day);
  return name.charAt(0).toLocaleUpperCase() + name.slice(1);
}

/** Entries in order, by the day of each. */
export function byDay<E>(entries: readonly E[], timeOf: (entry: E) => string): { day: string; entries: E[] }[] {
  const days: { day: string; entries: E[] }[] = [];
  for (const entry of entries) {
    const day = dayOf(timeOf(entry));
    const last = days.at(-1);
    if (last?.day === day) last.entries.push(entry);
    else days.push({ day, entries: [entry] });
  }
  return days;
}
