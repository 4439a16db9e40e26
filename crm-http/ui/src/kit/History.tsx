import { useLingui } from "@lingui/react/macro";

import { type Kind, useHistory } from "../data";
import type { ReferredKind } from "../data/referred";
import type { Event } from "../data/service";
import { useFieldText } from "../format/fieldText";
import { useLabels } from "../format/labels";
import { Avatar, RelativeTime } from "./display";
import { useActor } from "./EventText";
import { Icon } from "./Icon";
import { RecordLink } from "./RecordLink";
import { Answer } from "./states";
import { toldOf } from "./told";

const REFERENCES: Record<string, ReferredKind> = { customer_id: "customers", lead_id: "leads", project_id: "projects" };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function Value({ field, value }: { field: string; value: unknown }) {
  const show = useFieldText();
  const kind = REFERENCES[field];
  return kind && typeof value === "string" && UUID.test(value) ? <RecordLink kind={kind} id={value} /> : <>{show(field, value)}</>;
}

/** What an event changed, field by field: before and after. */
export function Changes({ event }: { event: Event }) {
  const { t } = useLingui();
  const labels = useLabels();
  const told = toldOf(event);
  if (event.kind === "deleted" || event.kind === "erased" || told.length === 0) return null;
  return (
    <dl className="history-changes">
      {told.map(({ field, old, new: value }) => (
        <div key={field}>
          <dt>{labels.field(field)}</dt>
          <dd>
            {event.kind !== "created" && (
              <>
                <del><Value field={field} value={old} /></del>
                <Icon name="right" size={14} />
                <span className="visually-hidden">{t`became`}</span>
              </>
            )}
            <span><Value field={field} value={value} /></span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Entry({ event }: { event: Event }) {
  const { t } = useLingui();
  const actor = useActor()(event);
  const kinds = { created: t`created it`, updated: t`changed it`, deleted: t`deleted it`, restored: t`restored it`, erased: t`erased it` };
  return (
    <li className="history-entry">
      <Avatar name={actor} size="small" />
      <div className="history-main">
        <p>
          <strong>{actor}</strong> {kinds[event.kind]} <span className="muted">· <RelativeTime time={event.at} /></span>
        </p>
        {event.kind !== "restored" && <Changes event={event} />}
      </div>
    </li>
  );
}

/** Who changed what of a record, newest first. */
export function History({ kind, id }: { kind: Kind; id: string }) {
  return (
    <Answer query={useHistory(kind, id)}>
      {(events) => (
        <ol className="history">
          {events.map((event) => (
            <Entry key={event.seq} event={event} />
          ))}
        </ol>
      )}
    </Answer>
  );
}
