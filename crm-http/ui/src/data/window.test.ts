import { act } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { FakeService, customer, forSeeds, problem, runHook, until } from "../testing";
import { cache } from "./cache";
import { keys } from "./keys";
import { extend, locate, useWindow } from "./window";

test("a row is found in the page that has it, wherever the pages end", () => {
  forSeeds(200, ({ upTo }) => {
    const lengths = Array.from({ length: 1 + upTo(20) }, () => 1 + upTo(100));
    const total = lengths.reduce((sum, length) => sum + length, 0);
    const row = upTo(total - 1);
    const { page, offset } = locate(lengths, row);
    expect(offset).toBeGreaterThanOrEqual(0);
    expect(offset).toBeLessThan(lengths[page] ?? 0);
    expect(lengths.slice(0, page).reduce((sum, length) => sum + length, 0) + offset).toBe(row);
  });
});

test("a page that tells nothing new leaves the chain as it is, so that nothing renders again", () => {
  const chain = { of: "q", cursors: [null], lengths: [], isWhole: false };
  const once = extend(chain, 0, { data: [1, 2], next_cursor: "a" });
  expect(once).toMatchObject({ cursors: [null, "a"], lengths: [2], isWhole: false });
  expect(extend(once, 0, { data: [1, 2], next_cursor: "a" })).toBe(once);
  const whole = extend(once, 1, { data: [3], next_cursor: null });
  expect(whole).toMatchObject({ cursors: [null, "a"], lengths: [2, 1], isWhole: true });
  expect(extend(whole, 1, { data: [3], next_cursor: null })).toBe(whole);
});

test("a list that has become shorter ends where it ends now", () => {
  const chain = { of: "q", cursors: [null, "a", "b"], lengths: [2, 2, 1], isWhole: true };
  expect(extend(chain, 1, { data: [3], next_cursor: null })).toMatchObject({ cursors: [null, "a"], lengths: [2, 1], isWhole: true });
});

const TOTAL = 3_050;
let service: FakeService;
let isUp = true;

beforeEach(() => {
  cache.clear();
  isUp = true;
  service = new FakeService();
  service.on("GET /api/customers", ({ query }) => {
    if (!isUp) return { status: 422, body: problem(422, "invalid") };
    const from = Number(query.get("cursor") ?? 0);
    const limit = Number(query.get("limit"));
    const data = Array.from({ length: Math.min(limit, TOTAL - from) }, (_, index) => customer({ id: `c${from + index}` }));
    const next = from + limit < TOTAL ? String(from + limit) : null;
    return { body: { data, next_cursor: next, ...(query.get("count") === "true" && { total: TOTAL }) } };
  });
});
afterEach(() => vi.unstubAllGlobals());

const QUERY = { sort: ["company"] } as never;
const keptPages = (): number =>
  cache.getQueryCache().findAll({ queryKey: keys.lists("customers") }).filter(({ queryKey, state }) => queryKey[3] !== "count" && state.data !== undefined).length;

test("a list that is scrolled through to its end keeps a few pages of it, and finds its way back", async () => {
  const rows = await runHook(() => useWindow("customers", QUERY));
  await until(() => rows.current.row(0) !== undefined, "the first row");
  await until(() => rows.current.total === TOTAL, "the total");
  let most = 0;
  for (let first = 0; first < TOTAL; first += 40) {
    await act(async () => rows.current.show(first, Math.min(first + 39, rows.current.length - 1)));
    await until(() => rows.current.row(Math.min(first + 39, TOTAL - 1)) !== undefined, `row ${first + 39}`);
    expect(rows.current.row(first)?.id).toBe(`c${first}`);
    most = Math.max(most, keptPages());
  }
  expect(rows.current.length).toBe(TOTAL);
  expect(rows.current.row(TOTAL - 1)?.id).toBe(`c${TOTAL - 1}`);
  expect(most).toBeLessThanOrEqual(12);
  const asked = service.of("GET /api/customers").length;
  await act(async () => rows.current.show(0, 39));
  await until(() => rows.current.row(0)?.id === "c0", "the first row again");
  expect(service.of("GET /api/customers").length).toBeGreaterThan(asked);
  expect(keptPages()).toBeLessThanOrEqual(12);
  await rows.unmount();
});

test("a query that is refused says so, and goes on when it is tried again", async () => {
  isUp = false;
  const rows = await runHook(() => useWindow("customers", QUERY));
  await until(() => rows.current.error !== null, "the error");
  expect(rows.current).toMatchObject({ length: 0, isPending: false });
  isUp = true;
  await act(async () => rows.current.retry());
  await until(() => rows.current.row(0) !== undefined && rows.current.error === null, "the first row without an error");
  await rows.unmount();
});
