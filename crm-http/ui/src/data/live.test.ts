import { act } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { FakeService, customer, forSeeds, me, runHook, until } from "../testing";
import { cache } from "./cache";
import { keys } from "./keys";
import type { Customer } from "./kinds";
import { follow, startLive, useConnection } from "./live";
import type { Event } from "./service";

class FakeEventSource extends EventTarget {
  static readonly opened: FakeEventSource[] = [];
  isClosed = false;

  constructor(readonly url: string) {
    super();
    FakeEventSource.opened.push(this);
  }

  close(): void {
    this.isClosed = true;
  }

  tell(event: Event): void {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(event), lastEventId: String(event.seq) }));
  }
}

const before = customer({ company: "Ada Ltd", city: "London" });
const listKey = keys.list("customers", {}, "growing");
const record = (): Customer | undefined => cache.getQueryData<Customer>(keys.record("customers", before.id));
const inList = (): Customer | undefined => cache.getQueryData<{ pages: { data: Customer[] }[] }>(listKey)?.pages[0]?.data[0];
const isStale = (key: readonly unknown[]): boolean => cache.getQueryState(key)?.isInvalidated === true;

const event = (fields: Partial<Event>): Event => ({
  seq: 10, at: "2026-02-01T00:00:00Z", actor: "u2", actor_type: "user", request_id: null, object: "customers", record_id: before.id, version: 2, kind: "updated",
  changes: [{ field: "city", old: "London", new: "Paris" }], ...fields,
});

let stop: () => void;

beforeEach(() => {
  vi.stubGlobal("EventSource", FakeEventSource);
  new FakeService().on("GET /api/auth/me", () => ({ body: me("owner", []) }));
  FakeEventSource.opened.length = 0;
  cache.clear();
  cache.setQueryData(keys.record("customers", before.id), before);
  cache.setQueryData(listKey, { pages: [{ data: [before], next_cursor: null }], pageParams: [null] });
  stop = startLive();
});
afterEach(() => {
  stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const source = (): FakeEventSource => FakeEventSource.opened.at(-1) as FakeEventSource;

test("what somebody else changed is in the record and in lists without asking for it", async () => {
  source().tell(event({}));
  await until(() => record()?.city === "Paris");
  expect(record()).toMatchObject({ version: 2, updated_at: "2026-02-01T00:00:00Z", company: "Ada Ltd" });
  expect(inList()).toMatchObject({ version: 2, city: "Paris" });
  expect(isStale(listKey)).toBe(true);
  expect(isStale(keys.record("customers", before.id))).toBe(false);
});

test("an event that is known already changes nothing", async () => {
  source().tell(event({ version: 1, changes: [{ field: "city", old: null, new: "Old" }] }));
  await until(() => isStale(listKey));
  expect(record()?.city).toBe("London");
});

test("a record of which an event was missed is asked for again", async () => {
  source().tell(event({ version: 4 }));
  await until(() => isStale(keys.record("customers", before.id)));
  expect(record()?.city).toBe("London");
});

test("what is deleted goes from the lists", async () => {
  source().tell(event({ kind: "deleted", changes: [] }));
  await until(() => inList() === undefined);
});

test("a role that changes is asked for, at once", async () => {
  cache.setQueryData(keys.me, me("admin", []));
  source().tell(event({ object: "users", record_id: "u" }));
  await until(() => isStale(keys.me));
});

test("a stream that breaks is resumed where it was, and says that it is", async () => {
  const connection = await runHook(useConnection);
  expect(source().url).not.toContain("after");
  await act(async () => source().dispatchEvent(new globalThis.Event("open")));
  expect(connection.current).toBe("live");
  source().tell(event({ seq: 41 }));
  const broken = source();
  await act(async () => broken.dispatchEvent(new globalThis.Event("error")));
  expect(connection.current).toBe("offline");
  expect(broken.isClosed).toBe(true);
  await act(async () => window.dispatchEvent(new globalThis.Event("online")));
  expect(source()).not.toBe(broken);
  expect(source().url).toContain("after=41");
  await act(async () => source().dispatchEvent(new globalThis.Event("open")));
  expect(connection.current).toBe("live");
  await connection.unmount();
});

test("tries to connect again come less and less often, and never twice at once", async () => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  const times: number[] = [];
  let known = FakeEventSource.opened.length;
  source().dispatchEvent(new globalThis.Event("error"));
  for (let passed = 0; passed < 120_000; passed += 500) {
    await vi.advanceTimersByTimeAsync(500);
    if (FakeEventSource.opened.length === known) continue;
    expect(FakeEventSource.opened.length).toBe(known + 1);
    known = FakeEventSource.opened.length;
    times.push(passed + 500);
    source().dispatchEvent(new globalThis.Event("error"));
  }
  const waits = times.map((time, index) => time - (times[index - 1] ?? 0));
  expect(waits.slice(0, 5)).toEqual([1000, 2000, 4000, 8000, 16_000]);
  expect(Math.max(...waits)).toBe(30_000);
});

test("after it is stopped, nothing is connected to any more", async () => {
  vi.useFakeTimers();
  source().dispatchEvent(new globalThis.Event("error"));
  stop();
  const count = FakeEventSource.opened.length;
  window.dispatchEvent(new globalThis.Event("online"));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(FakeEventSource.opened.length).toBe(count);
});

test("following the events of a record one after another gives what it is in the end", () => {
  forSeeds(100, ({ upTo, oneOf }) => {
    const fields = ["company", "city", "notes"] as const;
    let truth: Customer = customer();
    let followed: Customer | null = customer();
    for (let version = 2; version < 2 + upTo(20); version++) {
      const field = oneOf(fields);
      const value = oneOf(["a", "b", null]);
      truth = { ...truth, [field]: value, version, updated_at: event({}).at };
      followed = followed && follow(followed, event({ version, changes: [{ field, old: null, new: value }] }));
    }
    expect(followed).toEqual(truth);
  });
});
