/** The tenant's data: what pages use of it. */

export { type Change, Yielded, refresh, useCreate, useRemove, useRestore, useUpdate } from "./changing";
export { type Editing, patchOf, useEditing } from "./editing";
export { cache, put } from "./cache";
export { keys } from "./keys";
export * from "./kinds";
export { useConnection } from "./live";
export * from "./reading";
export { type APIKey, type Event, type Finding, type Me, type Money, type Page, ProblemError, type Schemas, type Stage, isStale, service } from "./service";
export { type Permission, refreshSession, signOut, useCan, useMe } from "./session";
export { type Window, useWindow } from "./window";
