import { act } from "react";
import { beforeEach, expect, test } from "vitest";

import { cache } from "../data/cache";
import { keys } from "../data/keys";
import { me, render } from "../testing";
import { Navigation } from "./Navigation";
import { NewMenu } from "./NewMenu";

const READ = ["customers", "leads", "interactions", "tasks", "projects"].map((kind) => `read:${kind}`);
const titles = (element: HTMLElement): string[] => [...element.querySelectorAll("a")].map((link) => link.textContent);

beforeEach(() => {
  cache.clear();
  // jsdom has no popovers.
  HTMLElement.prototype.showPopover = () => undefined;
});

test("the navigation has what one may see", async () => {
  cache.setQueryData(keys.me, me("viewer", READ));
  const viewer = await render(<Navigation />, "/leads/some-id");
  expect(titles(viewer.element)).toEqual(["Overview", "Customers", "Leads", "Interactions", "Tasks", "Projects", "Settings"]);
  expect(viewer.element.querySelector("[aria-current=page]")?.textContent).toBe("Leads");
  await viewer.unmount();
  cache.setQueryData(keys.me, me("admin", [...READ, "read_log:customers"]));
  const admin = await render(<Navigation />);
  expect(titles(admin.element)).toContain("Activity");
  await admin.unmount();
});

test("who may make nothing has no menu to make something", async () => {
  cache.setQueryData(keys.me, me("viewer", READ));
  const viewer = await render(<NewMenu />);
  expect(viewer.element.textContent).toBe("");
  await viewer.unmount();
  cache.setQueryData(keys.me, me("member", [...READ, "create:tasks"]));
  const member = await render(<NewMenu />);
  await act(async () => member.element.querySelector("button")?.click());
  expect([...member.element.querySelectorAll("[role=menuitem]")].map((item) => item.textContent)).toEqual(["Task"]);
  await member.unmount();
});
