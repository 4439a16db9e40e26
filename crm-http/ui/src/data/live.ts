/** What others change, as it happens: one stream for the tab, which tells the cache. */

import { useSyncExternalStore } from "react";

import { config } from "../config";
import { cache, changeInLists, kept, put } from "./cache";
import { keys } from "./keys";
import type { AnyRecord, Kind } from "./kinds";
import { refreshSession } from "./session";
import type { Event } from "./service";

/** Events are gathered this long, so that many of them are one change on screen. */
const GATHER = 200;
/** Figures are asked for at most this often. */
const FIGURES = 1000;
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;
/** A tab that nobody looks at gives its connection back after this long. */
const HIDDEN = 60_000;
/** The server says something at least every 15 seconds; a stream that is silent is not known to be dead, one that fails is. */
const KINDS: readonly string[] = ["customers", "contacts", "interactions", "leads", "projects", "tasks", "users"] satisfies Kind[];

export type Connection = "connecting" | "live" | "offline";

let connection: Connection = "connecting";
const listeners = new Set<() => void>();

function say(next: Connection): void {
  if (connection === next) return;
  connection = next;
  for (const listener of listeners) listener();
}

export const useConnection = (): Connection =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => connection,
  );

const isKind = (object: string): object is Kind => KINDS.includes(object);

/** A record as an event leaves it, if it is known as it was before. */
export function follow<R extends AnyRecord>(record: R, event: Event): R | null {
  if (record.version !== event.version - 1 || event.kind !== "updated") return null;
  const changes = Object.fromEntries(event.changes.map(({ field, new: value }) => [field, value ?? null]));
  return { ...record, ...changes, version: event.version, updated_at: event.at };
}

function applyToRecord(kind: Kind, event: Event): void {
  const id = event.record_id;
  const key = keys.record(kind, id);
  if (event.kind === "deleted" || event.kind === "erased") changeInLists(kind, id, () => null);
  const known = kept(kind, id);
  if (!known || known.version >= event.version) return;
  const followed = follow(known, event);
  if (followed) put(kind, followed);
  else void cache.invalidateQueries({ queryKey: key });
}

/** Tells the cache what has happened. */
function apply(events: readonly Event[]): void {
  const touched = new Set<Kind>();
  for (const event of events) {
    if (event.object === "pipelines") void cache.invalidateQueries({ queryKey: keys.pipeline });
    if (event.object === "settings") void cache.invalidateQueries({ queryKey: keys.settings });
    if (event.object === "api_keys") void cache.invalidateQueries({ queryKey: keys.apiKeys });
    if (!isKind(event.object)) continue;
    touched.add(event.object);
    applyToRecord(event.object, event);
    void cache.invalidateQueries({ queryKey: keys.history(event.object, event.record_id) });
  }
  for (const kind of touched) void cache.invalidateQueries({ queryKey: keys.lists(kind) });
  if (touched.has("users")) void Promise.all([cache.invalidateQueries({ queryKey: keys.people }), refreshSession()]);
  void cache.invalidateQueries({ queryKey: ["log"] });
}

/** Follows the tenant's log until it is stopped. */
export function startLive(): () => void {
  let source: EventSource | null = null;
  let after: string | null = null;
  let wait = FIRST_WAIT;
  let isStopped = false;
  let gathered: Event[] = [];
  const timers: Record<"gather" | "figures" | "retry" | "hide", number | null> = { gather: null, figures: null, retry: null, hide: null };

  const later = (name: keyof typeof timers, delay: number, act: () => void): void => {
    timers[name] ??= window.setTimeout(() => {
      timers[name] = null;
      act();
    }, delay);
  };
  const never = (name: keyof typeof timers): void => {
    if (timers[name] !== null) window.clearTimeout(timers[name]);
    timers[name] = null;
  };

  const take = (message: MessageEvent<string>): void => {
    after = message.lastEventId;
    gathered.push(JSON.parse(message.data) as Event);
    later("gather", GATHER, () => {
      const events = gathered;
      gathered = [];
      apply(events);
      later("figures", FIGURES, () => void cache.invalidateQueries({ queryKey: keys.analytics }));
    });
  };

  const connect = (): void => {
    if (isStopped) return;
    never("retry");
    source?.close();
    const mayHaveMissed = connection === "offline" && after === null;
    source = new EventSource(`${config.url}/api/live${after === null ? "" : `?after=${after}`}`);
    source.addEventListener("message", take);
    source.addEventListener("open", () => {
      wait = FIRST_WAIT;
      say("live");
      if (mayHaveMissed) void cache.invalidateQueries();
    });
    source.addEventListener("error", () => {
      // Why it ended cannot be seen here. Whether one is still signed in is asked for; all else is tried again.
      source?.close();
      source = null;
      say("offline");
      void refreshSession();
      const jitter = 0.5 + Math.random();
      later("retry", wait * jitter, connect);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    });
  };

  const onVisible = (): void => {
    if (document.hidden) {
      later("hide", HIDDEN, () => {
        source?.close();
        source = null;
        never("retry");
      });
      return;
    }
    never("hide");
    if (source === null) connect();
  };
  const onOnline = (): void => {
    wait = FIRST_WAIT;
    connect();
  };
  const onOffline = (): void => say("offline");

  document.addEventListener("visibilitychange", onVisible);
  window.addEventListener("online", onOnline);
  window.addEventListener("offline", onOffline);
  connect();
  return () => {
    isStopped = true;
    source?.close();
    for (const name of Object.keys(timers) as (keyof typeof timers)[]) never(name);
    document.removeEventListener("visibilitychange", onVisible);
    window.removeEventListener("online", onOnline);
    window.removeEventListener("offline", onOffline);
    say("connecting");
  };
}
