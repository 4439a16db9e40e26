import { expect, test } from "vitest";

import type { Event } from "../../data";
import { chance } from "../../testing";
import { byDay, linesOf } from "./days";
import { filterOf, paramsOf } from "./filter";
import { MOST, type Place, readBack, startAt } from "./log";

/** A log of events with these numbers, as the service gives it. */
function service(numbers: readonly number[]) {
  const asked: number[] = [];
  const ask = ({ after, limit }: { after: number; limit: number }) => {
    asked.push(after);
    const matching = numbers.filter((seq) => seq > after);
    return Promise.resolve({ data: matching.slice(0, limit).map((seq) => ({ seq }) as Event), next_cursor: matching.length > limit ? "more" : null });
  };
  return { ask, asked };
}

async function readAll(numbers: readonly number[], newest: number): Promise<{ read: number[]; requests: number; longest: number }> {
  const { ask, asked } = service(numbers);
  const read: number[] = [];
  let longest = 0;
  for (let place: Place | null = startAt(newest); place !== null; ) {
    const before = asked.length;
    const stretch = await readBack(ask, place);
    read.push(...stretch.events.map(({ seq }) => seq));
    longest = Math.max(longest, asked.length - before);
    place = stretch.next;
  }
  return { read, requests: asked.length, longest };
}

test("every event comes once, newest first, however many match a filter and where they are", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const { upTo, next } = chance(seed);
    const newest = upTo(6000);
    const density = next() ** 3;
    // Dense in one part of the log, sparse in another.
    const border = upTo(newest);
    const numbers = Array.from({ length: newest }, (_, index) => index + 1).filter((seq) => next() < (seq < border ? density : density / 50));
    const { read } = await readAll(numbers, newest);
    expect(read, `seed ${seed}`).toEqual([...numbers].reverse());
  }
});

test("events that come meanwhile are not among those that are read back", async () => {
  const { read } = await readAll(Array.from({ length: 500 }, (_, index) => index + 1), 400);
  expect(read[0]).toBe(400);
  expect(read).toHaveLength(400);
});

test("a filter that hardly anything matches takes few requests", async () => {
  const { requests } = await readAll([3, 50_000], 100_000);
  expect(requests).toBeLessThanOrEqual(12);
});

test("a filter that matched a long time ago, and then a lot, takes few requests a page", async () => {
  const { longest } = await readAll(Array.from({ length: 5000 }, (_, index) => index + 1), 200_000);
  expect(longest).toBeLessThanOrEqual(18);
});

test("an empty log ends at once", async () => {
  expect(await readAll([], 0)).toEqual({ read: [], requests: 0, longest: 0 });
  expect(MOST).toBeLessThanOrEqual(200);
});

test("a filter survives its way through an address, and what is none is left out", () => {
  const filter = { object: "leads", actor: "import & co", record: "01994a5e-7c00-7000-8000-000000000001" } as const;
  expect(filterOf(paramsOf(filter))).toEqual(filter);
  expect(filterOf(new URLSearchParams("object=secrets&record=../x&actor="))).toEqual({ object: null, actor: null, record: null });
  expect(paramsOf({ object: null, actor: null, record: null }).toString()).toBe("");
});

test("events are put together by the reader's days, in their order", () => {
  const at = (time: string): Event => ({ seq: 1, at: new Date(time).toISOString() }) as Event;
  const lines = linesOf([at("2026-03-09T23:59"), at("2026-03-09T00:00"), at("2026-03-08T12:00")]);
  expect(lines.map(({ day, event, ...line }) => (event ? line : day))).toEqual(["2026-03-09", { nth: 1, at: 1, of: 2 }, { nth: 1, at: 2, of: 2 }, "2026-03-08", { nth: 2, at: 1, of: 1 }]);
  // The heading of the first day has been scrolled away.
  const shown = byDay(lines.slice(2).map((line) => ({ line })));
  expect(shown.map(({ day, shown: ofDay }) => [day, ofDay.length])).toEqual([["2026-03-09", 1], ["2026-03-08", 2]]);
});
