import { expect, test, vi } from "vitest";

import { FakeService, customer, me, runHook, until } from "../testing";
import { cache } from "./cache";
import { keys } from "./keys";
import { signOut, useCan, useMe, useShown } from "./session";

test("what is permitted is what the service says, and nothing else", async () => {
  cache.setQueryData(keys.me, me("member", ["read:customers", "update:customers"]));
  const can = await runHook(useCan);
  expect(can.current("update:customers")).toBe(true);
  expect(can.current("delete:customers")).toBe(false);
  expect(can.current("update:users")).toBe(false);
  await can.unmount();
});

test("a role that is taken away counts at once", async () => {
  cache.setQueryData(keys.me, me("admin", ["update:users"]));
  const can = await runHook(useCan);
  expect(can.current("update:users")).toBe(true);
  cache.setQueryData(keys.me, me("viewer", []));
  await until(() => !can.current("update:users"));
  await can.unmount();
});

test("who has to sign in again finds everything, and somebody else nothing", async () => {
  const first = me("member", []);
  cache.setQueryData(keys.me, first);
  const shown = await runHook(() => ({ shown: useShown(), me: useMe() }));
  cache.setQueryData(keys.record("customers", "c"), customer());
  cache.setQueryData(keys.me, null);
  await shown.again();
  expect(shown.current.shown).toEqual(first);
  expect(shown.current.me).toEqual(first);
  cache.setQueryData(keys.me, { ...first });
  await shown.again();
  expect(cache.getQueryData(keys.record("customers", "c"))).toBeDefined();
  cache.setQueryData(keys.me, { ...first, user: { ...first.user, id: "other" } });
  await shown.again();
  expect(cache.getQueryData(keys.record("customers", "c"))).toBeUndefined();
  await shown.unmount();
});

test("who signs out is gone above everything, and nothing is kept", async () => {
  new FakeService().on("POST /api/auth/logout", () => ({ status: 204 }));
  cache.setQueryData(keys.me, me("member", []));
  // What is below goes on with who it was until what is above takes it away.
  const below = await runHook(useMe);
  const above = await runHook(useShown);
  cache.setQueryData(keys.record("customers", "c"), customer());
  await signOut();
  await until(() => above.current === null);
  await below.unmount();
  await above.unmount();
  expect(cache.getQueryData(keys.record("customers", "c"))).toBeUndefined();
  vi.unstubAllGlobals();
});
