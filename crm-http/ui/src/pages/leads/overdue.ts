/** The day that it is for the reader: `2030-01-31`. */
export function today(now: Date = new Date()): string {
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

/** Whether a day is over. */
export const isOverdue = (day: string | null): boolean => day !== null && day < today();
