/** Customers and interactions as people use them. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import type { Page } from "playwright-core";

import { violations } from "./axe";
import { PASSWORD, Stage, eventually } from "./harness";

let stage: Stage;
let url: string;
let post: (path: string, body: object) => Promise<{ id: string }>;

before(async () => {
  stage = await Stage.open();
  url = await stage.mount({ mount: "/t/acme/crm" });
  const api = `${stage.service.url}/api`;
  const headers = { "content-type": "application/json" };
  const signedIn = await fetch(`${api}/auth/login`, { method: "POST", headers, body: JSON.stringify({ email: "owner@acme.test", password: PASSWORD }) });
  const { token } = (await signedIn.json()) as { token: string };
  post = async (path, body) => {
    const answer = await fetch(`${api}${path}`, { method: "POST", headers: { ...headers, authorization: `Bearer ${token}` }, body: JSON.stringify(body) });
    assert.equal(answer.status, 201, await answer.clone().text());
    return (await answer.json()) as { id: string };
  };
});
after(() => stage.close());

const rows = (page: Page) => page.locator(".table-body .table-row");
const namesOf = (page: Page): Promise<string[]> => page.locator(".table-body .row-link").allTextContents();
const search = (page: Page) => page.getByRole("searchbox", { name: "Search customers" });
/** A table of what was asked for, and not of what was there before. */
const settled = (page: Page): Promise<unknown> => page.waitForFunction(() => document.querySelector(".table[aria-busy=true]") === null && document.querySelector(".table-body .table-row, .state") !== null);

test("a customer is made, with what is wrong shown at its field", async () => {
  const { page, watch } = await stage.signIn(url, "member", "customers");
  await page.getByRole("button", { name: "New customer" }).click();
  const panel = page.getByRole("dialog", { name: "New customer" });
  await panel.getByRole("button", { name: "Create" }).click();
  await panel.getByText("Fill in the company or the name of a person.").waitFor();
  await panel.getByLabel("Company").fill("Nordlicht Optik");
  await panel.getByLabel("Website").fill("javascript:alert(1)");
  await panel.getByLabel("E-mail").fill("nobody");
  await panel.getByRole("button", { name: "Create" }).click();
  await panel.locator(".field.is-invalid", { hasText: "Website" }).waitFor();
  await panel.locator(".field.is-invalid", { hasText: "E-mail" }).waitFor();
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: "Discard what you entered?" }).getByRole("button", { name: "Cancel" }).click();
  await panel.getByLabel("Website").fill("nordlicht.example");
  await panel.getByLabel("E-mail").fill("mail@nordlicht.example");
  await panel.getByLabel("City").fill("Kiel");
  await panel.getByRole("button", { name: "Create" }).click();
  await page.locator(".toast").getByRole("button", { name: "Show" }).click();
  await page.getByRole("heading", { level: 1, name: "Nordlicht Optik" }).waitFor();
  assert.equal(await page.getByRole("link", { name: "nordlicht.example", exact: true }).getAttribute("href"), "https://nordlicht.example/");
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  await page.getByRole("dialog", { name: /^Edit/ }).getByLabel("City").fill("Flensburg");
  await page.evaluate(() => history.back());
  await page.getByRole("dialog", { name: "Discard what you entered?" }).getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("dialog", { name: /^Edit/ }).getByRole("button", { name: "Save" }).click();
  await page.locator(".facts", { hasText: "Flensburg" }).waitFor();
  watch.check();
  await page.context().close();
});

test("two people change one customer: what only one touched is merged, for the rest both versions can be had", async () => {
  const { id } = await post("/customers", { company: "Conflict Ltd", city: "Bath", phone: "+44 20 7946 0000" });
  const mine = await stage.signIn(url, "owner", `customers/${id}`);
  const other = await stage.signIn(url, "member", `customers/${id}`);
  const edit = async (page: Page, company: string, city: string | null): Promise<void> => {
    await page.getByRole("button", { name: "Edit", exact: true }).click();
    const panel = page.getByRole("dialog", { name: /^Edit/ });
    await panel.getByLabel("Company").fill(company);
    if (city !== null) await panel.getByLabel("City").fill(city);
  };
  const save = (page: Page) => page.getByRole("dialog", { name: /^Edit/ }).getByRole("button", { name: "Save" }).click();
  const title = (page: Page) => page.getByRole("heading", { level: 1 });
  for (const [round, choice] of [["1", "All mine"], ["2", "All theirs"]] as const) {
    await edit(mine.page, `Mine ${round}`, null);
    await edit(other.page, `Theirs ${round}`, `York ${round}`);
    await save(other.page);
    await mine.page.getByText("Somebody else has changed this meanwhile.").waitFor();
    await save(mine.page);
    const dialog = mine.page.getByRole("dialog", { name: "Somebody else changed this too" });
    await dialog.getByText(`Mine ${round}`).waitFor();
    await dialog.getByText(`Theirs ${round}`).waitFor();
    assert.equal(await dialog.getByText(`York ${round}`).count(), 0);
    await dialog.getByRole("button", { name: choice }).click();
    await dialog.getByRole("button", { name: "Save what is chosen" }).click();
    const kept = choice === "All mine" ? `Mine ${round}` : `Theirs ${round}`;
    for (const { page } of [mine, other]) {
      await eventually(() => title(page).textContent(), kept);
      await page.locator(".facts", { hasText: `York ${round}` }).waitFor();
    }
    // Nothing was left to save: the panel may still be there for what one wants to do instead.
    if (await mine.page.getByRole("dialog", { name: /^Edit/ }).isVisible()) {
      await mine.page.getByRole("button", { name: "Cancel" }).click();
      const ask = mine.page.getByRole("button", { name: "Discard", exact: true });
      if (await ask.isVisible()) await ask.click();
    }
  }
  mine.watch.check();
  other.watch.check();
  await mine.page.context().close();
  await other.page.context().close();
});

