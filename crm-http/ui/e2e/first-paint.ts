/**
 * How long it takes until something is seen, with nothing kept, the processor slowed 4 times and 10 Mbit/s: signed out
 * (the sign-in) and signed in (the overview). Served compressed, as the service does it.
 *
 *     CRM_SERVER=path npm run speed:first        after a build
 *
 * Fails if the middle one of a few visits is beyond the limit. The machine is to have nothing else to do.
 */

import { type Page, chromium } from "playwright-core";

import { Service, fillSignIn } from "./harness";
import { host } from "./host";

const LIMIT = 1200;
const TIMES = 7;
const SLOWER = 4;
const BYTES_A_SECOND = 10_000_000 / 8;

const service = await Service.start();
const own = process.env["CRM_UI_DIST"] === undefined && (await service.servesPages());
const { url, server } = own ? { url: `${service.url}/`, server: null } : await host({ api: service.url });
const browser = await chromium.launch({ executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args: ["--no-sandbox"] });

interface Paints {
  first: number;
  /** The largest so far, when what is to be seen is there. */
  largest: number;
  transferred: number;
}

/** The paints of one visit to a page whose content is there when the selector is. */
async function paints(page: Page, path: string, there: string): Promise<Paints> {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.clearBrowserCache");
  await session.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: BYTES_A_SECOND, uploadThroughput: BYTES_A_SECOND });
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  await page.goto(new URL(path, url).href, { waitUntil: "commit" });
  await page.locator(there).first().waitFor();
  await page.waitForTimeout(500);
  const measured = await page.evaluate(async () => {
    const first = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Infinity;
    const largest = await new Promise<number>((resolve) => new PerformanceObserver((list) => resolve(list.getEntries().at(-1)?.startTime ?? Infinity)).observe({ type: "largest-contentful-paint", buffered: true }));
    const all = [...performance.getEntriesByType("resource"), ...performance.getEntriesByType("navigation")] as PerformanceResourceTiming[];
    const shown = all.filter((entry) => !entry.name.includes("/api/") && entry.responseEnd <= first);
    return { first, largest, transferred: shown.reduce((sum, entry) => sum + entry.transferSize, 0) };
  });
  await session.detach();
  await page.goto("about:blank");
  return measured;
}

const ms = (value: number): string => `${Math.round(value)} ms`;
let isSlow = false;
for (const isSignedIn of [false, true]) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en-GB" });
  const page = await context.newPage();
  if (isSignedIn) {
    await page.goto(url);
    await fillSignIn(page, "owner@acme.test");
    await page.locator(".tile-value", { hasText: /\d/ }).first().waitFor();
  }
  const visits: Paints[] = [];
  for (let time = 0; time < TIMES; time++) visits.push(await paints(page, "overview", isSignedIn ? ".tile-value:not(:has(.skeleton))" : "dialog.sign-in form"));
  const firsts = visits.map(({ first }) => first).sort((a, b) => a - b);
  const best = firsts[0] ?? Infinity;
  const middle = firsts[Math.floor(TIMES / 2)] ?? Infinity;
  const largest = Math.min(...visits.map((visit) => visit.largest));
  console.log(`${isSignedIn ? "the overview" : "the sign-in"}: first paint after ${ms(middle)} (middle of ${TIMES}; the best ${ms(best)}), the largest after ${ms(largest)} at best, ${Math.round((visits[0]?.transferred ?? 0) / 1024)} KB until then`);
  isSlow ||= middle > LIMIT;
  await context.close();
}
await browser.close();
server?.closeAllConnections();
server?.close();
await service.stop();
if (isSlow) {
  console.error(`more than ${ms(LIMIT)}`);
  process.exitCode = 1;
}
