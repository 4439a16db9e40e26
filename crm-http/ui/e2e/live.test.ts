/** Two browsers on one tenant. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Stage } from "./harness";

let stage: Stage;
let url: string;
before(async () => {
  stage = await Stage.open();
  url = await stage.mount({ mount: "/t/acme/crm" });
});
after(() => stage.close());

test("a task that is ticked off in one browser goes away in the other, and comes back when that is undone", async () => {
  const mine = await stage.signIn(url, "owner");
  const other = await stage.signIn(url, "owner");
  const first = other.page.getByRole("checkbox").first();
  await first.waitFor();
  const count = await other.page.getByRole("checkbox").count();
  const open = other.page.locator(".tile", { hasText: "Open tasks" }).locator(".tile-value");
  const before = Number(await open.textContent());
  await mine.page.getByRole("checkbox").first().click();
  await mine.page.getByRole("button", { name: "Undo" }).waitFor();
  await other.page.waitForFunction(([selector, value]) => document.querySelector(selector as string)?.textContent?.includes(String(value)), [".tile:last-child .tile-value", before - 1], { timeout: 5000 });
  await mine.page.getByRole("button", { name: "Undo" }).click();
  await other.page.waitForFunction(([selector, value]) => document.querySelector(selector as string)?.textContent?.includes(String(value)), [".tile:last-child .tile-value", before], { timeout: 5000 });
  assert.equal(await other.page.getByRole("checkbox").count(), count);
  mine.watch.check();
  other.watch.check();
});

test("a server that goes away is told of, and comes back by itself", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "overview", {}, [/status of 502/, /ERR_/]);
  await page.locator(".connection.live").waitFor();
  await stage.service.down();
  await page.locator(".offline-bar").waitFor();
  await stage.service.up();
  await page.locator(".offline-bar").waitFor({ state: "detached", timeout: 20_000 });
  await page.locator(".connection.live").waitFor();
  watch.check();
});
