import { describe, expect, test } from "vitest";

import { daysOfWeekLeft, queryOf } from "./due";

describe("the groups of tasks", () => {
  const wednesday = new Date(2030, 0, 2, 15, 30);

  test("a week ends on Sunday", () => {
    expect(daysOfWeekLeft(wednesday)).toBe(5);
    expect(daysOfWeekLeft(new Date(2030, 0, 6))).toBe(1);
    expect(daysOfWeekLeft(new Date(2030, 0, 7))).toBe(7);
  });

  test("each begins where the one before ends", () => {
    expect(queryOf("today", wednesday)["due_at[gte]"]).toBe(queryOf("overdue", wednesday)["due_at[lt]"]);
    expect(queryOf("week", wednesday)["due_at[gte]"]).toBe(queryOf("today", wednesday)["due_at[lt]"]);
    expect(queryOf("later", wednesday)["due_at[gte]"]).toBe(queryOf("week", wednesday)["due_at[lt]"]);
  });

  test("on a Sunday nothing is left of the week", () => {
    const { "due_at[gte]": from, "due_at[lt]": to } = queryOf("week", new Date(2030, 0, 6, 9));
    expect(from).toBe(to);
  });
});
