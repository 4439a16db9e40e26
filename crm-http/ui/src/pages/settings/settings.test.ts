import { expect, test } from "vitest";

import { ProblemError } from "../../data";
import { forSeeds } from "../../testing";
import { endOf } from "./NewKeyPanel";
import { faultsOf } from "./Pipeline";
import { ROLES, givable, mayManage } from "./roles";
import { type Draft, draftsOf, dropIndex, keyFor, missingKinds, move, ofKind, stagesOf } from "./stages";
import { timeZones } from "./Workspace";

const STAGES = [
  { key: "new", name: "New", kind: "open", qualified: false, probability: 0.1 },
  { key: "won", name: "Won", kind: "won", qualified: true, probability: 1 },
  { key: "lost", name: "Lost", kind: "lost", qualified: false, probability: 0 },
] as const;
const fresh = (name: string): Draft => ({ id: name, key: "", name, kind: "open", qualified: false, probability: 0.5, isNew: true });

test("moving keeps all, and puts the one where it is to be", () => {
  forSeeds(300, ({ upTo }) => {
    const list = Array.from({ length: 1 + upTo(10) }, (_, index) => index);
    const from = upTo(list.length - 1);
    const to = upTo(list.length - 1);
    const moved = move(list, from, to);
    expect(moved[to]).toBe(from);
    expect([...moved].sort((a, b) => a - b)).toEqual(list);
    expect(moved.filter((entry) => entry !== from)).toEqual(list.filter((entry) => entry !== from));
  });
});

test("what is dropped above or below another comes to be next to it, on that side", () => {
  forSeeds(300, ({ upTo, oneOf }) => {
    const list = Array.from({ length: 2 + upTo(8) }, (_, index) => index);
    const from = upTo(list.length - 1);
    const target = oneOf(list.filter((entry) => entry !== from));
    const isBelow = oneOf([true, false]);
    const moved = move(list, from, dropIndex(from, target, isBelow));
    expect(moved.indexOf(from) - moved.indexOf(target)).toBe(isBelow ? 1 : -1);
  });
});

test("a key is what the service takes as one, and not taken", () => {
  forSeeds(300, ({ upTo, oneOf }) => {
    const name = Array.from({ length: upTo(60) }, () => oneOf(["a", "Z", "é", "ß", " ", "-", "7", "漢", "🚀", "_"])).join("");
    const taken = new Set(["stage", "a", "z", "a_2"]);
    const key = keyFor(name, taken);
    expect(key).toMatch(/^[a-z0-9_]{1,50}$/);
    expect(taken.has(key)).toBe(false);
  });
  expect(keyFor("Négotiation & Price", new Set())).toBe("negotiation_price");
});

test("stages that were there keep their keys, whatever they are called; new ones get one", () => {
  const drafts = [...draftsOf(STAGES).map((draft) => ({ ...draft, name: `${draft.name}!` })), fresh("New"), fresh("New ")];
  expect(stagesOf(drafts).map(({ key, name }) => [key, name])).toEqual([["new", "New!"], ["won", "Won!"], ["lost", "Lost!"], ["new_2", "New"], ["new_3", "New"]]);
  expect(stagesOf(draftsOf(STAGES))).toEqual(STAGES);
});

test("the kind of a stage decides what is certain about it", () => {
  const [draft] = draftsOf(STAGES);
  if (!draft) throw new Error("no stage");
  expect(ofKind(draft, "won")).toMatchObject({ kind: "won", probability: 1, qualified: true });
  expect(ofKind(draft, "lost")).toMatchObject({ kind: "lost", probability: 0, qualified: false });
  expect(ofKind(ofKind(draft, "won"), "open").probability).toBeLessThan(1);
  expect(missingKinds([draft])).toEqual(["won", "lost"]);
  expect(missingKinds(draftsOf(STAGES))).toEqual([]);
});

test("what is refused of a pipeline is said at the stage that it is about", () => {
  const error = new ProblemError(422, "invalid", "no", [
    { pointer: "/stages/1/probability", code: "out_of_range", detail: "must be a number from 0 to 1" },
    { pointer: "/stages", code: "stage_in_use", detail: "cannot do without `new`" },
  ], null, null);
  expect(faultsOf(error)).toEqual({ top: ["cannot do without `new`"], rows: { 1: ["Probability: must be from 0 to 1"] } });
});

test("nobody gives more than they have, and owners are managed by owners", () => {
  expect(givable("owner")).toEqual(ROLES);
  expect(givable("admin")).toEqual(["viewer", "member", "admin"]);
  expect(givable(null)).toEqual([]);
  expect(ROLES.filter((role) => mayManage("admin", role))).toEqual(["viewer", "member", "admin"]);
  expect(ROLES.filter((role) => mayManage("member", role))).toEqual([]);
  expect(ROLES.every((role) => mayManage("owner", role))).toBe(true);
});

test("a key ends when it was said, or never", () => {
  const now = new Date("2026-01-01T12:00:00Z");
  expect(endOf("30", null, now)).toBe("2026-01-31T12:00:00.000Z");
  expect(endOf("day", "2026-02-02T00:00:00.000Z", now)).toBe("2026-02-02T00:00:00.000Z");
  expect(endOf("never", "2026-02-02T00:00:00.000Z", now)).toBeNull();
});

test("the time zone that is chosen is among those to choose from", () => {
  expect(timeZones("Etc/GMT+5")).toContain("Etc/GMT+5");
  expect(timeZones("UTC").filter((zone) => zone === "UTC")).toHaveLength(1);
});
