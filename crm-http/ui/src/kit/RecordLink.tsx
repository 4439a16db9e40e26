import { useLingui } from "@lingui/react/macro";
import { Link } from "wouter";

import { config } from "../config";
import type { RecordOf } from "../data/kinds";
import { Missing, type ReferredKind, useReferred } from "../data/referred";
import { ProblemError } from "../data/service";
import { titleOf } from "../format";
import { Skeleton } from "./display";

/** Where a record is seen, if that page is on: on its own, or on that of what it belongs to. */
function pathOf(kind: ReferredKind, record: RecordOf<ReferredKind>): string | null {
  const owners = [
    ["customers", kind === "customers" ? record.id : "customer_id" in record ? record.customer_id : null],
    ["leads", kind === "leads" ? record.id : "lead_id" in record ? record.lead_id : null],
    ["projects", kind === "projects" ? record.id : "project_id" in record ? record.project_id : null],
  ] as const;
  const isOwn = kind === "customers" || kind === "leads" || kind === "projects";
  const owner = owners.find(([page, id]) => (isOwn ? page === kind : id !== null && id !== undefined) && config.pages.includes(page));
  return owner ? `/${owner[0]}/${owner[1]}` : null;
}

/** What a record is called that is referred to, with a link to its page where that is on. */
export function RecordLink({ kind, id }: { kind: ReferredKind; id: string }) {
  const { t } = useLingui();
  const { data, error } = useReferred(kind, id);
  const isGone = error instanceof Missing || (error instanceof ProblemError && error.status === 404);
  if (!data && error) return <span className="muted">{isGone ? t`deleted` : t`not available`}</span>;
  if (!data) return <Skeleton />;
  const path = pathOf(kind, data);
  return path === null ? <>{titleOf(data)}</> : <Link href={path}>{titleOf(data)}</Link>;
}
