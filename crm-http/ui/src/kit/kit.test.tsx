import { act, useState } from "react";
import { afterEach, expect, test, vi } from "vitest";

import type { Money } from "../data/service";
import { forSeeds, render, runHook } from "../testing";
import { announce, dismiss, toast, useAnnouncement, useToasts } from "./announcer";
import { niceCeil } from "./charts/ColumnChart";
import { classes } from "./classes";
import { DateField, MoneyField, Select } from "./fields";
import { Tabs } from "./Tabs";
import { TagsField } from "./TagsField";

afterEach(() => vi.useRealTimers());

/** Types into a control as a browser does it. */
async function type(element: Element | null, value: string): Promise<void> {
  if (!(element instanceof HTMLInputElement || element instanceof HTMLSelectElement)) throw new Error("nothing to type into");
  await act(async () => {
    // React listens to the property, and asks the element's own setter whether something is new.
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(element) as object, "value")?.set?.call(element, value);
    element.dispatchEvent(new Event(element instanceof HTMLSelectElement ? "change" : "input", { bubbles: true }));
  });
}
const press = (element: Element | null, key: string): Promise<void> => act(async () => void element?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })));

/** A field with a value of its own; gives what it was last changed to. */
async function held<V>(first: V, field: (value: V, set: (value: V) => void) => React.ReactNode) {
  const box = { value: first };
  function Holder() {
    const [value, set] = useState(first);
    box.value = value;
    return field(value, set);
  }
  return { box, ...(await render(<Holder />)) };
}

test("an axis ends at a round number that is enough, and not much more", () => {
  forSeeds(500, ({ next }) => {
    const value = 10 ** (next() * 12 - 2);
    const end = niceCeil(value);
    expect(end).toBeGreaterThanOrEqual(value * (1 - 1e-9));
    expect(end).toBeLessThanOrEqual(value * 2.5);
    expect([1, 2, 4, 6, 8, 10].some((step) => Math.abs(Math.log10(end / step) - Math.round(Math.log10(end / step))) < 1e-9)).toBe(true);
  });
  expect([niceCeil(0), niceCeil(-3)]).toEqual([1, 1]);
});

test("classes leave out what is not", () => {
  expect(classes("a", false, null, undefined, "", "b")).toBe("a b");
});

test("an amount is kept in the currency's minor units, whatever it has of them", async () => {
  for (const [currency, typed, amount] of [["EUR", "12.34", 1234], ["EUR", "0.29", 29], ["JPY", "1200", 1200], ["USD", "8.2", 820]] as const) {
    const field = await held<Money | null>(null, (value, set) => <MoneyField label="Value" value={value} onChange={set} currency={currency} />);
    await type(field.element.querySelector("input"), typed);
    expect(field.box.value).toEqual({ amount, currency });
    await type(field.element.querySelector("input"), "");
    expect(field.box.value).toBeNull();
    await field.unmount();
  }
});

test("another currency keeps what is written, not the minor units", async () => {
  const field = await held<Money | null>({ amount: 1200, currency: "EUR" }, (value, set) => <MoneyField label="Value" value={value} onChange={set} />);
  await type(field.element.querySelector("select"), "JPY");
  expect(field.box.value).toEqual({ amount: 12, currency: "JPY" });
  await field.unmount();
});

test("a day stays as it is, an empty one is nothing", async () => {
  const field = await held<string | null>("2026-03-09", (value, set) => <DateField label="Due" value={value} onChange={set} />);
  expect(field.element.querySelector("input")?.value).toBe("2026-03-09");
  await type(field.element.querySelector("input"), "");
  expect(field.box.value).toBeNull();
  await field.unmount();
});

test("a choice is one of those that there are", async () => {
  const changed = vi.fn();
  const field = await render(<Select label="Role" value="a" onChange={changed} choices={[{ value: "a", label: "A" }, { value: "b", label: "B" }]} />);
  await type(field.element.querySelector("select"), "b");
  expect(changed).toHaveBeenCalledExactlyOnceWith("b");
  await field.unmount();
});

test("tags are ended by Enter and commas, taken back by Backspace, and never there twice", async () => {
  const field = await held<string[]>([], (value, set) => <TagsField label="Tags" value={value} onChange={set} />);
  const input = field.element.querySelector("input");
  await type(input, " solar ");
  await press(input, "Enter");
  await type(input, "vip");
  await press(input, ",");
  await type(input, "solar");
  await press(input, "Enter");
  expect(field.box.value).toEqual(["solar", "vip"]);
  await press(input, "Backspace");
  expect(field.box.value).toEqual(["solar"]);
  await field.unmount();
});

test("arrows go round the tabs, and only the selected one is in the order of focus", async () => {
  const tabs = [{ key: "a", label: "A" }, { key: "b", label: "B" }, { key: "c", label: "C" }] as const;
  const shown = await held<"a" | "b" | "c">("a", (value, set) => <Tabs label="Parts" tabs={tabs} selected={value} onSelect={set}>{value}</Tabs>);
  const list = shown.element.querySelector("[role=tablist]");
  await press(list, "ArrowLeft");
  expect(shown.box.value).toBe("c");
  await press(list, "ArrowRight");
  expect(shown.box.value).toBe("a");
  await press(list, "End");
  expect(shown.box.value).toBe("c");
  expect([...shown.element.querySelectorAll("[role=tab]")].map((tab) => tab.getAttribute("tabindex"))).toEqual(["-1", "-1", "0"]);
  await shown.unmount();
});

test("messages go by themselves, those with something to do later, and there are three at most", async () => {
  vi.useFakeTimers();
  const toasts = await runHook(useToasts);
  await act(async () => {
    for (const text of ["one", "two", "three"]) toast(text);
    toast("four", { action: { label: "Undo", act: () => undefined } });
  });
  expect(toasts.current.map(({ message }) => message)).toEqual(["two", "three", "four"]);
  await act(async () => vi.advanceTimersByTime(6_000));
  expect(toasts.current.map(({ message }) => message)).toEqual(["four"]);
  await act(async () => dismiss(toasts.current[0]?.id ?? -1));
  expect(toasts.current).toEqual([]);
  await toasts.unmount();
});

test("the same words are said again", async () => {
  const said = await runHook(useAnnouncement);
  await act(async () => announce("Sorted"));
  const first = said.current;
  await act(async () => announce("Sorted"));
  expect(said.current).not.toBe(first);
  expect(said.current.trim()).toBe("Sorted");
  await said.unmount();
});
