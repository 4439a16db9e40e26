import { expect, test } from "vitest";

import { forSeeds } from "../testing";
import { contested } from "./conflict";
import { patchOf } from "./editing";

const FIELDS = ["company", "city", "notes", "tags"] as const;
const VALUES: readonly unknown[] = ["a", "b", null, "", ["x"], ["x", "y"], { amount: 1, currency: "EUR" }];

test("contested are exactly the fields that both changed, to different values", () => {
  forSeeds(500, ({ oneOf, upTo }) => {
    const any = () => Object.fromEntries(FIELDS.map((field) => [field, oneOf(VALUES)]));
    const base: Record<string, unknown> = any();
    const theirs: Record<string, unknown> = any();
    const mine = Object.fromEntries(Object.entries(any()).slice(upTo(3)));
    const is = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
    const found = contested(base, theirs, mine);
    for (const field of FIELDS) {
      const isContested = field in mine && !is(base[field], theirs[field]) && !is(theirs[field], mine[field]);
      expect(found.includes(field), `${field} of ${JSON.stringify({ base, theirs, mine })}`).toBe(isContested);
    }
  });
});

test("nothing is contested by a missing value and null", () => {
  expect(contested({}, { city: null }, { city: "x" })).toEqual([]);
});

test("a patch takes a record to the edited values, and has no field more than that needs", () => {
  forSeeds(300, ({ oneOf }) => {
    const before: Record<string, unknown> = Object.fromEntries(FIELDS.map((field) => [field, oneOf(VALUES)]));
    const values: Record<string, unknown> = Object.fromEntries(FIELDS.map((field) => [field, oneOf(VALUES)]));
    const patch = patchOf(before, values);
    expect({ ...before, ...patch }).toEqual(values);
    for (const field of Object.keys(patch)) expect(JSON.stringify(before[field])).not.toBe(JSON.stringify(values[field]));
  });
});
