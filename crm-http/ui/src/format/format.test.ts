import { i18n } from "@lingui/core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { forSeeds } from "../testing";
import type { Money } from "../data/service";

const NBSP = "\u00a0";
const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, " ");
const zone = process.env["TZ"];

/** The formats as they are in a time zone and a language: formatters are kept for a page's life, which has one of each. */
async function formatsIn(timeZone: string, language: "en" | "de", languages: readonly string[] = []) {
  process.env["TZ"] = timeZone;
  vi.spyOn(navigator, "languages", "get").mockReturnValue(languages);
  vi.resetModules();
  const { i18n: fresh } = await import("@lingui/core");
  fresh.load(language, {});
  fresh.activate(language);
  return import("./index");
}

beforeEach(() => i18n.activate("en"));
afterEach(() => {
  vi.restoreAllMocks();
  if (zone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone;
});

const money = (amount: number, currency: string): Money => ({ amount, currency }) as Money;

test("money has as many minor digits as its currency", async () => {
  const { formatMoney, minorUnits } = await formatsIn("UTC", "en");
  expect([minorUnits("EUR"), minorUnits("JPY"), minorUnits("KWD")]).toEqual([100, 1, 1000]);
  expect(formatMoney(money(123_456, "EUR"))).toBe("€1,234.56");
  expect(formatMoney(money(123_456, "JPY"))).toBe("¥123,456");
  expect(plain(formatMoney(money(1_234_567, "KWD")))).toBe("KWD 1,234.567");
});

test("money without minor units has no zeros for them", async () => {
  const { formatMoney } = await formatsIn("UTC", "en");
  expect(formatMoney(money(120_000, "EUR"))).toBe("€1,200");
  expect(formatMoney(money(0, "EUR"))).toBe("€0");
  expect(formatMoney(money(50, "EUR"))).toBe("€0.50");
});

test("negative money says so", async () => {
  const { formatMoney } = await formatsIn("UTC", "en");
  expect(formatMoney(money(-123_450, "USD"))).toBe("-$1,234.50");
});

test("money is written as the language writes it", async () => {
  const { formatMoney, formatNumber, formatPercent } = await formatsIn("UTC", "de");
  expect(plain(formatMoney(money(123_456, "EUR")))).toBe("1.234,56 €");
  expect(formatMoney(money(-100, "EUR"))).toBe(`-1${NBSP}€`);
  expect(formatNumber(1234567)).toBe("1.234.567");
  expect(plain(formatPercent(0.1234))).toBe("12,3 %");
});

test("money is shortened, and of several currencies never added up", async () => {
  const { formatMoney, formatMoneys } = await formatsIn("UTC", "en");
  expect(formatMoney(money(123_456_700, "EUR"), "short")).toBe("€1.2M");
  expect(formatMoneys([money(100, "EUR"), money(200, "USD")])).toBe("€1 + $2");
  expect(formatMoneys([])).toBe("–");
});

test("the browser says how a language is written where the reader is", async () => {
  const british = await formatsIn("UTC", "en", ["fr", "en-GB", "en-US"]);
  expect(british.formatDate("2026-03-09")).toBe("9 Mar 2026");
  const american = await formatsIn("UTC", "en", ["en-US"]);
  expect(american.formatDate("2026-03-09")).toBe("Mar 9, 2026");
  const german = await formatsIn("UTC", "de", ["en-GB"]);
  expect(german.formatDate("2026-03-09")).toBe("09.03.2026");
});

test("a day is the same day in every time zone, a time the reader's", async () => {
  for (const [timeZone, time] of [["Pacific/Kiritimati", "14:30"], ["America/Los_Angeles", "17:30"], ["Asia/Kathmandu", "06:15"]] as const) {
    const { formatDate, formatTime } = await formatsIn(timeZone, "en", ["en-GB"]);
    expect(formatDate("2026-03-09"), timeZone).toBe("9 Mar 2026");
    expect(formatTime("2026-03-09T00:30:00Z"), timeZone).toBe(time);
  }
});

test("how long ago a day was goes by the calendar, a time by the clock", async () => {
  for (const timeZone of ["Pacific/Kiritimati", "America/Los_Angeles", "Europe/Berlin"]) {
    const { formatRelative, formatDay } = await formatsIn(timeZone, "en", ["en-GB"]);
    const now = new Date(2026, 2, 9, 23, 59);
    expect(formatRelative("2026-03-09", now), timeZone).toBe("today");
    expect(formatRelative("2026-03-10", now), timeZone).toBe("tomorrow");
    expect(formatRelative("2026-03-07", now), timeZone).toBe("2 days ago");
    expect(formatDay("2026-03-08", now), timeZone).toBe("Yesterday");
    expect(formatDay("2026-03-06", now), timeZone).toMatch(/^Friday,? 6 March 2026$/);
    expect(formatRelative(new Date(now.getTime() - 90_000).toISOString(), now), timeZone).toBe("1 minute ago");
    expect(formatRelative(new Date(now.getTime() + 3 * 3_600_000).toISOString(), now), timeZone).toBe("in 3 hours");
    expect(formatRelative(now.toISOString(), now), timeZone).toBe("now");
  }
});

test("days around a change of the clocks are a day apart", async () => {
  const { formatRelative } = await formatsIn("Europe/Berlin", "de");
  expect(formatRelative("2026-03-30", new Date(2026, 2, 29, 0, 30))).toBe("morgen");
  expect(formatRelative("2026-10-24", new Date(2026, 9, 25, 23, 30))).toBe("gestern");
});

test("a time survives its way through a field, in every time zone", async () => {
  for (const timeZone of ["Pacific/Kiritimati", "America/St_Johns", "Europe/Berlin", "UTC"]) {
    const { toLocalInput, fromLocalInput } = await formatsIn(timeZone, "en");
    forSeeds(50, ({ upTo }) => {
      const time = new Date(Date.UTC(2026, upTo(11), 1 + upTo(27), upTo(23), upTo(59))).toISOString();
      const local = toLocalInput(time);
      expect(local).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/);
      // The hour that an autumn night has twice is the earlier one.
      expect(Math.abs(new Date(fromLocalInput(local)).getTime() - new Date(time).getTime()) % 3_600_000).toBe(0);
      expect(toLocalInput(fromLocalInput(local))).toBe(local);
    });
  }
});

test("a record is called by its company, its person, or what it is about", async () => {
  const { titleOf } = await formatsIn("UTC", "en");
  expect(titleOf({ company: "Ada Ltd", name: "Ada" })).toBe("Ada Ltd");
  expect(titleOf({ company: null, name: "Ada" })).toBe("Ada");
  expect(titleOf({ name: null, email: "ada@acme.test" })).toBe("ada@acme.test");
  expect(titleOf({})).toBe("–");
});
