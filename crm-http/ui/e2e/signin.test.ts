/** Signing in and out. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { violations } from "./axe";
import { PASSWORD, Stage, eventually, fillSignIn } from "./harness";

let stage: Stage;
let url: string;
before(async () => {
  stage = await Stage.open();
  url = await stage.mount({ mount: "/crm" });
});
after(() => stage.close());

test("a wrong password is told of, and what was entered stays", async () => {
  const { page, watch } = await stage.visit(url);
  await page.getByRole("heading", { name: "Sign in to CRM" }).waitFor();
  assert.deepEqual(await violations(page), []);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").getByText("Enter your e-mail address and your password.").waitFor();
  await fillSignIn(page, "member@acme.test", "not the password");
  await page.getByRole("alert").getByText("do not belong together").waitFor();
  assert.equal(await page.getByLabel("E-mail address").inputValue(), "member@acme.test");
  assert.deepEqual(await violations(page), []);
  await fillSignIn(page, "member@acme.test");
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  watch.check();
});

test("somebody of two workspaces chooses one, by keyboard", async () => {
  const { page, watch } = await stage.visit(url);
  await page.getByLabel("E-mail address").fill("both@demo.test");
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Choose a workspace" }).waitFor();
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  const chosen = await page.evaluate(() => document.activeElement?.querySelector("strong")?.textContent ?? "");
  await page.keyboard.press("Enter");
  await page.locator(".brand-names span", { hasText: chosen }).waitFor();
  watch.check();
});

test("after too many attempts one is told to wait, and for how long", async () => {
  const { page, watch } = await stage.visit(url);
  const button = page.locator('form button[type="submit"]');
  for (let attempt = 0; attempt < 20 && (await button.isEnabled()); attempt++) {
    const answered = page.waitForResponse((response) => response.url().endsWith("/api/auth/login"));
    await fillSignIn(page, "nobody@acme.test", "not the password");
    await answered;
    await eventually(async () => (await button.getAttribute("aria-busy")) === null, true);
  }
  await page.getByRole("alert").getByText("Too many attempts").waitFor();
  assert.match((await button.textContent()) ?? "", /Wait \d+ s/);
  watch.check();
});

test("signing in returns to where one was going", async () => {
  const { page, watch } = await stage.visit(new URL("activity?object=leads", url).href);
  await fillSignIn(page, "owner@acme.test");
  await page.getByRole("heading", { name: "Activity", level: 1 }).waitFor();
  assert.equal(page.url(), new URL("activity?object=leads", url).href);
  await page.getByRole("combobox", { name: "Kind of record" }).waitFor();
  assert.equal(await page.getByRole("combobox", { name: "Kind of record" }).inputValue(), "leads");
  watch.check();
});

test("a session that ends leaves everything on the page, for whoever signs in again", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "settings/people");
  await page.getByRole("button", { name: "Add a person" }).click();
  await page.getByRole("textbox", { name: "E-mail" }).fill("half@acme");
  await page.context().clearCookies();
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("heading", { name: "Sign in again" }).waitFor();
  assert.deepEqual(await violations(page), []);
  await fillSignIn(page, "owner@acme.test");
  await page.getByRole("heading", { name: "Sign in again" }).waitFor({ state: "detached" });
  assert.equal(await page.getByRole("textbox", { name: "E-mail" }).inputValue(), "half@acme");
  watch.check();
});

test("somebody else who signs in then sees nothing of it", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "settings/people");
  await page.getByRole("button", { name: "Add a person" }).waitFor();
  await page.context().clearCookies();
  await page.getByRole("searchbox", { name: "Search people" }).fill("maya");
  await page.getByRole("heading", { name: "Sign in again" }).waitFor();
  await fillSignIn(page, "viewer@acme.test");
  await page.getByText("Owners and admins change who is here").waitFor();
  assert.equal(await page.getByRole("button", { name: "Add a person" }).count(), 0);
  watch.check();
});

test("signing out ends at the sign-in, and going back shows nothing", async () => {
  const { page, watch } = await stage.signIn(url, "viewer", "customers");
  await page.getByRole("button", { name: /your menu/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in to CRM" }).waitFor();
  await page.waitForURL(`${url}sign-in`);
  await page.goBack();
  await page.getByRole("heading", { name: "Sign in to CRM" }).waitFor();
  assert.equal(await page.getByRole("navigation").count(), 0);
  watch.check();
});

test("a host that signs people in itself is linked to", async () => {
  const own = await stage.mount({ mount: "/crm", config: { sign_in: { url: "/host/login" } } });
  const { page, watch } = await stage.visit(own);
  await page.getByRole("heading", { name: "Sign in to CRM" }).waitFor();
  assert.equal(await page.getByRole("link", { name: "Sign in" }).getAttribute("href"), "/host/login");
  assert.equal(await page.locator("input").count(), 0);
  assert.deepEqual(await violations(page), []);
  watch.check();
});

test("a host that signs people in however it does is named as where to go", async () => {
  const own = await stage.mount({ mount: "/crm", config: { sign_in: null } });
  const { page, watch } = await stage.visit(own);
  await page.getByText("Sign in to the application that this is a part of").waitFor();
  assert.equal(await page.locator("input, a").count(), 0);
  watch.check();
});

test("somebody who is invited chooses a password and comes in, once", async () => {
  const owner = await stage.signIn(url, "owner", "settings/people");
  const address = `new-${Date.now()}@acme.test`;
  await owner.page.getByRole("button", { name: "Add a person" }).click();
  await owner.page.getByRole("textbox", { name: "E-mail" }).fill(address);
  await owner.page.getByRole("textbox", { name: "Name" }).fill("Nina New");
  await owner.page.getByRole("button", { name: "Add", exact: true }).click();
  const link = await owner.page.locator(".code").textContent();
  assert.match(link ?? "", /\/crm\/sign-in#invitation=/);
  assert.deepEqual(await violations(owner.page), []);

  const { page, watch } = await stage.visit(link ?? "");
  await page.getByRole("heading", { name: "You are invited to CRM" }).waitFor();
  assert.deepEqual(await violations(page), []);
  await page.getByLabel("Password").fill("short");
  await page.getByRole("button", { name: "Accept the invitation" }).click();
  await page.getByRole("alert").getByText("At least 10 characters").waitFor();
  await page.getByLabel("Password").fill("quite long enough");
  await page.getByRole("button", { name: "Accept the invitation" }).click();
  await page.getByRole("button", { name: "Nina New: your menu" }).waitFor();
  assert.equal(new URL(page.url()).hash, "");

  const again = await stage.visit(link ?? "");
  await again.page.getByLabel("Password").fill("quite long enough");
  await again.page.getByRole("button", { name: "Accept the invitation" }).click();
  await again.page.getByRole("alert").getByText("not open any more").waitFor();
  await again.page.getByRole("button", { name: "Not now" }).click();
  await again.page.getByRole("heading", { name: "Sign in to CRM" }).waitFor();

  await owner.page.getByRole("button", { name: "Close" }).last().click();
  await owner.page.getByRole("button", { name: "Actions for Nina New" }).click();
  await owner.page.getByRole("menuitem", { name: "Invite…" }).click();
  await owner.page.getByText("Nina New has a password already").waitFor();
  for (const each of [owner.watch, watch, again.watch]) each.check();
});