test("customers are found as one types, narrowed by filters that the address keeps, and there still on the way back", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "customers");
  await settled(page);
  const all = await page.locator(".count").textContent();
  await search(page).pressSequentially("tagus", { delay: 30 });
  await eventually(() => namesOf(page), ["Tagus Data Centers"]);
  assert.equal(new URL(page.url()).searchParams.get("q"), "tagus");
  await search(page).fill("nothing like it");
  await page.getByText("No customer matches").waitFor();
  await page.getByRole("button", { name: "Show all customers" }).click();
  await eventually(() => page.locator(".count").textContent(), all);

  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await page.getByRole("textbox", { name: "Country" }).fill("germany");
  await page.keyboard.press("Enter");
  await page.getByRole("combobox", { name: "Status" }).selectOption("yes");
  await page.keyboard.press("Escape");
  await eventually(() => namesOf(page), ["Bergmann Logistik GmbH"]);
  await page.reload();
  await eventually(() => namesOf(page), ["Bergmann Logistik GmbH"]);
  await page.getByRole("button", { name: "Remove the filter Active" }).click();
  await eventually(async () => (await namesOf(page)).length > 1, true);
  await page.getByRole("columnheader", { name: "Company" }).getByRole("button").click();
  await settled(page);
  await eventually(async () => { const names = await namesOf(page); return [...names].sort().join() === names.join(); }, true);
  await rows(page).first().locator(".table-cell").nth(2).click();
  await page.getByRole("heading", { level: 1 }).and(page.locator(".customer-page *")).waitFor();
  await page.goBack();
  await page.getByRole("button", { name: "Remove the filter Country: germany" }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("role")), "grid");
  watch.check();
  await page.context().close();
});

test("what is selected is changed and deleted in one go, and taken back", async () => {
  for (const number of [1, 2, 3]) await post("/customers", { company: `Bulk ${number}`, tags: ["old"] });
  const { page, watch } = await stage.signIn(url, "owner", "customers?q=bulk");
  await eventually(async () => (await namesOf(page)).length, 3);
  const select = (): Promise<void> => page.getByRole("checkbox", { name: "Select all" }).check();
  const undo = async (): Promise<void> => {
    await page.locator(".toast", { hasText: "3 customers" }).last().getByRole("button", { name: "Undo" }).click();
    await page.locator(".toast", { hasText: "Undone" }).last().waitFor();
  };
  const inactive = (): Promise<number> => page.locator(".table-body .badge", { hasText: "Inactive" }).count();
  await select();
  await page.getByRole("toolbar").getByRole("button", { name: "Status" }).click();
  await page.getByRole("menuitem", { name: "Mark as inactive" }).click();
  await eventually(inactive, 3);
  await undo();
  await eventually(inactive, 0);
  await select();
  await page.getByRole("button", { name: "Add tag" }).click();
  await page.getByRole("dialog").getByLabel("Tag").fill("fair");
  await page.keyboard.press("Enter");
  await page.locator(".toast", { hasText: "3 customers changed" }).waitFor();
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("checkbox", { name: "Tags" }).check();
  await page.keyboard.press("Escape");
  await eventually(() => page.locator(".table-body .badge", { hasText: "fair" }).count(), 3);
  await select();
  await page.getByRole("toolbar").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog", { name: "Delete 3 customers?" }).getByRole("button", { name: "Delete" }).click();
  await page.getByText("No customer matches").waitFor();
  await undo();
  await eventually(async () => (await namesOf(page)).length, 3);
  watch.check();
  await page.context().close();
});

