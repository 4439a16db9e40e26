import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Link } from "wouter";

import { config } from "../../config";
import { type Customer, type Task, useCan, useList, usePipeline, useUpdate } from "../../data";
import { type CreatableKind, type Defaults, openCreate } from "../../forms/registry";
import { formatDate, formatMoney, formatRelative, titleOf } from "../../format";
import { useLabels } from "../../format/labels";
import { Badge, Button, LoadMore, type Tone, toast } from "../../kit";
import { Entries, Section } from "./Section";

/** Makes something of this customer, filled in as far as it is known. */
export function useCreateFor({ id, company, name, email, phone }: Customer): (kind: CreatableKind) => void {
  return (kind) => void openCreate(kind, (kind === "leads" ? { customer_id: id, company, name, email, phone } : { customer_id: id }) as Defaults<typeof kind>);
}

interface RelatedProps {
  customer: Customer;
}

export function CustomerLeads({ customer }: RelatedProps) {
  const { t } = useLingui();
  const can = useCan();
  const create = useCreateFor(customer);
  const { stages } = usePipeline();
  const list = useList("leads", { customer_id: customer.id, sort: ["-created_at"] });
  const toneOf = (key: string): Tone => ({ open: "accent" as const, won: "success" as const, lost: "neutral" as const })[stages.find((stage) => stage.key === key)?.kind ?? "lost"];
  return (
    <Section title={t`Leads`} add={can("create:leads") ? { label: t`New lead`, act: () => create("leads") } : null}>
      <Entries list={list} none={t`No leads with this customer.`} more={<LoadMore hasMore isLoading={list.isFetchingNextPage} onLoad={() => void list.fetchNextPage()} />}>
        {(lead) => (
          <RelatedLine kind="leads" id={lead.id} title={titleOf(lead)}>
            {lead.value && <span className="numeric">{formatMoney(lead.value, "short")}</span>}
            <Badge tone={toneOf(lead.stage)}>{stages.find((stage) => stage.key === lead.stage)?.name ?? lead.stage}</Badge>
          </RelatedLine>
        )}
      </Entries>
    </Section>
  );
}

export function CustomerProjects({ customer }: RelatedProps) {
  const { t } = useLingui();
  const labels = useLabels();
  const can = useCan();
  const create = useCreateFor(customer);
  const list = useList("projects", { customer_id: customer.id, sort: ["-created_at"] });
  const tones: Partial<Record<string, Tone>> = { active: "accent", completed: "success", on_hold: "warning" };
  return (
    <Section title={t`Projects`} add={can("create:projects") ? { label: t`New project`, act: () => create("projects") } : null}>
      <Entries list={list} none={t`No projects with this customer.`} more={<LoadMore hasMore isLoading={list.isFetchingNextPage} onLoad={() => void list.fetchNextPage()} />}>
        {(project) => (
          <RelatedLine kind="projects" id={project.id} title={project.name}>
            {project.due_on !== null && <span className="muted">{formatDate(project.due_on)}</span>}
            <Badge tone={tones[project.status] ?? "neutral"}>{labels.value(project.status)}</Badge>
          </RelatedLine>
        )}
      </Entries>
    </Section>
  );
}

function RelatedLine({ kind, id, title, children }: { kind: "leads" | "projects"; id: string; title: string; children: ReactNode }) {
  return (
    <div className="related-line">
      <span className="related-title">{config.pages.includes(kind) ? <Link href={`/${kind}/${id}`}>{title}</Link> : title}</span>
      {children}
    </div>
  );
}

/** The tasks with a customer, the open ones first, to tick off. */
export function CustomerTasks({ customer }: RelatedProps) {
  const { t } = useLingui();
  const can = useCan();
  const create = useCreateFor(customer);
  const update = useUpdate("tasks");
  const open = useList("tasks", { customer_id: customer.id, status: "open", sort: ["due_at"] });
  const done = useList("tasks", { customer_id: customer.id, status: "done", sort: ["-updated_at"], limit: 5 });
  const now = new Date().toISOString();
  const set = (task: Task, status: Task["status"]): void =>
    void update.mutateAsync({ record: task, patch: { status } }).then(
      (changed) => toast(status === "done" ? t`Done: ${task.title}` : t`Open again: ${task.title}`, { action: { label: t`Undo`, act: () => set(changed, task.status) } }),
      () => toast(t`“${task.title}” could not be changed`, { tone: "danger" }),
    );
  // What was just ticked stays in its list until that is asked for again.
  const line = (task: Task) => (
    <div className="related-line">
      <input
        type="checkbox"
        aria-label={t`Done: ${task.title}`}
        checked={task.status === "done"}
        disabled={!can("update:tasks")}
        onChange={() => set(task, task.status === "done" ? "open" : "done")}
      />
      <span className={task.status === "done" ? "related-title is-done" : "related-title"}>{task.title}</span>
      {task.due_at !== null && task.status === "open" && <span className={task.due_at < now ? "is-overdue" : "muted"}>{formatRelative(task.due_at)}</span>}
    </div>
  );
  return (
    <Section title={t`Tasks`} add={can("create:tasks") ? { label: t`New task`, act: () => create("tasks") } : null}>
      <Entries list={open} none={t`Nothing to do.`} more={<LoadMore hasMore isLoading={open.isFetchingNextPage} onLoad={() => void open.fetchNextPage()} />}>
        {line}
      </Entries>
      {done.rows.length > 0 && (
        <details className="done-tasks">
          <summary>{t`Done`}</summary>
          <Entries list={done} none="" more={<Button variant="ghost" size="small" onClick={() => void done.fetchNextPage()}>{t`Show more`}</Button>}>
            {line}
          </Entries>
        </details>
      )}
    </Section>
  );
}
