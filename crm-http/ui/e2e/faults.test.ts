/** Every page while the service fails or is away: it says so, offers to try again, and is whole when that has worked. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import type { Page, Route } from "playwright-core";

import { violations } from "./axe";
import { Stage, eventually } from "./harness";

const PAGES = ["overview", "customers", "leads?view=board", "leads?view=table", "interactions", "tasks", "projects", "activity", "settings/people", "settings/pipeline", "settings/workspace", "settings/api-keys"];
/** Needs nothing but to know who is signed in. */
const QUIET = "settings/account";
const NARROW = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

const WAYS = {
  failing: {
    title: "Something went wrong",
    answer: (route: Route) => route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify({ type: "about:blank", title: "Internal Server Error", status: 500, detail: "x", code: "internal", request_id: "r" }) }),
    tolerated: [/status of 500/],
  },
  away: { title: "The server cannot be reached", answer: (route: Route) => route.abort("connectionrefused"), tolerated: [/ERR_CONNECTION_REFUSED/] },
  "behind a proxy that does not reach it": { title: "The server cannot be reached", answer: (route: Route) => route.fulfill({ status: 502, body: "Bad Gateway" }), tolerated: [/status of 502/] },
};

let stage: Stage;
let url: string;
before(async () => {
  stage = await Stage.open();
  url = await stage.mount({ mount: "/crm" });
});
after(() => stage.close());

const again = (page: Page) => page.getByRole("button", { name: "Try again" });
const isLoading = (page: Page): Promise<number> => page.locator("main :is(.skeleton, [aria-busy=true])").count();

/** A page of each record, beside those that are always there. */
async function addresses(): Promise<string[]> {
  const send = await stage.service.as("owner@acme.test");
  const first = async (kind: string): Promise<string> => `${kind}/${((await (await send("GET", `/api/${kind}?limit=1`)).json()) as { data: { id: string }[] }).data[0]?.id}`;
  return [...PAGES, ...(await Promise.all(["customers", "leads", "projects"].map(first)))];
}

/** Tries again wherever that is offered, until nothing is wrong any more. */
async function recover(page: Page): Promise<void> {
  await eventually(async () => {
    if (await again(page).first().isVisible()) await again(page).first().click({ timeout: 2000 }).catch(() => undefined);
    return [await page.locator("main [role=alert]").count(), await isLoading(page)];
  }, [0, 0]);
}

describe("each page says what is wrong, and is whole afterwards", { concurrency: 2 }, () => {
  for (const [way, { title, answer, tolerated }] of Object.entries(WAYS)) {
    test(`with the service ${way}`, async () => {
      const { page, watch } = await stage.signIn(url, "owner", "overview", way === "failing" ? { reducedMotion: "reduce" } : { ...NARROW, reducedMotion: "reduce" }, tolerated);
      for (const name of await addresses()) {
        // Who is signed in is known: the session outlives a failing service.
        await page.route("**/api/**", (route) => (route.request().url().endsWith("/api/auth/me") ? route.continue() : answer(route)));
        await page.goto(new URL(name, url).href);
        await page.locator("main").getByText(title).first().waitFor();
        await again(page).first().waitFor();
        await eventually(() => isLoading(page), 0);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, name);
        assert.deepEqual((await violations(page)).slice(0, 5), [], name);
        await page.unroute("**/api/**");
        await recover(page);
      }
      await page.goto(new URL(QUIET, url).href);
      await page.getByRole("heading", { name: "Password" }).waitFor();
      watch.check();
      await page.context().close();
    });
  }
});

test("whoever comes while the service is away is told, and comes in when it is back", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "overview", {}, WAYS.away.tolerated);
  await page.route("**/api/**", WAYS.away.answer);
  await page.goto(new URL("customers", url).href);
  await page.getByText(WAYS.away.title).waitFor();
  await page.unroute("**/api/**");
  await again(page).click();
  await page.getByRole("grid").waitFor();
  watch.check();
});

test("a page whose code cannot be loaded leads on when the server is back", async () => {
  const { page, watch } = await stage.signIn(url, "owner", "overview", {}, [...WAYS.away.tolerated, /dynamically imported module|preload CSS/]);
  // Its code is not here yet: it is loaded when somebody is about to go there.
  await page.route("**/*", WAYS.away.answer);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Activity" }).click();
  await page.getByText("This page has failed").waitFor();
  await page.getByRole("button", { name: "Load the page again" }).click();
  await page.getByText("The server cannot be reached. Try again in a moment.").waitFor();
  await page.unroute("**/*");
  await page.getByRole("button", { name: "Load the page again" }).click();
  await page.locator(".log-entry").first().waitFor();
  watch.check();
});
