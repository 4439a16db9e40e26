import { Trans, useLingui } from "@lingui/react/macro";
import { type ReactNode, type Ref, memo, useId } from "react";
import { Link } from "wouter";

import { config } from "../../config";
import { type Event, usePeople } from "../../data";
import type { ReferredKind } from "../../data/referred";
import { formatDateTime, formatTime, titleOf } from "../../format";
import { useFieldText } from "../../format/fieldText";
import { useLabels } from "../../format/labels";
import { Avatar, Badge, Button, IconButton, type Tone, classes } from "../../kit";
import { useActor } from "../../kit/EventText";
import { Changes } from "../../kit/History";
import { RecordLink } from "../../kit/RecordLink";
import { toldOf } from "../../kit/told";
import { type Filter, NOTHING } from "./filter";

const REFERRED: readonly string[] = ["customers", "contacts", "leads", "interactions", "projects", "tasks"] satisfies ReferredKind[];
const isReferred = (object: string): object is ReferredKind => REFERRED.includes(object);

const TONES: Readonly<Record<Event["kind"], Tone>> = { created: "success", updated: "neutral", deleted: "danger", restored: "accent", erased: "danger" };
const MOST_NAMED = 4;
const MOST_LETTERS = 30;
const NAMES = ["company", "name", "title", "subject", "email"];

/** What a record was called by an event itself. */
function nameIn(event: Event): string | null {
  for (const field of NAMES) {
    const change = event.changes.find((candidate) => candidate.field === field);
    const value = change?.new ?? change?.old;
    if (typeof value === "string") return value;
  }
  return null;
}

/** What it happened to: by name, with a link where there is a page. */
function Subject({ event }: { event: Event }): ReactNode {
  const { t } = useLingui();
  const people = usePeople();
  const { object, record_id: id } = event;
  const name = nameIn(event);
  if (event.kind === "erased") return null;
  if (object === "users") {
    const user = people.get(id);
    const text = user ? titleOf(user) : (name ?? t`somebody`);
    return config.pages.includes("settings") ? <Link href="/settings/people">{text}</Link> : text;
  }
  if (isReferred(object)) return event.kind === "deleted" && name !== null ? name : <RecordLink kind={object} id={id} />;
  return name;
}

/** An event in a sentence. */
function Sentence({ event }: { event: Event }): ReactNode {
  const labels = useLabels();
  const people = usePeople();
  const actor = <strong>{useActor()(event)}</strong>;
  const subject = <Subject event={event} />;
  const value = (field: string): string => String(event.changes.find((change) => change.field === field)?.new ?? "");
  if (event.object === "incidents") {
    if (value("kind") === "login_failed") {
      const user = people.get(value("user_id"));
      const who = <strong>{user ? titleOf(user) : value("user_id")}</strong>;
      return <Trans>A sign-in as {who} failed</Trans>;
    }
    const tried = <code>{value("tried")}</code>;
    return <Trans>{actor} tried what their role does not permit: {tried}</Trans>;
  }
  const kind = labels.kind(event.object);
  switch (event.kind) {
    case "created": return <Trans>{actor} created {kind} {subject}</Trans>;
    case "updated": return <Trans>{actor} changed {kind} {subject}</Trans>;
    case "deleted": return <Trans>{actor} deleted {kind} {subject}</Trans>;
    case "restored": return <Trans>{actor} restored {kind} {subject}</Trans>;
    case "erased": return <Trans>{actor} erased {kind} for good</Trans>;
  }
}

/** What changed, as far as a line has room: one field with its values, or the names of several. */
function Summary({ event }: { event: Event }): ReactNode {
  const labels = useLabels();
  const text = useFieldText();
  if (event.kind !== "updated") return null;
  const told = toldOf(event);
  const [only] = told;
  if (!only) return null;
  const names = told.slice(0, MOST_NAMED).map(({ field }) => labels.field(field)).join(", ");
  const isShort = told.length === 1 && [only.old, only.new].every((value) => text(only.field, value).length <= MOST_LETTERS);
  if (!isShort) return <span className="muted"> · {names}{told.length > MOST_NAMED && " …"}</span>;
  return <span className="muted"> · {labels.field(only.field)}: {text(only.field, only.old)} → {text(only.field, only.new)}</span>;
}

interface EntryProps {
  ref: Ref<HTMLLIElement>;
  /** Its place among the lines of the log. */
  index: number;
  event: Event;
  /** Which one of its day it is, of how many that are loaded: a screen reader sees only those that are shown. */
  at: number;
  of: number;
  isOpen: boolean;
  onToggle(seq: number): void;
  filter: Filter;
  onFilter(filter: Filter): void;
}

function PlainEntry({ ref, index, event, at, of, isOpen, onToggle, filter, onFilter }: EntryProps) {
  const { t } = useLingui();
  const actor = useActor()(event);
  const id = useId();
  const kinds = { created: t`Created`, updated: t`Changed`, deleted: t`Deleted`, restored: t`Restored`, erased: t`Erased` };
  return (
    <li ref={ref} data-index={index} className={classes("log-entry", at === of && "is-last")} aria-posinset={at} aria-setsize={of}>
      <Avatar name={actor} size="small" />
      <div className="log-main">
        <p>
          <Sentence event={event} />
          <Summary event={event} />
        </p>
        {isOpen && (
          <div id={id} className="log-details">
            <Changes event={event} />
            <p className="muted">
              {t`Event ${event.seq}`} · {formatDateTime(event.at)}
              {event.request_id !== null && <> · {t`Request ${event.request_id}`}</>}
            </p>
            <div className="toolbar">
              {filter.record !== event.record_id && event.object !== "incidents" && (
                <Button size="small" icon="filter" onClick={() => onFilter({ ...NOTHING, record: event.record_id })}>{t`Only this record`}</Button>
              )}
              {event.actor !== "" && filter.actor !== event.actor && (
                <Button size="small" icon="filter" onClick={() => onFilter({ ...filter, actor: event.actor })}>{t`Only by ${actor}`}</Button>
              )}
            </div>
          </div>
        )}
      </div>
      <span className="log-badge">
        <Badge tone={event.object === "incidents" ? "warning" : TONES[event.kind]}>{event.object === "incidents" ? t`Refused` : kinds[event.kind]}</Badge>
      </span>
      <time dateTime={event.at} className="muted numeric">{formatTime(event.at)}</time>
      <IconButton icon={isOpen ? "up" : "down"} label={isOpen ? t`Hide the details` : t`Show the details`} aria-expanded={isOpen} aria-controls={isOpen ? id : undefined} onClick={() => onToggle(event.seq)} />
    </li>
  );
}

// What filters is made anew at each render and does the same: it is left out of the comparison.
export const Entry = memo(PlainEntry, (before, after) =>
  (["index", "event", "at", "of", "isOpen", "filter"] as const).every((name) => before[name] === after[name]));
