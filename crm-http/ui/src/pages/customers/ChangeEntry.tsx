import { useLingui } from "@lingui/react/macro";

import { type Event, usePeople } from "../../data";
import { formatDateTime, formatTime, titleOf } from "../../format";
import { useLabels } from "../../format/labels";
import { Icon } from "../../kit";
import { useActor } from "../../kit/EventText";

const LONG = 80;

/** One change of a customer, in a sentence. */
export function ChangeEntry({ event }: { event: Event }) {
  const { t } = useLingui();
  const labels = useLabels();
  const people = usePeople();
  const actor = useActor()(event);

  const textOf = (field: string, value: unknown): string => {
    if (value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0)) return "–";
    if (typeof value === "boolean") return value ? t`yes` : t`no`;
    const user = field === "owner_id" && typeof value === "string" ? people.get(value) : undefined;
    const text = user ? titleOf(user) : Array.isArray(value) ? value.join(", ") : typeof value === "object" ? JSON.stringify(value) : String(value);
    return text.length > LONG ? `${text.slice(0, LONG)}…` : text;
  };
  const sentence = (): string => {
    switch (event.kind) {
      case "created": return t`${actor} created this customer`;
      case "deleted": return t`${actor} deleted this customer`;
      case "restored": return t`${actor} brought this customer back`;
      case "erased": return t`${actor} erased this customer`;
      case "updated": {
        const names = event.changes.map(({ field }) => labels.field(field)).join(", ");
        return t`${actor} changed ${names}`;
      }
    }
  };
  return (
    <div className="entry is-change">
      <span className="entry-icon">
        <Icon name={event.kind === "deleted" ? "trash" : event.kind === "created" ? "plus" : event.kind === "restored" ? "undo" : "edit"} size={14} />
      </span>
      <div className="entry-body">
        <p>
          {sentence()} <time className="muted" dateTime={event.at} title={formatDateTime(event.at)}>{formatTime(event.at)}</time>
        </p>
        {event.kind === "updated" && (
          <ul className="entry-changes">
            {event.changes.map(({ field, old, new: now }) => (
              <li key={field}>
                <span className="muted">{labels.field(field)}:</span> <del>{textOf(field, old)}</del> <span aria-hidden="true">→</span> <ins>{textOf(field, now)}</ins>
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
