/** Numbers, money, dates and names as text, by the language that is spoken. */

import { i18n } from "@lingui/core";

import type { Money } from "../data/service";

// Making a formatter takes longer than using it a thousand times.
const made = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>();

/** The language that is spoken, as it is written where the reader is, if they told the browser: `en-GB`, `de-CH`. */
const localeOf = (): string => navigator.languages.find((tag) => tag.split("-")[0] === i18n.locale) ?? i18n.locale;

function formatter<F extends Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>(key: string, make: (locale: string) => F): F {
  const whole = `${i18n.locale} ${key}`;
  const known = made.get(whole);
  if (known) return known as F;
  const fresh = make(localeOf());
  made.set(whole, fresh);
  return fresh;
}

export const formatNumber = (value: number): string => formatter("number", (locale) => new Intl.NumberFormat(locale)).format(value);

export const formatPercent = (share: number): string =>
  formatter("percent", (locale) => new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 })).format(share);

/** How many minor units one of a currency has: 100, 1, 1000. */
export function minorUnits(currency: string): number {
  const digits = formatter(`money ${currency}`, (locale) => new Intl.NumberFormat(locale, { style: "currency", currency })).resolvedOptions().maximumFractionDigits;
  return 10 ** (digits ?? 2);
}

/** Money; without minor units where there are none of it, or shortened (`€1.2M`). */
export function formatMoney({ amount, currency }: Money, style: "exact" | "short" = "exact"): string {
  const units = minorUnits(currency);
  const format =
    style === "short"
      ? formatter(`short ${currency}`, (locale) => new Intl.NumberFormat(locale, { style: "currency", currency, notation: "compact", maximumFractionDigits: 1 }))
      : formatter(`money ${currency} ${amount % units === 0}`, (locale) =>
          new Intl.NumberFormat(locale, { style: "currency", currency, ...(amount % units === 0 && { maximumFractionDigits: 0, minimumFractionDigits: 0 }) }));
  return format.format(amount / units);
}

/** Money of several currencies, which is never added up. */
export const formatMoneys = (moneys: readonly Money[], style: "exact" | "short" = "exact"): string =>
  moneys.length === 0 ? "–" : moneys.map((money) => formatMoney(money, style)).join(" + ");

const isDay = (time: string): boolean => time.length === 10;
/** A day has no time zone; a time is the reader's. */
const dateOf = (time: string): Date => new Date(isDay(time) ? `${time}T00:00:00` : time);

/** A day: `2030-01-31` or the day of a time. */
export const formatDate = (time: string): string =>
  formatter("date", (locale) => new Intl.DateTimeFormat(locale, { dateStyle: "medium" })).format(dateOf(time));

export const formatDateTime = (time: string): string =>
  formatter("datetime", (locale) => new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" })).format(dateOf(time));

/** A time as the clocks of another time zone show it. */
export const formatDateTimeIn = (time: Date, timeZone: string): string =>
  formatter(`datetime ${timeZone}`, (locale) => new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short", timeZone })).format(time);

export const formatTime = (time: string): string =>
  formatter("time", (locale) => new Intl.DateTimeFormat(locale, { timeStyle: "short" })).format(dateOf(time));

/** A month: `2030-01`. */
export const formatMonth = (month: string): string =>
  formatter("month", (locale) => new Intl.DateTimeFormat(locale, { month: "short", year: "numeric" })).format(dateOf(`${month.slice(0, 7)}-01`));

/** A day without its year, for axes. */
export const formatDayShort = (day: string): string =>
  formatter("day", (locale) => new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" })).format(dateOf(day));

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** How far away: `3 days ago`, `tomorrow`. */
export function formatRelative(time: string, now: Date = new Date()): string {
  const format = formatter("relative", (locale) => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));
  if (isDay(time)) {
    const today = new Date(now.getFullYear(), now.getMonth(), now.getDate());
    const days = Math.round((dateOf(time).getTime() - today.getTime()) / 86_400_000);
    if (Math.abs(days) < 14) return format.format(days, "day");
  }
  const seconds = (dateOf(time).getTime() - now.getTime()) / 1000;
  for (const [unit, length] of UNITS) if (Math.abs(seconds) >= length) return format.format(Math.trunc(seconds / length), unit);
  return format.format(0, "second");
}

/** A day as people say it: `today`, `yesterday`, else with its weekday. */
export function formatDay(day: string, now: Date = new Date()): string {
  const today = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const days = Math.round((dateOf(day).getTime() - today.getTime()) / 86_400_000);
  const whole = formatter("weekday", (locale) => new Intl.DateTimeFormat(locale, { dateStyle: "full" })).format(dateOf(day));
  if (days !== 0 && days !== -1) return whole;
  const word = formatter("relative", (locale) => new Intl.RelativeTimeFormat(locale, { numeric: "auto" })).format(days, "day");
  return `${word.charAt(0).toLocaleUpperCase()}${word.slice(1)}`;
}

/** What somebody or something is called: the company, else the person, else the address. */
export const titleOf = (record: { company?: string | null; name?: string | null; email?: string | null; title?: string | null; subject?: string | null }): string =>
  record.company ?? record.name ?? record.title ?? record.subject ?? record.email ?? "–";

/** A time as `<input type="datetime-local">` has it, which is the reader's, and back. */
export function toLocalInput(time: string): string {
  const date = new Date(time);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
export const fromLocalInput = (local: string): string => new Date(local).toISOString();
