/** A second host: its name, its logo, its colours, its language, fewer pages and links of its own. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { violations } from "./axe";
import { Stage, eventually } from "./harness";

const LOGO = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 40 20'%3E%3Crect width='40' height='20' rx='4' fill='%23b45309'/%3E%3C/svg%3E";
const THEME = `
:root { --crm-accent: #b45309; --crm-accent-contrast: #ffffff; --crm-accent-text: #92400e; --crm-radius: 2px; }
:root[data-theme="dark"] { --crm-accent: #fbbf24; --crm-accent-contrast: #1c1404; --crm-accent-text: #fcd34d; }
@media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { --crm-accent: #fbbf24; --crm-accent-contrast: #1c1404; --crm-accent-text: #fcd34d; } }
`;

let stage: Stage;
let url: string;
before(async () => {
  stage = await Stage.open();
  const config = { name: "Sonnenkontor", logo: LOGO, language: "de", pages: ["customers", "leads", "settings"], links: [{ label: "Zum Shop", href: "/shop" }] };
  url = await stage.mount({ mount: "/t/acme/crm", config, theme: THEME });
});
after(() => stage.close());

const RGB = { light: "rgb(180, 83, 9)", dark: "rgb(251, 191, 36)" };

test("the host's name, logo, pages, links and language are shown", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "");
  await page.waitForURL(`${url}customers`);
  await eventually(() => page.title(), "Kunden · Sonnenkontor");
  assert.deepEqual(await page.getByRole("navigation", { name: "Hauptnavigation" }).getByRole("link").allTextContents(), ["Kunden", "Leads", "Einstellungen", "Zum Shop"]);
  assert.equal(await page.getByRole("link", { name: "Zum Shop" }).getAttribute("href"), "/shop");
  assert.ok(await page.locator(".brand-logo").evaluate((logo: HTMLImageElement) => logo.complete && logo.naturalWidth > 0), "the logo is shown");
  assert.equal(await page.evaluate(() => document.documentElement.lang), "de");
  await page.goto(`${url}tasks`);
  await page.getByText("Diese Seite gibt es nicht").waitFor();
  watch.check();
});

test("dates and money are written as the language writes them", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "settings/workspace", { locale: "de-DE" });
  await page.getByText(/Dort ist es jetzt \d\d\.\d\d\.\d{4}/).waitFor();
  watch.check();
});

test("the host's colours are those of buttons and links, light and dark, and can be read", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "settings/people", { reducedMotion: "reduce" });
  const button = page.getByRole("button", { name: "Person hinzufügen" });
  await button.waitFor();
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await eventually(() => button.evaluate((element) => getComputedStyle(element).backgroundColor), RGB[colorScheme]);
    assert.equal(await button.evaluate((element) => getComputedStyle(element).borderRadius), "2px");
    assert.deepEqual(await violations(page), [], colorScheme);
  }
  watch.check();
});

test("what a user chooses beats the system's colours and the host's language, and stays", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "settings/account", { colorScheme: "light" });
  const background = (): Promise<string> => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
  await page.getByLabel("Erscheinungsbild", { exact: true }).selectOption("dark");
  await eventually(background, "dark");
  await page.getByLabel("Sprache", { exact: true }).selectOption("en");
  await page.getByRole("heading", { name: "Settings" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Settings" }).waitFor();
  await eventually(background, "dark");
  watch.check();
});

test("the sign-in is the host's as well", async () => {
  const { page, watch } = await stage.visit(url);
  await page.getByRole("heading", { name: "Bei Sonnenkontor anmelden" }).waitFor();
  assert.deepEqual(await violations(page), []);
  watch.check();
});
