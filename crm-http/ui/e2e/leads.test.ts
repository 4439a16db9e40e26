/** Leads: from their making until they are won, on the board, in the table and by themselves. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Locator, Page } from "playwright-core";

import { violations } from "./axe";
import { Stage, eventually } from "./harness";
import { finger, middleOf } from "./touch";

const SCRIPT = `<img src=x onerror="alert(1)"><script>alert(2)</script>{{7*7}}`;

let stage: Stage;
let url: string;
before(async () => {
  stage = await Stage.open();
  url = await stage.mount({ mount: "/t/acme/crm" });
});
after(() => stage.close());

const columnOf = (page: Page, key: string): Locator => page.locator(`[data-stage="${key}"]`);
const cardIn = (page: Page, key: string, text: string): Locator => columnOf(page, key).locator(".lead-card", { hasText: text });
const countOf = async (page: Page, key: string): Promise<number> => Number(await columnOf(page, key).locator(".board-count").textContent());

async function createLead(page: Page, company: string): Promise<void> {
  await page.getByRole("button", { name: "New lead", exact: true }).click();
  await page.getByLabel("Company").fill(company);
  await page.getByRole("button", { name: "Create lead" }).click();
  await cardIn(page, "new", company).waitFor();
}

async function drag(page: Page, card: Locator, target: Locator): Promise<void> {
  await target.scrollIntoViewIfNeeded();
  const from = await card.boundingBox();
  const to = await target.boundingBox();
  assert.ok(from && to);
  await page.mouse.move(from.x + 40, from.y + from.height - 12);
  await page.mouse.down();
  await page.mouse.move(from.x + 60, from.y + from.height, { steps: 4 });
  await page.mouse.move(to.x + to.width / 2, to.y + 140, { steps: 8 });
  await page.locator(".board-column.is-over").waitFor();
  await page.mouse.up();
}

test("a lead is made and won by mouse, and the columns count it where it is", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "leads?view=board", { viewport: { width: 1800, height: 900 } });
  await page.locator(".lead-card-title").first().waitFor();
  await createLead(page, "Mouse Works");
  const won = await countOf(page, "closed_won");
  await drag(page, cardIn(page, "new", "Mouse Works"), columnOf(page, "qualified"));
  await cardIn(page, "qualified", "Mouse Works").waitFor();
  await drag(page, cardIn(page, "qualified", "Mouse Works"), columnOf(page, "closed_won"));
  await cardIn(page, "closed_won", "Mouse Works").waitFor();
  await page.getByText("Mouse Works is won").first().waitFor();
  assert.equal(await countOf(page, "closed_won"), won + 1);
  await page.getByRole("button", { name: "Undo" }).last().click();
  await cardIn(page, "qualified", "Mouse Works").waitFor();
  await page.waitForFunction((count) => document.querySelector('[data-stage="closed_won"] .board-count')?.textContent === String(count), won);
  watch.check();
});

test("a lead is moved by touch, where there is room for one column", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "leads?view=board", { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  const lead = { company: "Touch Works", stage: "new" };
  assert.equal((await (await stage.service.as("owner@acme.test"))("POST", "/api/leads", lead)).status, 201);
  const button = cardIn(page, "new", "Touch Works").getByRole("button", { name: /^Move to/ });
  await button.waitFor();
  const size = await button.boundingBox();
  assert.ok(size && size.width >= 44 && size.height >= 44, JSON.stringify(size));
  await button.tap();
  const choice = page.getByRole("menuitemradio", { name: "Qualified" });
  assert.ok(((await choice.boundingBox())?.height ?? 0) >= 44);
  await choice.tap();
  await page.getByText("Touch Works moved to Qualified").first().waitFor();
  await page.getByRole("button", { name: /^Qualified/ }).tap();
  await cardIn(page, "qualified", "Touch Works").waitFor();
  watch.check();
});

test("a lead is dragged by a finger that rests on it, and a finger that does not scrolls", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "leads?view=board", { viewport: { width: 1024, height: 768 }, hasTouch: true, isMobile: true });
  const made = await (await stage.service.as("owner@acme.test"))("POST", "/api/leads", { company: "Finger Works", stage: "new" });
  assert.equal(made.status, 201);
  const card = cardIn(page, "new", "Finger Works");
  await card.waitFor();
  const address = page.url();
  const target = await middleOf(columnOf(page, "contacted"));

  const begin = await middleOf(card);
  await finger(page, begin, { ...begin, y: begin.y + 200 }, 0);
  assert.equal(await page.locator(".is-dragged, .drag-ghost, .is-over").count(), 0);

  await finger(page, begin, { ...begin, y: begin.y + 200 }, 500, () => page.locator(".drag-ghost").waitFor());
  await page.locator(".drag-ghost").waitFor({ state: "detached" });
  assert.equal(await card.count(), 1, "it was dropped where it was");

  await finger(page, await middleOf(card), target, 500, () => page.locator('[data-stage="contacted"].is-over').waitFor());
  await cardIn(page, "contacted", "Finger Works").waitFor();
  await page.getByText("Finger Works moved to Contacted").first().waitFor();
  assert.equal(await page.locator(".is-dragged, .drag-ghost, .is-over").count(), 0);
  assert.equal(page.url(), address, "a drag is no tap on the lead");

  // What it dragged it can drag again, and what was left can be tapped.
  await cardIn(page, "contacted", "Finger Works").getByRole("link").tap();
  await page.getByRole("heading", { name: "Finger Works" }).waitFor();
  watch.check();
});

test("where there is room for one column, a lead is dragged to the next one by the edge", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "leads?view=board", { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  assert.equal((await (await stage.service.as("owner@acme.test"))("POST", "/api/leads", { company: "Edge Works", stage: "new" })).status, 201);
  const card = cardIn(page, "new", "Edge Works");
  await card.waitFor();
  const at = await middleOf(card);
  await finger(page, at, { x: 336, y: at.y }, 500, () => page.locator('[data-stage="contacted"].is-over').waitFor());
  await page.getByText("Edge Works moved to Contacted").first().waitFor();
  watch.check();
});

test("a lead is made and won by keyboard alone", async () => {
  const { page, watch } = await stage.signIn(url, "member", "leads?view=board");
  await page.locator(".lead-card-title").first().waitFor();
  await page.keyboard.press("Control+k");
  await page.locator(".palette input:focus").waitFor();
  await page.keyboard.type("New: Lead");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "New lead" }).waitFor();
  await page.keyboard.type("Keyboard Works");
  await page.keyboard.press("Enter");
  const card = cardIn(page, "new", "Keyboard Works");
  await card.waitFor();
  await page.waitForFunction(() => !document.querySelector("dialog[open]"));
  for (let tabs = 0; tabs < 60; tabs++) {
    if (await card.locator("a:focus").count()) break;
    await page.keyboard.press("Tab");
  }
  await card.locator("a:focus").waitFor();
  await page.keyboard.press(".");
  await cardIn(page, "contacted", "Keyboard Works").locator("a:focus").waitFor();
  await page.keyboard.press("m");
  const won = page.locator("[role=menuitemradio]:focus", { hasText: "Closed Won" });
  for (let downs = 0; downs < 12 && (await won.count()) === 0; downs++) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await cardIn(page, "closed_won", "Keyboard Works").waitFor();
  watch.check();
});

test("what is refused goes back to where it was", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "leads?view=board", {}, [/status of 500/]);
  await page.locator(".lead-card-title").first().waitFor();
  const before = [await countOf(page, "new"), await countOf(page, "contacted")] as const;
  await createLead(page, "Refused Works");
  // The counts follow a moment after the card.
  await eventually(() => countOf(page, "new"), before[0] + 1);
  const counts = [before[0] + 1, before[1]];
  const card = cardIn(page, "new", "Refused Works");
  await page.route("**/api/leads/*", (route) => {
    if (route.request().method() !== "PATCH") return route.continue();
    const problem = { type: "about:blank", title: "Internal Server Error", status: 500, detail: "the disk is full", code: "internal" };
    return route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify(problem) });
  });
  await card.getByRole("button", { name: /Move to/ }).click();
  await page.getByRole("menuitemradio", { name: "Contacted" }).click();
  await page.getByText("was not moved: Something went wrong in the service.").first().waitFor();
  await card.waitFor();
  assert.deepEqual([await countOf(page, "new"), await countOf(page, "contacted")], counts);
  watch.check();
});

test("of two who move the same lead, the second is asked, and may give way", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "leads?view=board", { viewport: { width: 1800, height: 900 } });
  await page.locator(".lead-card-title").first().waitFor();
  await createLead(page, "Contested Works");
  const card = cardIn(page, "new", "Contested Works");
  const id = await card.getAttribute("data-lead");
  // The other's move comes between what is seen here and what is sent.
  let isFirst = true;
  await page.route(`**/api/leads/${id}`, async (route) => {
    const request = route.request();
    if (request.method() === "PATCH" && isFirst) {
      isFirst = false;
      await page.request.patch(request.url(), { headers: { "content-type": "application/merge-patch+json", origin: new URL(url).origin }, data: JSON.stringify({ stage: "proposal" }) });
    }
    await route.continue();
  });
  await card.getByRole("button", { name: /Move to/ }).click();
  await page.getByRole("menuitemradio", { name: "Qualified" }).click();
  await page.getByRole("heading", { name: "Somebody else changed this too" }).waitFor();
  await page.getByRole("button", { name: "Discard my changes" }).click();
  await cardIn(page, "proposal", "Contested Works").waitFor();
  assert.equal(await cardIn(page, "qualified", "Contested Works").count(), 0);
  watch.check();
});

test("a move in one browser is seen in the other", async () => {
  const mine = await stage.signIn(url, "owner", "leads?view=board", { viewport: { width: 1800, height: 900 } });
  const other = await stage.signIn(url, "member", "leads?view=board", { viewport: { width: 1800, height: 900 } });
  for (const { page } of [mine, other]) await page.locator(".lead-card-title").first().waitFor();
  await createLead(mine.page, "Live Works");
  await cardIn(other.page, "new", "Live Works").waitFor({ timeout: 5000 });
  await drag(mine.page, cardIn(mine.page, "new", "Live Works"), columnOf(mine.page, "proposal"));
  await cardIn(other.page, "proposal", "Live Works").waitFor({ timeout: 5000 });
  mine.watch.check();
  other.watch.check();
});

test("a lead becomes a customer, with its tasks, its timeline and its history beside it", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "leads?view=board");
  await page.locator(".lead-card-title").first().waitFor();
  await createLead(page, "Convert Works");
  await cardIn(page, "new", "Convert Works").getByRole("link").click();
  await page.getByRole("heading", { level: 1, name: "Convert Works" }).waitFor();

  await page.getByRole("button", { name: /^Note/ }).click();
  await page.keyboard.type("Wants it by spring");
  await page.keyboard.press("Control+Enter");
  await page.locator(".entry-title", { hasText: "Wants it by spring" }).waitFor();
  await page.getByPlaceholder("Add a task and press Enter").fill("Send the offer");
  await page.keyboard.press("Enter");
  await page.locator(".task-title", { hasText: "Send the offer" }).waitFor();
  await page.getByRole("button", { name: "Move to Qualified" }).click();
  await page.locator(".step.is-here", { hasText: "Qualified" }).waitFor();
  await page.locator(".visit", { hasText: "Qualified" }).waitFor();
  assert.deepEqual(await violations(page), []);

  await page.getByRole("button", { name: "Convert to customer" }).click();
  assert.deepEqual(await violations(page), []);
  await page.getByRole("button", { name: "Convert", exact: true }).click();
  await page.getByText("The lead is won, and a customer was made of it:").waitFor();
  await page.locator(".convert-name a", { hasText: "Convert Works" }).waitFor();
  await page.getByRole("button", { name: "Close" }).last().click();
  await page.locator(".step.is-here.won").waitFor();
  await page.locator(".facts a", { hasText: "Convert Works" }).waitFor();
  await page.getByRole("tab", { name: "Changes" }).click();
  await page.locator(".history-entry", { hasText: "Closed Won" }).waitFor();

  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Delete lead" }).click();
  await page.getByText("Convert Works deleted").first().waitFor();
  await page.getByRole("button", { name: "Undo" }).last().click();
  await page.getByText("Convert Works is back").first().waitFor();
  watch.check();
});

test("many leads are moved or deleted at once, and that is undone", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "leads?view=table&search=installation%20OR");
  await page.getByText("No lead matches").waitFor();
  await page.getByRole("button", { name: "Clear all filters" }).click();
  const boxes = page.getByRole("checkbox", { name: /^Select LED/ });
  await boxes.first().waitFor();
  await boxes.nth(0).click();
  await boxes.nth(1).click();
  await page.getByText("2 leads selected").waitFor();
  assert.deepEqual(await violations(page), []);
  await page.getByRole("button", { name: "Move to" }).click();
  await page.getByRole("menuitem", { name: "Proposal" }).click();
  await page.getByText("2 leads moved to Proposal").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("Undone").waitFor();

  const first = page.getByRole("checkbox", { name: /^Select LED/ }).first();
  const name = (await first.getAttribute("aria-label"))?.replace("Select ", "") ?? "";
  await first.click();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("1 lead deleted").waitFor();
  await page.getByRole("checkbox", { name }).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).last().click();
  await page.getByRole("checkbox", { name }).waitFor();
  watch.check();
});

test("whoever may only look is offered nothing else", async () => {
  const { page, watch } = await stage.signIn(url, "viewer", "leads?view=board");
  await page.locator(".lead-card-title").first().waitFor();
  assert.equal(await page.getByRole("button", { name: /New lead|Move to/ }).count(), 0);
  assert.equal(await page.locator("[data-lead][draggable=true]").count(), 0);
  await page.locator(".lead-card-title").first().click();
  await page.locator(".stepper").waitFor();
  await page.locator(".facts").waitFor();
  assert.equal(await page.getByRole("button", { name: /Convert|Edit|More|Move to/ }).count(), 0);
  assert.equal(await page.getByPlaceholder("Add a task and press Enter").count(), 0);
  await page.goto(new URL("leads?view=table", url).href);
  await page.getByRole("grid").waitFor();
  assert.equal(await page.getByRole("checkbox").count(), 0);
  watch.check();
});

test("scripts that are stored in every field are shown as text", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "leads?view=board");
  await page.locator(".lead-card-title").first().waitFor();
  const id = await page.evaluate(async (script) => {
    const body = JSON.stringify({ company: script, name: script, source: script.slice(0, 90), notes: script, external_id: script, tags: [script.slice(0, 40)], value: { amount: 100, currency: "EUR" } });
    const answer = await fetch(new URL("api/leads", document.baseURI), { method: "POST", headers: { "content-type": "application/json" }, body });
    return ((await answer.json()) as { id: string }).id;
  }, SCRIPT);
  await page.locator(`[data-lead="${id}"]`).getByText(SCRIPT).first().waitFor();
  await page.goto(new URL(`leads/${id}`, url).href);
  await page.getByRole("heading", { level: 1, name: SCRIPT }).waitFor();
  await page.locator(".facts-notes", { hasText: SCRIPT }).waitFor();
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByRole("heading", { name: /^Edit/ }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("tab", { name: "Changes" }).click();
  await page.locator(".history-entry", { hasText: SCRIPT }).waitFor();
  await page.goto(new URL("leads?view=table", url).href);
  await page.getByRole("link", { name: SCRIPT }).waitFor();
  watch.check();
});

test("axe finds nothing on the board, its filters and the panel, wide, narrow and dark", async () => {
  const looks = [{}, { viewport: { width: 360, height: 740 }, hasTouch: true }, { colorScheme: "dark" as const }];
  for (const options of looks) {
    const { page, watch } = await stage.signIn(url, "owner", "leads?view=board", options);
    await page.locator(".lead-card-title").first().waitFor();
    await page.getByRole("button", { name: /^Filter/ }).click();
    await page.getByLabel("Source").waitFor();
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press("Escape");
    if (options === looks[0]) {
      await page.getByRole("button", { name: "New lead", exact: true }).click();
      await page.getByRole("combobox", { name: "Owner" }).waitFor();
      assert.deepEqual(await violations(page), []);
    }
    watch.check();
    await page.context().close();
  }
});
