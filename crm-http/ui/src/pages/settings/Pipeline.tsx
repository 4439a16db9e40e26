import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { Link } from "wouter";

import { type Schemas, ProblemError, isStale, cache, keys, refresh, service, usePipeline } from "../../data";
import { etagOf } from "../../data/service";
import { faultOf } from "../../format/faults";
import { fieldLabel } from "../../format/labels";
import { Answer, Button, Icon, announce, toast } from "../../kit";
import { Part, Refusal, useRefusal } from "./parts";
import { StageRow } from "./StageRow";
import { type Draft, draftsOf, dropIndex, missingKinds, move, stagesOf } from "./stages";

type PipelineRecord = Schemas["Pipeline"];

const MOST = 50;
const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** How many leads are in each stage. */
function useLeadsIn(): (key: string) => number {
  const { data } = useQuery({ queryKey: keys.figure("overview"), queryFn: ({ signal }) => service(signal).analytics.overview() });
  return (key) => data?.leads.by_stage.find(({ stage }) => stage === key)?.count ?? 0;
}

interface Faults {
  top: string | null;
  /** By the stages' places. */
  rows: Readonly<Record<number, readonly string[]>>;
}

const NONE: Faults = { top: null, rows: {} };

/** What was refused, at the stages that it is about. */
export function faultsOf(error: ProblemError): { top: string[]; rows: Record<number, string[]> } {
  const faults = { top: [] as string[], rows: {} as Record<number, string[]> };
  for (const fault of error.errors) {
    const place = /^\/stages\/(\d+)(?:\/(\w+))?/.exec(fault.pointer ?? "");
    if (place) (faults.rows[Number(place[1])] ??= []).push(place[2] === undefined ? faultOf(fault) : `${fieldLabel(place[2])}: ${faultOf(fault)}`);
    else faults.top.push(faultOf(fault));
  }
  return faults;
}

