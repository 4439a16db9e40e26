/** Every page, for every role, wherever it is mounted: it shows what the role may see, and nothing is wrong with it. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import type { Page } from "playwright-core";

import { violations } from "./axe";
import { type Role, Stage } from "./harness";

const MOUNTS = ["", "/crm", "/t/acme/crm"];
const PAGES = ["overview", "customers", "leads", "interactions", "tasks", "projects", "activity", "settings/account", "settings/people", "settings/pipeline", "settings/workspace", "settings/api-keys"];
const FORBIDDEN: Readonly<Record<string, readonly string[]>> = {
  owner: [],
  member: ["activity", "settings/pipeline", "settings/workspace", "settings/api-keys"],
  viewer: ["activity", "settings/pipeline", "settings/workspace", "settings/api-keys"],
};

let stage: Stage;
before(async () => {
  stage = await Stage.open();
});
after(() => stage.close());

const isForbidden = (page: Page): Promise<boolean> => page.locator("main").getByText("You may not see this").isVisible();

/** Goes to a page, and waits until it has loaded what it shows. */
async function show(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.locator("main :is(h1, .state h2)").first().waitFor();
  await page.waitForFunction(() => document.querySelector("main .skeleton, main [aria-busy=true]") === null);
}

describe("each page shows what the role may see", { concurrency: 2 }, () => {
  for (const role of ["owner", "member", "viewer"] as const satisfies readonly Role[]) {
    test(`${role}, at the root: without a fault, light and dark`, async () => {
      const url = await stage.mount();
      const { page, watch } = await stage.signIn(url, role, "overview", { reducedMotion: "reduce" });
      for (const colorScheme of ["light", "dark"] as const) {
        // Loaded anew in each: what is out of sight keeps the colours in which it was made.
        await page.emulateMedia({ colorScheme });
        for (const name of PAGES) {
          await show(page, new URL(name, url).href);
          assert.equal(await isForbidden(page), FORBIDDEN[role]?.includes(name), name);
          assert.deepEqual((await violations(page)).slice(0, 5), [], `${name}, ${colorScheme}`);
        }
      }
      watch.check();
      await page.context().close();
    });
  }

  test("owner, on a telephone: without a fault, and no wider than the screen", async () => {
    const url = await stage.mount();
    const { page, watch } = await stage.signIn(url, "owner", "overview", { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, reducedMotion: "reduce" });
    for (const name of PAGES) {
      await show(page, new URL(name, url).href);
      assert.deepEqual((await violations(page)).slice(0, 5), [], name);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, `${name} is wider than the screen`);
    }
    watch.check();
    await page.context().close();
  });

  for (const mount of MOUNTS.slice(1)) {
    for (const role of ["owner", "member", "viewer"] as const) {
      test(`${role}, at ${mount}`, async () => {
        const url = await stage.mount({ mount });
        const { page, watch } = await stage.signIn(url, role);
        for (const name of PAGES) {
          await show(page, new URL(name, url).href);
          assert.equal(await isForbidden(page), FORBIDDEN[role]?.includes(name), name);
          assert.equal(page.url().startsWith(new URL(name, url).href), true, page.url());
        }
        watch.check();
        await page.context().close();
      });
    }
  }
});

test("the mount without its slash leads to it, and so does an old address to the beginning", async () => {
  const url = await stage.mount({ mount: "/crm" });
  const { page, watch } = await stage.signIn(url, "member");
  await page.goto(url.replace(/\/$/, ""));
  await page.waitForURL(`${url}overview`);
  await page.goto(`${url}settings/nothing`);
  await page.getByText("There is no such page").waitFor();
  await page.getByRole("link", { name: "Back to the beginning" }).click();
  await page.waitForURL(`${url}overview`);
  watch.check();
});
