/** A pipeline while it is edited. */

import type { Stage } from "../../data";

export type StageKind = Stage["kind"];

/** A stage in the editor, which knows it by an id of its own: keys of new ones follow their names. */
export interface Draft extends Stage {
  id: string;
  isNew: boolean;
}

export const draftsOf = (stages: readonly Stage[]): Draft[] => stages.map((stage) => ({ ...stage, id: stage.key, isNew: false }));

/** The stage that was at `from` comes to be at `to`. */
export function move<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list];
  const [moved] = next.splice(from, 1);
  if (moved !== undefined) next.splice(Math.max(0, Math.min(to, next.length)), 0, moved);
  return next;
}

/** Where a stage comes to be that is dropped above or below another: the one that is lifted leaves a gap. */
export function dropIndex(from: number, target: number, isBelow: boolean): number {
  const gap = isBelow ? target + 1 : target;
  return from < gap ? gap - 1 : gap;
}

/** A key for a stage of this name, other than those that are taken: lower case, digits and underscores. */
export function keyFor(name: string, taken: ReadonlySet<string>): string {
  const plain = name.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  const base = plain.replaceAll(/[^a-z0-9]+/g, "_").replaceAll(/^_+|_+$/g, "").slice(0, 40) || "stage";
  let key = base;
  for (let number = 2; taken.has(key); number++) key = `${base}_${number}`;
  return key;
}

/** What is sent: keys are given to new stages, and what has been decided by the kind follows it. */
export function stagesOf(drafts: readonly Draft[]): Stage[] {
  const taken = new Set(drafts.filter(({ isNew }) => !isNew).map(({ key }) => key));
  return drafts.map(({ id: _, isNew, ...stage }) => {
    const key = isNew ? keyFor(stage.name, taken) : stage.key;
    taken.add(key);
    return { ...stage, key, name: stage.name.trim() };
  });
}

/** A stage that becomes of another kind: what is won is certain, what is lost is not to be had. */
export function ofKind(stage: Draft, kind: StageKind): Draft {
  if (kind === "won") return { ...stage, kind, probability: 1, qualified: true };
  return { ...stage, kind, probability: kind === "lost" ? 0 : Math.min(stage.probability, 0.9), qualified: kind === "open" && stage.qualified };
}

/** Which kinds a pipeline lacks: it has to have each. */
export const missingKinds = (drafts: readonly Draft[]): StageKind[] => (["open", "won", "lost"] as const).filter((kind) => !drafts.some((draft) => draft.kind === kind));
