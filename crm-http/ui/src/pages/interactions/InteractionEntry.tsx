import { useLingui } from "@lingui/react/macro";
import { type ReactNode, Suspense, lazy, useState } from "react";

import { type Interaction, useCan, usePeople, useRemove, useRestore } from "../../data";
import { formatDateTime, formatTime, titleOf } from "../../format";
import { useLabels } from "../../format/labels";
import { Button, Icon, Menu, type MenuItem, toast } from "../../kit";

const EditInteraction = lazy(() => import("./EditInteraction"));

/** Longer texts are cut until somebody wants to read on. */
const LONG = 400;

/** One interaction of a timeline, with what it was about. */
export function InteractionEntry({ interaction, about }: { interaction: Interaction; about?: ReactNode }) {
  const { t } = useLingui();
  const labels = useLabels();
  const can = useCan();
  const people = usePeople();
  const remove = useRemove("interactions");
  const restore = useRestore("interactions");
  const [isEditing, setEditing] = useState(false);
  const [isWhole, setWhole] = useState(false);
  const { id, type, subject, description, occurred_at: at, created_by: by } = interaction;
  const author = by === null ? undefined : people.get(by);
  const kind = labels.value(type);

  // The entry is gone by the time at which its way back is asked for: promises outlast it, callbacks do not.
  const refuse = (text: string) => (): void => toast(text, { tone: "danger" });
  const undo = (): void => void restore.mutateAsync(id).catch(refuse(t`It could not be brought back`));
  const drop = (): void =>
    void remove.mutateAsync(id).then(() => toast(t`${kind} deleted`, { action: { label: t`Undo`, act: undo } }), refuse(t`It could not be deleted`));
  const items: MenuItem[] = [
    ...(can("update:interactions") ? [{ id: "edit", label: t`Edit`, icon: "edit" as const, act: () => setEditing(true) }] : []),
    ...(can("delete:interactions") ? [{ id: "delete", label: t`Delete`, icon: "trash" as const, isDanger: true, act: drop }] : []),
  ];
  const isLong = description !== null && description.length > LONG;
  const text = isLong && !isWhole ? `${description.slice(0, LONG)}…` : description;
  return (
    <div className="entry">
      <span className={`entry-icon ${type}`} data-tooltip={kind}>
        <Icon name={type} size={16} />
      </span>
      <div className="entry-body">
        <p className="entry-title">
          <span className="visually-hidden">{kind}: </span>
          {subject ?? (description === null ? kind : null)}
        </p>
        {text !== null && <p className="entry-text">{text}</p>}
        {isLong && <Button variant="ghost" size="small" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>{isWhole ? t`Show less` : t`Show all`}</Button>}
        <p className="entry-meta">
          {about && <>{about} · </>}
          {author && <>{titleOf(author)} · </>}
          <time dateTime={at} title={formatDateTime(at)}>{formatTime(at)}</time>
        </p>
      </div>
      {items.length > 0 && <Menu label={t`Actions for ${subject ?? kind}`} items={items} />}
      {isEditing && (
        <Suspense>
          <EditInteraction interaction={interaction} onClose={() => setEditing(false)} />
        </Suspense>
      )}
    </div>
  );
}
