import { expect, test } from "vitest";

import type { User } from "../../data";
import { draftsOf, mapping } from "./importing";

const OWNER = { id: "u1", email: "ada@acme.test", name: "Ada" } as User;
const line = (...cells: string[]) => ({ number: 2, cells });

test("columns are known by the names that exports give them", () => {
  expect(mapping(["Firma", "E-Mail", "PLZ", "Straße", "First Name", "Last name", "Colour", "email"])).toEqual(
    ["company", "email", "postal_code", "address_line1", "name", "name", null, null]);
});

test("a line becomes a customer", () => {
  const [draft] = draftsOf([line("Acme", "Ada", "Byron", "a; b", "ADA@acme.test", "ja")], ["company", "name", "name", "tags", "owner_id", "is_active"], [OWNER]);
  expect(draft?.input).toEqual({ company: "Acme", name: "Ada Byron", tags: ["a", "b"], owner_id: "u1", is_active: true });
  expect(draft?.faults).toEqual([]);
});

test("all that is wrong with a line is told at once", () => {
  const [draft] = draftsOf([line("", "nobody@x.test", "maybe")], ["company", "owner_id", "is_active"], [OWNER]);
  expect(draft?.faults).toEqual(["no_name", "unknown_owner", "not_yes_or_no"]);
});
