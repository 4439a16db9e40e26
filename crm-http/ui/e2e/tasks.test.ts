/** Tasks and projects. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Locator, Page } from "playwright-core";

import { violations } from "./axe";
import { Stage } from "./harness";

const SCRIPT = `<img src=x onerror="alert(1)"><script>alert(2)</script>`;

let stage: Stage;
let url: string;
before(async () => {
  stage = await Stage.open();
  url = await stage.mount({ mount: "/crm" });
});
after(() => stage.close());

const groupOf = (page: Page, name: string): Locator => page.locator(`.task-group.${name}`);
const rowOf = (page: Page, title: string): Locator => page.locator(".task", { hasText: title });

async function add(page: Page, title: string): Promise<void> {
  await page.getByPlaceholder("Add a task and press Enter").fill(title);
  await page.keyboard.press("Enter");
  await rowOf(page, title).waitFor();
}

test("a task is added by its title, ticked off, and open again when that is undone", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "tasks");
  await add(page, "Call the architect");
  await groupOf(page, "none").getByText("Call the architect").waitFor();
  await page.getByRole("checkbox", { name: "Done: Call the architect" }).click();
  await rowOf(page, "Call the architect").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await rowOf(page, "Call the architect").waitFor();
  watch.check();
});

test("tasks are done by keyboard alone, unless letters are not to do anything", async () => {
  const { page, watch } = await stage.signIn(url, "member", "tasks");
  await page.locator(".task").first().waitFor();
  await page.keyboard.press("a");
  await page.locator(".quick-add-input:focus").waitFor();
  await page.keyboard.type("By keyboard");
  await page.keyboard.press("Enter");
  await rowOf(page, "By keyboard").waitFor();
  await page.keyboard.press("Tab");
  const focused = page.locator(".task-title:focus");
  for (let downs = 0; downs < 60 && (await focused.filter({ hasText: "By keyboard" }).count()) === 0; downs++) await page.keyboard.press("j");
  await page.keyboard.press("e");
  await page.getByRole("heading", { name: "Edit task" }).waitFor();
  await page.keyboard.press("Escape");
  await focused.filter({ hasText: "By keyboard" }).waitFor();
  await page.keyboard.press("x");
  await rowOf(page, "By keyboard").waitFor({ state: "detached" });
  const count = await page.locator(".task").count();

  await page.keyboard.press("?");
  await page.getByRole("checkbox", { name: "Shortcuts of a single letter" }).click();
  await page.keyboard.press("Escape");
  await page.locator(".task-title").first().focus();
  await page.keyboard.press("x");
  await page.waitForTimeout(300);
  assert.equal(await page.locator(".task").count(), count);
  watch.check();
});

test("what the server refuses is open again", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "tasks", {}, [/status of 500/]);
  await add(page, "Refused");
  await page.route("**/api/tasks/*", (route) => (route.request().method() === "PATCH" ? route.fulfill({ status: 500, body: "{}" }) : route.continue()));
  await page.getByRole("checkbox", { name: "Done: Refused" }).click();
  await page.getByText("“Refused” could not be changed").first().waitFor();
  await rowOf(page, "Refused").waitFor();
  assert.equal(await page.getByRole("checkbox", { name: "Done: Refused" }).isChecked(), false);
  watch.check();
});

test("several tasks are done at once, and that is undone", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "tasks?whose=all");
  await add(page, "One of two");
  await add(page, "Two of two");
  await page.getByRole("button", { name: "Choose several" }).click();
  await page.getByRole("checkbox", { name: "Select: One of two" }).click();
  await page.getByRole("checkbox", { name: "Select: Two of two" }).click();
  await page.getByText("2 tasks chosen").waitFor();
  assert.deepEqual(await violations(page), []);
  await page.getByRole("button", { name: "Mark as done" }).click();
  await rowOf(page, "One of two").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await rowOf(page, "One of two").waitFor();
  await rowOf(page, "Two of two").waitFor();
  watch.check();
});

test("undoing what was done to several leaves those that somebody else has changed since, and says which", async () => {
  const other = await stage.service.as("member@acme.test");
  const post = async (title: string): Promise<string> => ((await (await other("POST", "/api/tasks", { title })).json()) as { id: string }).id;
  await post("Nobody's but mine");
  const theirs = await post("Theirs by now");
  const { page, watch } = await stage.signIn(url, "owner", "tasks?whose=all");
  await page.getByRole("button", { name: "Choose several" }).click();
  for (const title of ["Nobody's but mine", "Theirs by now"]) await page.getByRole("checkbox", { name: `Select: ${title}` }).click();
  await page.getByRole("button", { name: "Mark as done" }).click();
  await rowOf(page, "Theirs by now").waitFor({ state: "detached" });
  assert.equal((await other("PATCH", `/api/tasks/${theirs}`, { priority: "high" })).status, 200);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("Changed by somebody else since, and left as they are: “Theirs by now”").waitFor();
  await rowOf(page, "Nobody's but mine").waitFor();
  assert.equal(await rowOf(page, "Theirs by now").count(), 0);
  const { status, priority } = (await (await other("GET", `/api/tasks/${theirs}`)).json()) as { status: string; priority: string };
  assert.deepEqual([status, priority], ["done", "high"]);
  watch.check();
});

test("a task of a form is where it is due, in the other browser as well", async () => {
  const mine = await stage.signIn(url, "owner", "tasks?whose=all");
  const other = await stage.signIn(url, "viewer", "tasks?whose=all");
  await other.page.locator(".task").first().waitFor();
  await mine.page.getByRole("button", { name: "New task" }).click();
  await mine.page.getByLabel("What is to be done").fill("Visit the site");
  await mine.page.getByRole("textbox", { name: "Due" }).fill("2099-01-31T10:00");
  await mine.page.getByLabel("Priority").last().selectOption("high");
  await mine.page.getByLabel("About").selectOption("project_id");
  await mine.page.getByRole("combobox", { name: "Project" }).fill("Panels");
  await mine.page.getByRole("option", { name: /Panels/ }).first().click();
  assert.deepEqual(await violations(mine.page), []);
  await mine.page.getByRole("button", { name: "Create task" }).click();
  const row = groupOf(other.page, "later").locator(".task", { hasText: "Visit the site" });
  await row.waitFor({ timeout: 5000 });
  await row.getByText("High").waitFor();
  await row.getByRole("link", { name: /Panels/ }).waitFor();
  assert.equal(await other.page.getByRole("button", { name: /New task|Choose several|Actions/ }).count(), 0);
  assert.equal(await other.page.locator(".task-tick:enabled").count(), 0);
  mine.watch.check();
  other.watch.check();
});

test("a project is made, gets tasks and a status, is deleted and comes back", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "projects");
  await page.getByRole("grid").waitFor();
  assert.deepEqual(await violations(page), []);
  await page.getByRole("button", { name: "New project" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Roof of the school");
  await page.getByRole("textbox", { name: "Due" }).fill("2099-06-30");
  await page.getByRole("button", { name: "Create project" }).click();
  await page.getByRole("link", { name: "Roof of the school" }).click();
  await page.getByRole("heading", { level: 1, name: "Roof of the school" }).waitFor();
  await add(page, "Measure it");
  await page.getByText("0 of 1 task").waitFor();
  await page.getByRole("checkbox", { name: "Done: Measure it" }).click();
  await page.getByText("1 of 1 task").waitFor();
  await page.getByRole("button", { name: "Status: Planned" }).click();
  await page.getByRole("menuitemradio", { name: "Active" }).click();
  await page.getByRole("button", { name: "Status: Active" }).waitFor();
  await page.locator(".history-entry", { hasText: "Active" }).waitFor();
  assert.deepEqual(await violations(page), []);
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Delete project" }).click();
  await page.getByText("Roof of the school deleted").waitFor();
  await page.getByRole("button", { name: "Undo" }).last().click();
  await page.getByRole("heading", { level: 1, name: "Roof of the school" }).waitFor();
  watch.check();
});

test("scripts that are stored in tasks and projects are shown as text", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "tasks?whose=all");
  await page.locator(".task").first().waitFor();
  const project = await page.evaluate(async (script) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(new URL("api/projects", document.baseURI), { method: "POST", headers, body: JSON.stringify({ name: script, description: script }) });
    const { id } = (await answer.json()) as { id: string };
    await fetch(new URL("api/tasks", document.baseURI), { method: "POST", headers, body: JSON.stringify({ title: script, project_id: id }) });
    return id;
  }, SCRIPT);
  await page.locator(".task-title", { hasText: SCRIPT }).waitFor();
  await page.locator(".task-about", { hasText: SCRIPT }).waitFor();
  await page.goto(new URL(`projects/${project}`, url).href);
  await page.getByRole("heading", { level: 1, name: SCRIPT }).waitFor();
  await page.locator(".project-description", { hasText: SCRIPT }).waitFor();
  watch.check();
});

test("axe finds nothing on tasks, wide, narrow and dark", async () => {
  for (const options of [{}, { viewport: { width: 360, height: 740 }, hasTouch: true }, { colorScheme: "dark" as const }]) {
    const { page, watch } = await stage.signIn(url, "owner", "tasks?whose=all", options);
    await page.locator(".task-about a").first().waitFor();
    assert.deepEqual(await violations(page), []);
    watch.check();
    await page.context().close();
  }
});
