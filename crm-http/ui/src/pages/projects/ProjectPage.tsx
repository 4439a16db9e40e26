import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { type ReactNode, Suspense, lazy, useEffect, useState } from "react";
import { Link, useLocation } from "wouter";

import { config } from "../../config";
import { type Project, Yielded, useCan, useCount, useRecord, useRemove, useRestore, useUpdate } from "../../data";
import { formatDate, formatDateTime, formatMoney, formatNumber } from "../../format";
import { reasonOf } from "../../format/faults";
import { useLabels } from "../../format/labels";
import { Answer, Button, Icon, Loading, Menu, announce, classes, toast } from "../../kit";
import { History } from "../../kit/History";
import { partOf } from "../../kit/partOf";
import { RecordLink } from "../../kit/RecordLink";
import { isLate } from "./late";
import { StatusBadge } from "./StatusBadge";
import { STATUSES, type Status } from "./values";

const EditProject = lazy(() => import("./EditProject"));
const RecordTasks = partOf<{ of: { project_id: string } }>("tasks", () => import("../tasks/RecordTasks"));

/** Gives a function that deletes a project and goes to the list, and undoes both. */
function useDelete(): (project: Project) => void {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const remove = useRemove("projects");
  const restore = useRestore("projects");
  const refuse = (error: Error): void => toast(reasonOf(error), { tone: "danger" });
  return ({ id, name }) => {
    const undo = (): void => void restore.mutateAsync(id).then(() => navigate(`/projects/${id}`), refuse);
    navigate("/projects");
    void remove.mutateAsync(id).then(() => toast(t`${name} deleted`, { action: { label: t`Undo`, act: undo } }), refuse);
  };
}

function StatusMenu({ project }: { project: Project }) {
  const { t } = useLingui();
  const labels = useLabels();
  const update = useUpdate("projects");
  const set = async (from: Project, status: Status): Promise<void> => {
    if (from.status === status) return;
    try {
      const changed = await update.mutateAsync({ record: from, patch: { status } });
      const said = t`${from.name} is now: ${labels.value(status)}`;
      toast(said, { about: from.id, action: { label: t`Undo`, act: () => void set(changed, from.status) } });
      announce(said);
    } catch (error) {
      if (!(error instanceof Yielded)) toast(t`The status could not be changed`, { tone: "danger" });
    }
  };
  return (
    <Menu
      label={t`Status: ${labels.value(project.status)}`}
      variant="secondary"
      items={STATUSES.map((status) => ({ id: status, label: labels.value(status), isChosen: status === project.status, act: () => void set(project, status) }))}
    >
      <StatusBadge status={project.status} />
      <Icon name="down" size={14} />
    </Menu>
  );
}

function Progress({ project }: { project: Project }) {
  const { t } = useLingui();
  const all = useCount("tasks", { project_id: project.id });
  const done = useCount("tasks", { project_id: project.id, status: "done" });
  if (!all.data || done.data === undefined) return <span className="muted">{t`no tasks`}</span>;
  const share = done.data / all.data;
  return (
    <span className="project-progress">
      <progress value={done.data} max={all.data} aria-label={t`Tasks done`}>
        {Math.round(share * 100)}
      </progress>
      <span className="numeric">{plural(all.data, { one: `${formatNumber(done.data)} of # task`, other: `${formatNumber(done.data)} of # tasks` })}</span>
    </span>
  );
}

function Facts({ project }: { project: Project }) {
  const { t } = useLingui();
  const facts: readonly [string, ReactNode][] = [
    [t`Progress`, <Progress key="progress" project={project} />],
    [t`Customer`, project.customer_id && <RecordLink kind="customers" id={project.customer_id} />],
    [t`Start`, project.starts_on && formatDate(project.starts_on)],
    [t`Due`, project.due_on && <span className={classes(isLate(project) && "project-late")}>{formatDate(project.due_on)} {isLate(project) && t`(overdue)`}</span>],
    [t`Budget`, project.budget && <strong className="numeric">{formatMoney(project.budget)}</strong>],
    [t`Created`, formatDateTime(project.created_at)],
  ];
  return (
    <section className="card" aria-label={t`Facts`}>
      <div className="card-header">
        <h2>{t`Facts`}</h2>
      </div>
      <dl className="project-facts">
        {facts
          .filter(([, value]) => value !== null)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      {project.description !== null && <p className="project-description">{project.description}</p>}
    </section>
  );
}

function Page({ project }: { project: Project }) {
  const { t } = useLingui();
  const can = useCan();
  const remove = useDelete();
  const [isEditing, setEditing] = useState(false);
  useEffect(() => {
    document.title = `${project.name} · ${config.name}`;
  }, [project.name]);
  return (
    <div className="project-page">
      <div className="page-header">
        <div className="project-heading">
          <p>
            <Link href="/projects">{t`Projects`}</Link>
          </p>
          <h1>{project.name}</h1>
        </div>
        <div className="toolbar">
          {can("update:projects") ? (
            <>
              <StatusMenu project={project} />
              <Button icon="edit" onClick={() => setEditing(true)}>{t`Edit`}</Button>
            </>
          ) : (
            <StatusBadge status={project.status} />
          )}
          {can("delete:projects") && <Menu label={t`More`} items={[{ id: "delete", label: t`Delete project`, icon: "trash", isDanger: true, act: () => remove(project) }]} />}
        </div>
      </div>
      <div className="project-columns">
        <div className="project-main">
          {config.pages.includes("tasks") && can("read:tasks") && (
            <Suspense fallback={<Loading lines={5} />}>
              <RecordTasks of={{ project_id: project.id }} />
            </Suspense>
          )}
          <section className="card" aria-label={t`Changes`}>
            <div className="card-header">
              <h2>{t`Changes`}</h2>
            </div>
            <History kind="projects" id={project.id} />
          </section>
        </div>
        <Facts project={project} />
      </div>
      {isEditing && (
        <Suspense>
          <EditProject project={project} onClose={() => setEditing(false)} />
        </Suspense>
      )}
    </div>
  );
}

export default function ProjectPage({ id }: { id: string }) {
  const { t } = useLingui();
  const project = useRecord("projects", id);
  return (
    <>
      <Answer query={project} lines={10} isPage>
        {(found) => <Page project={found} />}
      </Answer>
      {!project.data && project.error && (
        <p className="project-back">
          <Link href="/projects">
            <Icon name="left" size={14} /> {t`All projects`}
          </Link>
        </p>
      )}
    </>
  );
}
