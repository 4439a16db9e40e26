/**
 * Screenshots of pages, wide, narrow and dark, of a server that runs:
 *
 *     npx tsx e2e/look.ts http://127.0.0.1:5173/ overview customers 'customers?new' ...
 *
 * They go to `screenshots/`. Whatever the pages complain about is printed.
 */

import { mkdir } from "node:fs/promises";

import { chromium } from "playwright-core";

import { Watch, fillSignIn } from "./harness";

const [, , url = "http://127.0.0.1:5173/", ...paths] = process.argv;
const role = process.env["ROLE"] ?? "owner";
const out = new URL("../screenshots/", import.meta.url).pathname;
const LOOKS = [
  { name: "wide", viewport: { width: 1440, height: 900 } },
  { name: "narrow", viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
  { name: "dark", viewport: { width: 1440, height: 900 }, colorScheme: "dark" },
] as const;

await mkdir(out, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
for (const { name, ...options } of LOOKS) {
  const context = await browser.newContext({ locale: process.env["LANGUAGE_TAG"] ?? "en-GB", ...options });
  const page = await context.newPage();
  const watch = new Watch(page);
  await page.goto(new URL("sign-in", url).href);
  await fillSignIn(page, `${role}@acme.test`);
  await page.locator(".shell").waitFor();
  for (const path of paths) {
    await page.goto(new URL(path, url).href);
    await page.locator(".shell").waitFor();
    await page.locator("main :is(h1, .state)").first().waitFor();
    await page.waitForTimeout(1000);
    await page.screenshot({ path: `${out}${path.replaceAll(/\W+/g, "-")}-${name}.png` });
    const isWider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    if (isWider) console.log(`${path} ${name}: wider than the window`);
  }
  for (const fault of watch.faults) console.log(`${name}: ${fault}`);
  await context.close();
}
await browser.close();