test("a call is noted at a customer by keyboard alone, changed, deleted and brought back", async () => {
  const { id } = await post("/customers", { company: "Keyboard AG" });
  const { page, watch } = await stage.signIn(url, "member", `customers/${id}`);
  await page.getByRole("group", { name: "Add an interaction" }).waitFor();
  await page.keyboard.press("c");
  await page.keyboard.type("Talked about the offer");
  await page.keyboard.press("Control+Enter");
  const entry = page.locator(".entry", { hasText: "Talked about the offer" });
  await entry.waitFor();
  await page.keyboard.press("n");
  await page.keyboard.press("Control+Enter");
  await page.getByText("Write what it was about.").waitFor();
  await page.keyboard.press("Escape");
  assert.equal(await page.evaluate(() => document.activeElement?.closest("[role=group]")?.getAttribute("aria-label")), "Add an interaction");
  await page.keyboard.press("n");
  await page.locator(".composer input:focus").waitFor();
  // Whoever closes it and goes on at once is not called back.
  const stays = await page.evaluate(async () => {
    document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    const next = document.querySelector<HTMLElement>(".entry [aria-haspopup=menu]");
    next?.focus();
    for (let frames = 0; frames < 2; frames++) await new Promise(requestAnimationFrame);
    return next !== null && document.activeElement === next;
  });
  assert.ok(stays, "the focus went elsewhere");
  await entry.getByRole("button", { name: /^Actions/ }).focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  const panel = page.getByRole("dialog", { name: "Edit interaction" });
  await panel.getByLabel("Subject").fill("Talked about the contract");
  await page.keyboard.press("Enter");
  const changed = page.locator(".entry", { hasText: "Talked about the contract" });
  await changed.waitFor();
  await panel.waitFor({ state: "detached" });
  await changed.getByRole("button", { name: /^Actions/ }).focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await changed.waitFor({ state: "detached" });
  await page.locator(".toast").getByRole("button", { name: "Undo" }).focus();
  await page.keyboard.press("Enter");
  await changed.waitFor();
  watch.check();
  await page.context().close();
});

