import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { type Lead, type ListQuery, type PatchOf, isStale, refresh, service, useCan, usePeople, usePipeline } from "../../data";
import { doEach } from "../../data/bulk";
import { etagOf } from "../../data/service";
import { titleOf } from "../../format";
import { reasonOf } from "../../format/faults";
import { Button, ConfirmDialog, Dialog, Icon, Menu, RecordField, toast } from "../../kit";
import type { Selection } from "../../kit/VirtualTable";

interface BulkBarProps {
  query: ListQuery<"leads">;
  selection: Selection;
  total: number | null;
  onDone(): void;
}

const leads = () => service().leads;

/** The selected leads as they are now. */
async function* selected({ ids, isAll }: Selection, query: ListQuery<"leads">): AsyncGenerator<Lead> {
  if (isAll) {
    // All of them first: what is changed might be listed twice, or not any more.
    const all: Lead[] = [];
    for await (const lead of leads().all({ ...query, limit: 200 })) all.push(lead);
    yield* all;
    return;
  }
  const list = [...ids];
  for (let first = 0; first < list.length; first += 200) yield* (await leads().list({ "id[in]": list.slice(first, first + 200), limit: 200 })).data;
}

function useBulk({ query, selection, onDone }: BulkBarProps) {
  const { t } = useLingui();
  const [progress, setProgress] = useState<number | null>(null);

  /** Does something to all that are selected, and offers to undo it. */
  const run = async <R,>(act: (lead: Lead) => Promise<R>, undo: (result: R) => Promise<unknown>, said: (count: number) => string): Promise<void> => {
    setProgress(0);
    try {
      const { done, failed } = await doEach(selected(selection, query), act, { onEnd: () => setProgress((before) => (before ?? 0) + 1) });
      refresh("leads");
      const takeBack = async (): Promise<void> => {
        const { failed: left } = await doEach(done, undo);
        refresh("leads");
        const changed = left.filter(({ error }) => isStale(error)).length;
        const refused = left.filter(({ error }) => !isStale(error));
        const [reason] = refused.map(({ error }) => reasonOf(error));
        if (left.length === 0) toast(t`Undone`);
        if (changed > 0) toast(plural(changed, { one: "# lead has been changed since, and stays as it is", other: "# leads have been changed since, and stay as they are" }), { tone: "danger" });
        if (reason !== undefined) toast(plural(refused.length, { one: `# lead stays as it is: ${reason}`, other: `# leads stay as they are: ${reason}` }), { tone: "danger" });
      };
      if (done.length > 0) toast(said(done.length), { action: { label: t`Undo`, act: () => void takeBack() } });
      const [first] = failed;
      if (first) toast(plural(failed.length, { one: `# lead was not changed: ${reasonOf(first.error)}`, other: `# leads were not changed: ${reasonOf(first.error)}` }), { tone: "danger" });
      onDone();
    } catch (error) {
      toast(t`The leads cannot be read: ${reasonOf(error)}`, { tone: "danger" });
    } finally {
      setProgress(null);
    }
  };

  const change = (patch: PatchOf<"leads">, before: (lead: Lead) => PatchOf<"leads">, said: (count: number) => string): Promise<void> =>
    run(
      async (lead) => ({ was: before(lead), now: await leads().update(lead.id, patch, { ifMatch: etagOf(lead) }) }),
      ({ was, now }) => leads().update(now.id, was, { ifMatch: etagOf(now) }),
      said,
    );
  const remove = (said: (count: number) => string): Promise<void> =>
    run(
      async (lead) => {
        await leads().delete(lead.id);
        return lead.id;
      },
      (id) => leads().restore(id),
      said,
    );
  return { progress, change, remove };
}

/** What can be done with all the leads that are selected. */
export function BulkBar(props: BulkBarProps) {
  const { t } = useLingui();
  const can = useCan();
  const { stages } = usePipeline();
  const people = usePeople();
  const { progress, change, remove } = useBulk(props);
  const [asked, setAsked] = useState<"owner" | "delete" | null>(null);
  const [owner, setOwner] = useState<string | null>(null);
  const { selection, total, onDone } = props;
  const count = selection.isAll ? (total ?? 0) : selection.ids.size;
  const leadsOf = (number: number): string => plural(number, { one: "# lead", other: "# leads" });

  if (progress !== null) return <p role="status" className="numeric"><span className="spinner" aria-hidden="true" /> {t`${progress} of ${count} done…`}</p>;
  const moves = stages.map(({ key, name }) => ({
    id: key,
    label: name,
    act: () => void change({ stage: key }, (lead) => ({ stage: lead.stage }), (number) => t`${leadsOf(number)} moved to ${name}`),
  }));
  const person = people.get(owner ?? "");
  const assign = (): void => {
    setAsked(null);
    const name = person ? titleOf(person) : t`nobody`;
    void change({ owner_id: owner }, (lead) => ({ owner_id: lead.owner_id }), (number) => t`${leadsOf(number)} given to ${name}`);
  };
  return (
    <div className="toolbar bulk-bar" role="group" aria-label={t`Selected leads`}>
      <strong role="status">{t`${leadsOf(count)} selected`}</strong>
      <Menu label={t`Move to`} variant="secondary" items={moves}>
        {t`Move to`}
        <Icon name="down" size={14} />
      </Menu>
      <Button icon="user" onClick={() => setAsked("owner")}>
        {t`Set owner`}
      </Button>
      {can("delete:leads") && (
        <Button icon="trash" onClick={() => setAsked("delete")}>
          {t`Delete`}
        </Button>
      )}
      <Button variant="ghost" onClick={onDone}>
        {t`Clear selection`}
      </Button>
      {asked === "delete" && (
        <ConfirmDialog
          title={t`Delete ${leadsOf(count)}?`}
          action={t`Delete`}
          onClose={() => setAsked(null)}
          onConfirm={() => {
            setAsked(null);
            void remove((number) => t`${leadsOf(number)} deleted`);
          }}
        >
          {t`This can be undone right after.`}
        </ConfirmDialog>
      )}
      {asked === "owner" && (
        <Dialog
          title={t`Owner of ${leadsOf(count)}`}
          size="small"
          onClose={() => setAsked(null)}
          footer={
            <>
              <Button onClick={() => setAsked(null)}>{t`Cancel`}</Button>
              <Button variant="primary" onClick={assign}>
                {owner === null ? t`Remove the owner` : t`Set owner`}
              </Button>
            </>
          }
        >
          <RecordField label={t`Owner`} kind="users" value={owner} onChange={setOwner} />
        </Dialog>
      )}
    </div>
  );
}