function Editor({ pipeline }: { pipeline: PipelineRecord }) {
  const { t } = useLingui();
  const refusal = useRefusal();
  const leadsIn = useLeadsIn();
  const [base, setBase] = useState(pipeline);
  const [drafts, setDrafts] = useState(() => draftsOf(pipeline.stages));
  const [faults, setFaults] = useState<Faults>(NONE);
  const [blocked, setBlocked] = useState<{ draft: Draft; count: number } | null>(null);
  const [isBusy, setBusy] = useState(false);
  const list = useRef<HTMLOListElement>(null);
  const isDirty = !isSame(stagesOf(drafts), base.stages.map((stage) => ({ ...stage })));
  const isNewer = pipeline.version > base.version;

  const take = (next: PipelineRecord): void => {
    setBase(next);
    setDrafts(draftsOf(next.stages));
    setFaults(NONE);
    setBlocked(null);
  };
  useEffect(() => {
    if (isNewer && !isDirty) take(pipeline);
  }, [isNewer, isDirty, pipeline]);

  const change = (next: readonly Draft[]): void => {
    setDrafts([...next]);
    setFaults(NONE);
    setBlocked(null);
  };
  const moveTo = (from: number, to: number): void => {
    const stage = drafts[from];
    if (!stage || to < 0 || to >= drafts.length || from === to) return;
    flushSync(() => change(move(drafts, from, to)));
    announce(t`${stage.name} is now stage ${to + 1} of ${drafts.length}`);
    // The button stays under the finger; where it is off at the end, its neighbour takes over.
    const row = list.current?.children[to];
    const direction = to < from ? "up" : "down";
    const buttons = [`[data-move="${direction}"]:enabled`, "[data-move]:enabled"].map((selector) => row?.querySelector<HTMLElement>(selector));
    buttons.find(Boolean)?.focus();
  };
  const remove = (draft: Draft): void => {
    const count = draft.isNew ? 0 : leadsIn(draft.key);
    if (count > 0) return setBlocked({ draft, count });
    const before = drafts;
    change(drafts.filter(({ id }) => id !== draft.id));
    toast(t`“${draft.name}” is taken out when you save`, { action: { label: t`Undo`, act: () => change(before) } });
  };
  const add = (): void => {
    const id = crypto.randomUUID();
    const fresh: Draft = { id, key: "", name: "", kind: "open", qualified: false, probability: 0.5, isNew: true };
    const end = drafts.findLastIndex(({ kind }) => kind === "open") + 1;
    change([...drafts.slice(0, end), fresh, ...drafts.slice(end)]);
  };
  const save = async (): Promise<void> => {
    const unnamed = drafts.flatMap(({ name }, index) => (name.trim() === "" ? [[index, [t`Give it a name`]] as const] : []));
    const missing = missingKinds(drafts);
    if (unnamed.length > 0 || missing.length > 0) {
      return setFaults({ top: missing.length > 0 ? t`A pipeline needs at least one open, one won and one lost stage.` : null, rows: Object.fromEntries(unnamed) });
    }
    setBusy(true);
    try {
      const saved = await service().replacePipeline(stagesOf(drafts), { ifMatch: etagOf(base) });
      cache.setQueryData<PipelineRecord>(keys.pipeline, saved);
      take(saved);
      refresh("leads");
      toast(t`Pipeline saved`, { tone: "success" });
    } catch (error) {
      if (isStale(error)) {
        await cache.invalidateQueries({ queryKey: keys.pipeline });
        setFaults({ top: t`Somebody else changed the pipeline meanwhile. Look at what it is now before you save.`, rows: {} });
      } else if (error instanceof ProblemError && error.status === 422) {
        const { top, rows } = faultsOf(error);
        setFaults({ top: top.length > 0 ? t`The pipeline ${top.join("; ")}` : null, rows });
      } else setFaults({ top: refusal(error), rows: {} });
    }
    setBusy(false);
  };

  return (
    <>
      {faults.top !== null && <Refusal message={faults.top} onDismiss={() => setFaults({ ...faults, top: null })} />}
      {blocked && (
        <Refusal
          onDismiss={() => setBlocked(null)}
          message={
            <>
              {t`“${blocked.draft.name}” cannot be removed: ${plural(blocked.count, { one: "# lead is", other: "# leads are" })} in it. Move them to another stage first.`}{" "}
              <Link href={`/leads?stage=${blocked.draft.key}`}>{t`Show the leads`}</Link>
            </>
          }
        />
      )}
      {isNewer && isDirty && (
        <div className="form-notice" role="status">
          {t`Somebody else changed the pipeline meanwhile. Saving is refused until you have seen it.`}
          <Button size="small" onClick={() => take(pipeline)}>{t`Discard mine and show theirs`}</Button>
        </div>
      )}
      <ol ref={list} className="stages" aria-label={t`Stages, in order`}>
        {drafts.map((draft, index) => (
          <StageRow
            key={draft.id}
            stage={draft}
            index={index}
            count={drafts.length}
            faults={faults.rows[index] ?? []}
            onChange={(next) => change(drafts.map((other) => (other.id === draft.id ? next : other)))}
            onMove={(to) => moveTo(index, to)}
            onDrop={(from, isBelow) => moveTo(from, dropIndex(from, index, isBelow))}
            onRemove={() => remove(draft)}
          />
        ))}
      </ol>
      <div className="stage-add">
        <Button icon="plus" disabled={drafts.length >= MOST} onClick={add}>
          {t`Add a stage`}
        </Button>
      </div>
      {isDirty && (
        <div className="save-bar" role="region" aria-label={t`Changes that are not saved`}>
          <span>
            <Icon name="info" size={16} /> {t`There are changes that are not saved.`}
          </span>
          <Button onClick={() => take(pipeline)}>{t`Discard`}</Button>
          <Button variant="primary" isBusy={isBusy} onClick={() => void save()}>
            {t`Save the pipeline`}
          </Button>
        </div>
      )}
    </>
  );
}

/** The stages that leads go through. */
export function Pipeline() {
  const { t } = useLingui();
  const query = usePipeline();
  return (
    <Part title={t`Pipeline`} about={t`The stages that leads go through, in order: drag them by their handles, or move them with the arrows. The probability weighs the forecast; leads in qualified stages count as qualified.`}>
      <Answer query={query}>{(pipeline) => <Editor pipeline={pipeline} />}</Answer>
    </Part>
  );
}
