import { i18n } from "@lingui/core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { ProblemError } from "../data/service";
import { faultOf, reasonOf } from "./faults";

const refused = (code: string, errors: ProblemError["errors"] = []): ProblemError => new ProblemError(422, code, "in the service's words", errors, null, null);

beforeAll(async () => {
  const { messages } = await import("../locales/de.po");
  i18n.load("de", messages);
  i18n.activate("de");
});
afterAll(() => i18n.activate("en"));

test("what is refused is said in the language that is spoken", () => {
  expect(reasonOf(refused("forbidden"))).toBe("Ihre Rolle erlaubt das nicht.");
  expect(reasonOf(refused("invalid", [{ pointer: "/email", code: "invalid_email", detail: "must be …" }]))).toBe("E-Mail: muss eine E-Mail-Adresse sein, etwa ada@example.com");
  expect(faultOf({ code: "too_long", detail: "must have at most 200 characters, not 300" })).toBe("darf höchstens 200 Zeichen haben");
  expect(faultOf({ code: "out_of_range", detail: "must be a number from 0 to 1" })).toBe("muss von 0 bis 1 sein");
  expect(faultOf({ code: "required", detail: "or `name` or `email` must be given" })).toBe("muss angegeben werden, oder: Name oder E-Mail");
});

test("a rule of the service is said by its words", () => {
  expect(reasonOf(new ProblemError(409, "rule", "the user has accepted an invitation already", [], null, null))).toBe("Die Einladung wurde schon angenommen.");
});

test("what has no words here keeps the service's", () => {
  expect(reasonOf(refused("rule"))).toBe("in the service's words");
  expect(faultOf({ code: "out_of_range", detail: "must be odd" })).toBe("must be odd");
  expect(faultOf({ code: "toString", detail: "must be plain" })).toBe("must be plain");
});
