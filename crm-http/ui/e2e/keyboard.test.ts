/** The dashboard by keyboard alone, and for those who want nothing to move. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Page } from "playwright-core";

import { violations } from "./axe";
import { Stage, eventually } from "./harness";

let stage: Stage;
let url: string;
before(async () => {
  stage = await Stage.open();
  url = await stage.mount({ mount: "/crm" });
});
after(() => stage.close());

/** What has the focus: by its label, else its text. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement;
    return (element?.getAttribute("aria-label") ?? element?.textContent ?? "").trim();
  });

test("the first Tab leads past the navigation", async () => {
  const { page, watch } = await stage.signIn(url, "owner");
  await page.reload();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "Skip to the content");
  assert.equal(await page.locator(".skip-link").evaluate((link) => getComputedStyle(link).clipPath), "none");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "main");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.closest("main") !== null), true);
  watch.check();
});

test("the focus goes through the frame in the order in which it is read, and is seen", async () => {
  const { page, watch } = await stage.signIn(url, "owner");
  await page.reload();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  const order: string[] = [];
  for (let press = 0; press < 12; press++) {
    await page.keyboard.press("Tab");
    order.push(await focused(page));
    assert.notEqual(await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle), "none", order.at(-1));
  }
  const names = ["Skip to the content", "Overview", "Customers", "Leads", "Interactions", "Tasks", "Projects", "Activity", "Settings"];
  assert.deepEqual(order.slice(0, 9), names);
  assert.match(order[9] ?? "", /^Search or jump to/);
  assert.equal(order[10], "New");
  assert.match(order[11] ?? "", /your menu$/);
  watch.check();
});

test("the palette finds pages and records, and gives the focus back", async () => {
  const { page, watch } = await stage.signIn(url, "owner");
  await page.getByRole("link", { name: "Leads", exact: true }).first().focus();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search or jump to…" }).waitFor();
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press("Escape");
  await page.locator(".palette").waitFor({ state: "detached" });
  await eventually(() => focused(page), "Leads");

  await page.keyboard.press("Control+k");
  await page.keyboard.type("proj");
  await page.getByRole("option", { name: "Projects" }).waitFor();
  while ((await page.locator('[role=option][aria-selected=true]').textContent()) !== "Projects") await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Projects", level: 1 }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), "main");

  await page.keyboard.press("Control+k");
  await page.keyboard.type("Lagoon");
  await page.getByRole("option", { name: /Lagoon Resort/ }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/(customers|leads)\/[0-9a-f-]{36}$/);
  watch.check();
});

test("a menu is opened, gone through and closed by keys", async () => {
  const { page, watch } = await stage.signIn(url, "owner");
  const button = page.getByRole("button", { name: "New", exact: true });
  await button.focus();
  await page.keyboard.press("Enter");
  await eventually(() => button.getAttribute("aria-expanded"), "true");
  await eventually(() => focused(page), "Customer");
  await page.keyboard.press("ArrowUp");
  assert.equal(await focused(page), "Interaction");
  await page.keyboard.press("t");
  assert.equal(await focused(page), "Task");
  await page.keyboard.press("Escape");
  await eventually(() => focused(page), "New");
  await eventually(() => button.getAttribute("aria-expanded"), "false");
  watch.check();
});

test("a dialog keeps the focus, asks before it loses what was entered, and gives the focus back", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "settings/people");
  const opener = page.getByRole("button", { name: "Add a person" });
  await opener.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Add a person" }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("name")), "email");
  for (let press = 0; press < 12; press++) {
    await page.keyboard.press(press % 5 === 4 ? "Shift+Tab" : "Tab");
    const isOutside = await page.evaluate(() => document.activeElement !== document.body && document.activeElement?.closest("dialog") === null);
    assert.equal(isOutside, false, "the focus left the dialog");
  }
  await page.getByRole("textbox", { name: "E-mail" }).focus();
  await page.keyboard.type("a");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: "Discard what you entered?" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: "Discard what you entered?" }).waitFor({ state: "detached" });
  assert.equal(await page.getByRole("textbox", { name: "E-mail" }).inputValue(), "a");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Discard" }).focus();
  await page.keyboard.press("Enter");
  await page.locator("dialog[open]").first().waitFor({ state: "detached" });
  await eventually(() => focused(page), "Add a person");
  watch.check();
});

test("every page has its whole content within reach of Tab, and no trap", async () => {
  const { page, watch } = await stage.signIn(url, "owner");
  for (const name of ["overview", "customers", "leads", "interactions", "tasks", "projects", "activity", "settings/people"]) {
    await page.goto(new URL(name, url).href);
    await page.locator("main h1").first().waitFor();
    await page.waitForFunction(() => document.querySelector("main .skeleton") === null);
    await page.locator(".skip-link").focus();
    await page.keyboard.press("Enter");
    const seen = new Set<string>();
    let isThrough = false;
    for (let press = 0; press < 400 && !isThrough; press++) {
      await page.keyboard.press("Tab");
      const [mark, isInside] = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        element.dataset["seen"] ??= String(Math.random());
        return [element.dataset["seen"], element.closest("main") !== null];
      });
      isThrough = !isInside || seen.has(mark);
      seen.add(mark);
    }
    assert.ok(isThrough, `${name} has no end`);
    assert.ok(seen.size > 2, `${name} has nothing to reach`);
  }
  watch.check();
});

test("who wants no motion gets none", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "settings/people", { reducedMotion: "reduce" });
  await page.getByRole("button", { name: "Add a person" }).click();
  await page.getByRole("dialog", { name: "Add a person" }).waitFor();
  const longest = await page.evaluate(() => Math.max(0, ...document.getAnimations().map((animation) => Number(animation.effect?.getComputedTiming().duration ?? 0))));
  assert.ok(longest <= 1, `${longest} ms`);
  watch.check();
});
