import { useLingui } from "@lingui/react/macro";
import { Link } from "wouter";

import { config } from "../config";
import { Missing, type ReferredKind, useReferred } from "../data/referred";
import { ProblemError } from "../data/service";
import { titleOf } from "../format";
import { Skeleton } from "./display";

/** What a record is called that is referred to, with a link to its page where that is on. */
export function RecordLink({ kind, id }: { kind: ReferredKind; id: string }) {
  const { t } = useLingui();
  const { data, error } = useReferred(kind, id);
  const isGone = error instanceof Missing || (error instanceof ProblemError && error.status === 404);
  if (!data && error) return <span className="muted">{isGone ? t`deleted` : t`not available`}</span>;
  if (!data) return <Skeleton />;
  return config.pages.includes(kind) ? <Link href={`/${kind}/${id}`}>{titleOf(data)}</Link> : <>{titleOf(data)}</>;
}