test("contacts and tasks of a customer, and the customer itself, go and come back", async () => {
  const { id } = await post("/customers", { company: "Whole GmbH" });
  await post("/tasks", { title: "Send the samples", customer_id: id });
  const { page, watch } = await stage.signIn(url, "member", `customers/${id}`);
  await page.getByRole("button", { name: "New contact" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Ada Byron");
  await page.getByRole("dialog").getByLabel("Main contact").check();
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.locator(".contact", { hasText: "Ada Byron" }).getByText("Main contact").waitFor();
  await page.getByRole("checkbox", { name: "Done: Send the samples" }).click();
  await page.getByText("Nothing to do.").waitFor();
  await page.locator(".toast", { hasText: "Send the samples" }).getByRole("button", { name: "Undo" }).click();
  await page.getByText("Nothing to do.").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("heading", { level: 1, name: "Customers" }).waitFor();
  await page.locator(".toast", { hasText: "Whole GmbH" }).getByRole("button", { name: "Undo" }).click();
  await page.getByRole("heading", { level: 1, name: "Whole GmbH" }).waitFor();
  await page.locator(".contact", { hasText: "Ada Byron" }).waitFor();
  watch.check();
  await page.context().close();
});

test("who may only look is offered nothing else", async () => {
  const { id } = await post("/customers", { company: "Look GmbH" });
  await post(`/customers/${id}/interactions`, { type: "note", subject: "Seen" });
  const { page, watch } = await stage.signIn(url, "viewer", "customers?q=look");
  await eventually(() => namesOf(page), ["Look GmbH"]);
  const main = page.locator("main");
  assert.equal(await main.getByRole("checkbox").count(), 0);
  assert.equal(await main.getByRole("button", { name: /New|Import|Delete/ }).count(), 0);
  await rows(page).first().click();
  await main.getByText("Seen").waitFor();
  await page.keyboard.press("n");
  assert.equal(await main.getByRole("button", { name: /Edit|New|Delete|More|Actions|Note/ }).count(), 0);
  assert.equal(await main.locator(".composer").count(), 0);
  watch.check();
  await page.context().close();
});

test("scripts and formulas in every field are text", async () => {
  const script = '"><script>alert(1)</script><img src=x onerror=alert(2)>';
  const fields = ["company", "name", "address_line1", "address_line2", "city", "state", "country", "external_id", "notes"];
  const { id } = await post("/customers", { ...Object.fromEntries(fields.map((field) => [field, script])), postal_code: "=1+1", tags: [script.slice(0, 30), "=HYPERLINK(1)"] });
  await post(`/customers/${id}/contacts`, { name: script, title: script });
  await post(`/customers/${id}/interactions`, { type: "email", subject: script, description: `${script}\njavascript:alert(3)` });
  await post("/tasks", { title: script, customer_id: id });
  await post("/projects", { name: script, customer_id: id });
  const { page, watch } = await stage.signIn(url, "owner", "customers?q=onerror");
  await eventually(() => namesOf(page), [script]);
  await rows(page).first().click();
  await page.getByRole("heading", { level: 1, name: script }).waitFor();
  await page.locator(".entry", { hasText: "javascript:alert(3)" }).waitFor();
  await page.locator(".contact", { hasText: script }).waitFor();
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  assert.equal(await page.getByRole("dialog").getByLabel("Notes").inputValue(), script);
  await page.keyboard.press("Escape");
  await page.goto(new URL("interactions?q=onerror", url).href);
  await page.locator(".entry-title", { hasText: script }).first().waitFor();
  assert.equal(await page.locator("main img, main script").count(), 0);
  watch.check();
  await page.context().close();
});

test("customers come from a file and go to one, with what was wrong told by line and formulas defused", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "customers");
  await settled(page);
  const menu = page.getByRole("button", { name: "Import and export" });
  await menu.click();
  await page.getByRole("menuitem", { name: "Import" }).click();
  const file = "Firma;E-Mail;PLZ;Aktiv\r\nFile One;one@file.example;24103;ja\r\n;;;\r\nFile Two;broken;1;nein\r\n;nobody@file.example;2;ja\r\n'=File Three;;3;ja\r\n";
  await page.locator("input[type=file]").setInputFiles({ name: "list.csv", mimeType: "text/csv", buffer: Buffer.from(file) });
  await page.getByText("Line 5").waitFor();
  assert.deepEqual(await violations(page), []);
  await page.getByRole("button", { name: "Import 3 customers" }).click();
  await page.getByText("2 customers were created.").waitFor();
  await page.getByText("Line 4").waitFor();
  const refused = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download what was refused" }).click();
  const report = await readFile(await (await refused).path(), "utf8");
  assert.match(report, /File Two,broken,1,nein,4,E-mail: must be/);
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();
  await search(page).fill("file");
  await eventually(async () => (await namesOf(page)).sort(), ["=File Three", "File One"]);
  await menu.click();
  await page.getByRole("menuitem", { name: "Export" }).click();
  const exported = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export", exact: true }).click();
  const text = await readFile(await (await exported).path(), "utf8");
  assert.match(text, /'=File Three/);
  assert.match(text, /File One/);
  watch.check();
  await page.context().close();
});

test("interactions with anybody are listed by day, narrowed, and added for a chosen customer", async () => {
  const { page, watch } = await stage.signIn(url, "member", "interactions");
  await page.locator(".entry").first().waitFor();
  await page.getByLabel("Type").selectOption("meeting");
  await eventually(async () => new Set(await page.locator(".entry-title .visually-hidden").allTextContents()).size, 1);
  await page.getByLabel("Type").selectOption("");
  await page.keyboard.press("Escape");
  await page.locator("main h1").click();
  await page.keyboard.press("m");
  await page.keyboard.type("Tagus");
  await page.getByRole("option", { name: "Tagus Data Centers" }).click();
  await page.getByPlaceholder("What was it about?").fill("Visited the site");
  await page.keyboard.press("Control+Enter");
  const entry = page.locator(".day").first().locator(".entry", { hasText: "Visited the site" });
  await entry.getByRole("link", { name: "Tagus Data Centers" }).click();
  await page.locator(".timeline .entry", { hasText: "Visited the site" }).waitFor();
  watch.check();
  await page.context().close();
});

test("list, page and panels are without a fault to axe, light and dark, wide and narrow", async () => {
  const { id } = await post("/customers", { company: "Axe GmbH", name: "Ada", email: "ada@axe.example", website: "axe.example", tags: ["a", "b"], notes: "n" });
  await post(`/customers/${id}/interactions`, { type: "phone", subject: "Talked" });
  await post(`/customers/${id}/contacts`, { name: "Ada", title: "CEO", is_primary: true });
  for (const options of [{ colorScheme: "light" }, { colorScheme: "dark", viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }] as const) {
    const { page, watch } = await stage.signIn(url, "owner", "customers?active=yes&country=Germany", { reducedMotion: "reduce", ...options });
    await settled(page);
    assert.deepEqual(await violations(page), []);
    await rows(page).first().getByRole("checkbox").check();
    assert.deepEqual(await violations(page), []);
    await page.goto(new URL(`customers/${id}`, url).href);
    await page.locator(".entry").first().waitFor();
    assert.deepEqual(await violations(page), []);
    await page.getByRole("group", { name: "Add an interaction" }).getByRole("button").first().click();
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: "Edit", exact: true }).click();
    await page.getByRole("dialog").getByLabel("Notes").waitFor();
    assert.deepEqual(await violations(page), []);
    await page.goto(new URL("interactions", url).href);
    await page.locator(".entry").first().waitFor();
    assert.deepEqual(await violations(page), []);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false);
    watch.check();
    await page.context().close();
  }
});
