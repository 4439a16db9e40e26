import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useEffect, useId, useState } from "react";

import { formatNumber } from "../../format";
import { Button, Dialog } from "../../kit";
import type { Failure, Job } from "./bulk";

/** What is over sooner needs no dialog. */
const PATIENCE = 500;
const MOST = 100;

/** How far something is that counts. */
export function Progress({ label, done, total }: { label: string; done: number; total: number | null }) {
  const { t } = useLingui();
  const id = useId();
  const numbers = total === null ? formatNumber(done) : t`${formatNumber(done)} of ${formatNumber(total)}`;
  return (
    <div className="progress">
      <label htmlFor={id}>{label}</label>
      <progress id={id} max={total ?? 1} {...(total !== null && { value: done })} />
      <span className="muted numeric">{numbers}</span>
    </div>
  );
}

/** What failed, and why. */
export function Failures({ failures }: { failures: readonly Failure[] }) {
  const { t } = useLingui();
  const rest = failures.length - MOST;
  return (
    <ul className="failures" aria-label={t`What failed`} tabIndex={0}>
      {failures.slice(0, MOST).map(({ title, reason }, index) => (
        <li key={index}>
          {title !== "" && <strong>{title}</strong>} <span className="muted">{reason}</span>
        </li>
      ))}
      {rest > 0 && <li className="muted">{plural(rest, { one: "and # more", other: "and # more" })}</li>}
    </ul>
  );
}

/** Shows a job that takes longer, and whatever of it failed. */
export function JobDialog({ job, onStop, onClose }: { job: Job; onStop(): void; onClose(): void }) {
  const { t } = useLingui();
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setLong(true), PATIENCE);
    return () => window.clearTimeout(timer);
  }, []);
  if (!isLong && !job.isOver) return null;
  const failed = job.failures.length;
  return (
    <Dialog
      title={job.title}
      isRequired={!job.isOver}
      onClose={onClose}
      footer={job.isOver ? <Button variant="primary" onClick={onClose}>{t`Close`}</Button> : <Button onClick={onStop}>{t`Stop`}</Button>}
    >
      <Progress label={job.isOver ? t`Done` : t`Working…`} done={job.done} total={job.total} />
      {failed > 0 && (
        <>
          <p role="status">{t`${plural(failed, { one: "# customer", other: "# customers" })} could not be changed:`}</p>
          <Failures failures={job.failures} />
        </>
      )}
    </Dialog>
  );
}
