/** Two browsers on one tenant, and a server that goes away and comes back. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Page } from "playwright-core";

import { Stage, eventually } from "./harness";

let stage: Stage;
let url: string;
before(async () => {
  stage = await Stage.open();
  url = await stage.mount({ mount: "/t/acme/crm" });
});
after(() => stage.close());

const DOWN = [/status of 502/, /ERR_/];

/** The figure of a tile, when it is there. */
const figure = (page: Page, label: string): Promise<string> => page.locator(".tile", { hasText: label }).locator(".tile-value").innerText();
const isFigure = async (page: Page, label: string): Promise<boolean> => /\d/.test(await figure(page, label));

/** A task of the owner's that is the most urgent of all; gives the name of its check box. */
async function urgentTask(): Promise<string> {
  const send = await stage.service.as("owner@acme.test");
  const { user } = (await (await send("GET", "/api/auth/me")).json()) as { user: { id: string } };
  const title = `Urgent ${Date.now()}`;
  const made = await send("POST", "/api/tasks", { title, assignee_id: user.id, due_at: "2001-01-01T00:00:00Z" });
  assert.equal(made.status, 201);
  return `Done: ${title}`;
}

test("a task that is ticked off in one browser goes away in the other, and comes back when that is undone", async () => {
  const name = await urgentTask();
  const mine = await stage.signIn(url, "owner");
  const other = await stage.signIn(url, "owner");
  await other.page.getByRole("checkbox", { name }).waitFor();
  await eventually(() => isFigure(other.page, "Open tasks"), true);
  const open = Number(await figure(other.page, "Open tasks"));
  await mine.page.getByRole("checkbox", { name }).click();
  await mine.page.getByRole("button", { name: "Undo" }).waitFor();
  await other.page.getByRole("checkbox", { name }).waitFor({ state: "detached" });
  await eventually(() => figure(other.page, "Open tasks"), String(open - 1));
  await mine.page.getByRole("button", { name: "Undo" }).click();
  await other.page.getByRole("checkbox", { name }).waitFor();
  await eventually(() => figure(other.page, "Open tasks"), String(open));
  mine.watch.check();
  other.watch.check();
});

test("a server that goes away is told of; a change is taken back; and what happened meanwhile is there when it comes back", async () => {
  const name = await urgentTask();
  const { page, watch } = await stage.signIn(url, "owner", "overview", {}, DOWN);
  await page.locator(".connection.live").waitFor();
  await page.getByRole("checkbox", { name }).waitFor();
  await stage.service.down();
  await page.locator(".offline-bar").waitFor();
  await page.getByRole("checkbox", { name }).click();
  await page.getByText("could not be changed").first().waitFor();
  await page.getByRole("checkbox", { name }).waitFor();

  await stage.service.up();
  const send = await stage.service.as("member@acme.test");
  const company = `Meanwhile ${Date.now()}`;
  assert.equal((await send("POST", "/api/customers", { company })).status, 201);
  await page.locator(".offline-bar").waitFor({ state: "detached", timeout: 45_000 });
  await page.locator(".connection.live").waitFor();
  await page.getByText(company).first().waitFor();
  watch.check();
});

test("a page that is opened while the server is away says so, and goes on when it is back", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "overview", {}, DOWN);
  await page.locator(".connection.live").waitFor();
  await stage.service.down();
  await page.getByRole("link", { name: "Customers" }).first().click();
  await page.locator(".offline-bar").waitFor();
  await stage.service.up();
  await page.locator(".offline-bar").waitFor({ state: "detached", timeout: 45_000 });
  const again = page.getByRole("button", { name: "Try again" });
  const row = page.getByRole("row").nth(1);
  await again.or(row).first().waitFor();
  if (await again.isVisible()) await again.click();
  await row.waitFor();
  watch.check();
});
