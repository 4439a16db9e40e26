import { act } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { FakeService, customer, problem, runHook, until } from "../testing";
import { cache, put } from "./cache";
import { Yielded, useCreate, useRemove, useUpdate } from "./changing";
import { useAskedConflict } from "./conflict";
import { keys } from "./keys";
import type { Customer } from "./kinds";
import { ProblemError } from "./service";

let service: FakeService;
const before = customer({ company: "Ada Ltd", city: "London", notes: "old" });
const route = `/api/customers/${before.id}`;
const listKey = keys.list("customers", {}, "growing");

const record = (): Customer | undefined => cache.getQueryData<Customer>(keys.record("customers", before.id));
const inList = (): Customer | undefined => cache.getQueryData<{ pages: { data: Customer[] }[] }>(listKey)?.pages[0]?.data[0];

beforeEach(() => {
  service = new FakeService();
  cache.clear();
  cache.setQueryData(keys.record("customers", before.id), before);
  cache.setQueryData(listKey, { pages: [{ data: [before], next_cursor: null }], pageParams: [null] });
});
afterEach(() => vi.unstubAllGlobals());

/** An answer that is given when the test says so. */
function held() {
  let give: (answer: { status?: number; body?: unknown }) => void = () => undefined;
  const answer = new Promise<{ status?: number; body?: unknown }>((resolve) => (give = resolve));
  return { answer, give };
}

test("a change is on screen before the service answers, alone and in lists", async () => {
  const { answer, give } = held();
  service.on(`PATCH ${route}`, () => answer);
  const update = await runHook(() => useUpdate("customers"));
  await act(async () => update.current.mutate({ record: before, patch: { city: "Paris" } }));
  await until(() => record()?.city === "Paris");
  expect(inList()?.city).toBe("Paris");
  expect(record()?.version).toBe(1);
  give({ body: { ...before, city: "Paris", version: 2 } });
  await until(() => record()?.version === 2);
  expect(inList()?.version).toBe(2);
  await update.unmount();
});

test("a change that is refused is taken back everywhere", async () => {
  service.on(`PATCH ${route}`, () => ({ status: 422, body: problem(422, "invalid", [{ pointer: "/city", code: "x", detail: "y" }]) }));
  const update = await runHook(() => useUpdate("customers"));
  const failure = await act(() => update.current.mutateAsync({ record: before, patch: { city: "\u0000" } }).catch((error: unknown) => error));
  expect(failure).toBeInstanceOf(ProblemError);
  expect(record()).toEqual(before);
  expect(inList()).toEqual(before);
  await update.unmount();
});

test("taking back leaves what somebody else made of it meanwhile", async () => {
  const { answer, give } = held();
  service.on(`PATCH ${route}`, () => answer);
  const update = await runHook(() => useUpdate("customers"));
  const done = update.current.mutateAsync({ record: before, patch: { city: "Paris" } }).catch(() => undefined);
  await until(() => record()?.city === "Paris");
  put("customers", { ...before, version: 5, city: "Rome" });
  give({ status: 503, body: problem(503, "unavailable") });
  await act(() => done);
  expect(record()?.city).toBe("Rome");
  expect(inList()?.city).toBe("Rome");
  await update.unmount();
});

test("a change to one field is merged with somebody else's change to another", async () => {
  const theirs = { ...before, version: 2, notes: "theirs" };
  service.on(`GET ${route}`, () => ({ body: theirs }));
  service.on(`PATCH ${route}`, ({ headers, body }) =>
    headers.get("if-match")?.endsWith('-2"') ? { body: { ...theirs, ...(body as object), version: 3 } } : { status: 412, body: problem(412, "stale") });
  const update = await runHook(() => useUpdate("customers"));
  const saved = await act(() => update.current.mutateAsync({ record: before, patch: { city: "Paris" } }));
  expect(saved).toMatchObject({ version: 3, city: "Paris", notes: "theirs" });
  expect(record()).toMatchObject({ version: 3, city: "Paris", notes: "theirs" });
  expect(service.of(`PATCH ${route}`).map(({ headers }) => headers.get("if-match"))).toEqual([expect.stringMatching(/-1"$/), expect.stringMatching(/-2"$/)]);
  await update.unmount();
});

test("the same field changed by two is asked about; giving way leaves theirs", async () => {
  const theirs = { ...before, version: 2, city: "Rome" };
  service.on(`GET ${route}`, () => ({ body: theirs }));
  service.on(`PATCH ${route}`, () => ({ status: 412, body: problem(412, "stale") }));
  const hook = await runHook(() => ({ update: useUpdate("customers"), asked: useAskedConflict() }));
  const done = hook.current.update.mutateAsync({ record: before, patch: { city: "Paris" } }).catch((error: unknown) => error);
  await until(() => hook.current.asked !== null, "the question");
  expect(hook.current.asked?.conflict).toMatchObject({ fields: ["city"], base: { city: "London" }, theirs: { city: "Rome" }, mine: { city: "Paris" } });
  const failure = await act(async () => {
    hook.current.asked?.answer(null);
    return done;
  });
  expect(failure).toBeInstanceOf(Yielded);
  expect(record()?.city).toBe("Rome");
  expect(hook.current.asked).toBeNull();
  await hook.unmount();
});

test("choosing one's own version sends it on top of theirs", async () => {
  const theirs = { ...before, version: 2, city: "Rome" };
  service.on(`GET ${route}`, () => ({ body: theirs }));
  service.on(`PATCH ${route}`, ({ headers, body }) =>
    headers.get("if-match")?.endsWith('-2"') ? { body: { ...theirs, ...(body as object), version: 3 } } : { status: 412, body: problem(412, "stale") });
  const hook = await runHook(() => ({ update: useUpdate("customers"), asked: useAskedConflict() }));
  const done = hook.current.update.mutateAsync({ record: before, patch: { city: "Paris" } });
  await until(() => hook.current.asked !== null, "the question");
  await act(async () => {
    hook.current.asked?.answer({ city: "Paris" });
    await done;
  });
  expect(record()).toMatchObject({ city: "Paris", version: 3 });
  await hook.unmount();
});

test("what is made again after an error has the same key, and what is something else another one", async () => {
  let isUp = false;
  service.on("POST /api/customers", ({ body }) => (isUp ? { status: 201, body: customer({ id: "c2", ...(body as object) }) } : new TypeError("down")));
  const create = await runHook(() => useCreate("customers"));
  const attempt = (company: string) => act(() => create.current.mutateAsync({ company }).catch(() => undefined));
  await attempt("New");
  isUp = true;
  await attempt("New");
  await attempt("New");
  await attempt("Other");
  const sent = service.of("POST /api/customers").map(({ headers }) => headers.get("idempotency-key"));
  expect(sent[0]).toBe(sent[1]);
  expect(new Set(sent).size).toBe(3);
  await create.unmount();
});

test("what is deleted goes from the lists at once", async () => {
  const { answer, give } = held();
  service.on(`DELETE ${route}`, () => answer);
  const remove = await runHook(() => useRemove("customers"));
  await act(async () => remove.current.mutate(before.id));
  await until(() => inList() === undefined);
  give({ status: 204 });
  await until(() => remove.current.isSuccess);
  expect(service.of(`DELETE ${route}`)).toHaveLength(1);
  await remove.unmount();
});
