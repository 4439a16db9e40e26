/** What is decided in the settings. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Page } from "playwright-core";

import { violations } from "./axe";
import { Stage, eventually } from "./harness";
import { finger, middleOf } from "./touch";

let stage: Stage;
let url: string;
before(async () => {
  stage = await Stage.open();
  url = await stage.mount({ mount: "/crm" });
});
after(() => stage.close());

test("the last owner stays one, and it is said why", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "settings/people");
  await page.getByLabel("Role of Olivia Owens").selectOption("admin");
  await page.getByRole("button", { name: "Change my role" }).click();
  await page.getByRole("alert").getByText("Olivia Owens is the only active owner").waitFor();
  await eventually(() => page.getByLabel("Role of Olivia Owens").inputValue(), "owner");
  assert.deepEqual(await violations(page), []);
  watch.check();
});

test("somebody who is made inactive is out at once, and in again when that is taken back", async () => {
  const owner = await stage.signIn(url, "owner", "settings/people");
  const viewer = await stage.signIn(url, "viewer", "customers");
  const act = async (item: string): Promise<void> => {
    await owner.page.getByRole("button", { name: "Actions for Victor Vega" }).click();
    await owner.page.getByRole("menuitem", { name: item }).click();
  };
  await act("Make inactive…");
  await owner.page.getByRole("button", { name: "Make inactive" }).click();
  await viewer.page.getByRole("heading", { name: "Sign in again" }).waitFor();
  await act("Make active");
  await owner.page.getByText("Victor Vega is active again").first().waitFor();
  owner.watch.check();
  viewer.watch.check();
});

test("a role that changes counts without reloading", async () => {
  const owner = await stage.signIn(url, "owner", "settings/people");
  const member = await stage.signIn(url, "member", "settings/people");
  assert.equal(await member.page.getByRole("link", { name: "Activity" }).count(), 0);
  await owner.page.getByLabel("Role of Maya Meyer").selectOption("admin");
  await member.page.getByRole("link", { name: "Activity" }).waitFor();
  await member.page.getByRole("button", { name: "Add a person" }).waitFor();
  assert.equal(await member.page.getByLabel("Role of Olivia Owens").count(), 0, "an admin does not manage owners");
  await owner.page.getByLabel("Role of Maya Meyer").selectOption("member");
  await member.page.getByRole("link", { name: "Activity" }).waitFor({ state: "detached" });
  owner.watch.check();
  member.watch.check();
});

test("a key is shown once, works, and is revoked", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "settings/api-keys");
  await page.getByRole("button", { name: "New key" }).click();
  await page.getByRole("textbox", { name: "What it is for" }).fill("Website form <script>");
  await page.getByRole("button", { name: "Make the key" }).click();
  const key = (await page.locator(".code").first().textContent()) ?? "";
  const ask = async (): Promise<number> => (await fetch(`${stage.service.url}/api/customers`, { headers: { authorization: `Bearer ${key}` } })).status;
  assert.equal(await ask(), 200);
  await page.keyboard.press("Escape");
  await page.getByText("Have you kept the key?").waitFor();
  await page.getByRole("button", { name: "Close", exact: true }).last().click();
  assert.equal(await page.getByText(key).count(), 0);
  await page.getByRole("button", { name: /^Revoke “Website form/ }).first().click();
  await page.getByRole("button", { name: "Revoke", exact: true }).last().click();
  await eventually(ask, 401);
  watch.check();
});

const order = (page: Page): Promise<string[]> => page.locator(".stage").evaluateAll((rows) => rows.map((row) => row.getAttribute("aria-label") ?? ""));

test("stages are moved by mouse and by keyboard, added, and kept while leads are in them", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "settings/pipeline");
  await page.locator(".stage").first().waitFor();
  const before = await order(page);
  await page.locator(".stage").first().getByRole("button", { name: /^Move .* down$/ }).focus();
  await page.keyboard.press("Enter");
  await eventually(async () => (await order(page)).slice(0, 2), [before[1], before[0]]);
  await page.keyboard.press("Enter");
  await eventually(async () => (await order(page)).indexOf(before[0] ?? ""), 2);
  await page.locator(".stage").nth(2).locator(".stage-grip").dragTo(page.locator(".stage").first(), { targetPosition: { x: 60, y: 4 } });
  await eventually(() => order(page), before);

  await page.getByRole("button", { name: `Remove ${before[0]}` }).click();
  await page.getByRole("alert").getByText("cannot be removed").waitFor();
  const name = `Trial ${Date.now()}`;
  await page.getByRole("button", { name: "Add a stage" }).click();
  await page.keyboard.type(name);
  await page.getByRole("button", { name: "Save the pipeline" }).click();
  await page.getByText("Pipeline saved").first().waitFor();
  assert.deepEqual(await violations(page), []);
  await page.getByRole("button", { name: `Remove ${name}` }).click();
  await page.getByRole("button", { name: "Save the pipeline" }).click();
  await eventually(() => order(page), before);
  watch.check();
});

test("stages are moved by a finger that rests on their grip", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "settings/pipeline", { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  const [first, second] = [page.locator(".stage").first(), page.locator(".stage").nth(1)];
  await first.waitFor();
  const before = await order(page);
  await first.scrollIntoViewIfNeeded();
  const to = await second.boundingBox();
  assert.ok(to);
  await finger(page, await middleOf(first.locator(".stage-grip")), { x: to.x + 40, y: to.y + to.height - 4 }, 500, () => page.locator(".stage.is-below").waitFor());
  await eventually(async () => (await order(page)).slice(0, 2), [before[1], before[0]]);
  // Elsewhere than on the grip a finger drags nothing.
  const name = await middleOf(first.locator(".stage-qualified"));
  await finger(page, name, { x: name.x, y: name.y + 150 }, 500, async () => assert.equal(await page.locator(".drag-ghost").count(), 0));
  assert.deepEqual((await order(page)).slice(0, 2), [before[1], before[0]]);
  watch.check();
});

test("the log tells of what happens without moving, and of what changed when asked", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "activity");
  await page.locator(".log-entry").first().waitFor();
  const first = await page.locator(".log-entry").first().textContent();
  const member = await stage.signIn(url, "member", "customers");
  const company = `<img src=x onerror=alert(1)> ${Date.now()}`;
  await member.page.evaluate(async (text) => {
    const headers = { "content-type": "application/json" };
    const made = (await (await fetch("api/customers", { method: "POST", headers, body: JSON.stringify({ company: text, city: "London" }) })).json()) as { id: string };
    await fetch(`api/customers/${made.id}`, { method: "PATCH", headers: { "content-type": "application/merge-patch+json" }, body: JSON.stringify({ city: "Paris" }) });
  }, company);
  await page.getByRole("button", { name: "2 new events" }).waitFor();
  assert.equal(await page.locator(".log-entry").first().textContent(), first);
  await page.getByRole("button", { name: "2 new events" }).click();
  const changed = page.locator(".log-entry").first();
  await changed.getByText("City: London → Paris").waitFor();
  await changed.getByRole("link", { name: company }).waitFor();
  await changed.getByRole("button", { name: "Show the details" }).click();
  await changed.getByRole("button", { name: "Only this record" }).click();
  await eventually(() => page.locator(".log-entry").count(), 2);
  assert.match(page.url(), /activity\?record=/);
  await page.goBack();
  await page.locator(".log-entry").nth(5).waitFor();
  watch.check();
  member.watch.check();
});

test("the log goes back to its beginning, with only what is in sight in the document", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "activity");
  await page.locator(".log-entry").first().waitFor();
  let most = 0;
  await eventually(async () => {
    most = Math.max(most, await page.locator(".log-entry").count());
    await page.locator(".main").evaluate((main) => main.scrollBy({ top: 600 }));
    return page.getByText("This is where the log begins.").isVisible();
  }, true);
  // What is measured only now may have moved the end.
  await page.locator(".main").evaluate((main) => main.scrollTo({ top: main.scrollHeight }));
  await page.waitForTimeout(300);
  assert.ok(most < 70, `${most} entries are in the document`);
  await page.locator(".log-entry").last().getByRole("button", { name: "Show the details" }).click();
  await page.getByText("Event 1 ·").waitFor();
  await page.locator(".main").evaluate((main) => main.scrollTo({ top: 0 }));
  await eventually(() => page.locator(".log-entry").first().getAttribute("data-index"), "1");
  watch.check();
});
