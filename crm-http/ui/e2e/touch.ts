/** Touch as a screen sends it. */

import assert from "node:assert/strict";

import type { Locator, Page } from "playwright-core";

export interface Point {
  x: number;
  y: number;
}

/** A finger that goes somewhere, step by step, after it has rested for so long. */
export async function finger(page: Page, from: Point, to: Point, rest: number, atEnd: () => Promise<void> = async () => {}): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  const send = (type: "touchStart" | "touchMove" | "touchEnd", ...touchPoints: Point[]): Promise<unknown> => cdp.send("Input.dispatchTouchEvent", { type, touchPoints });
  await send("touchStart", from);
  await page.waitForTimeout(rest);
  for (let step = 1; step <= 12; step++) await send("touchMove", { x: from.x + ((to.x - from.x) * step) / 12, y: from.y + ((to.y - from.y) * step) / 12 });
  await atEnd();
  await send("touchEnd");
  await cdp.detach();
}

export const middleOf = async (target: Locator): Promise<Point> => {
  const box = await target.boundingBox();
  assert.ok(box);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
};
