/** What a page or a part of it shows when there is nothing else to show. */

import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";

import { ProblemError } from "../data/service";
import { isUnreachable, reasonOf } from "../format/faults";
import { Button } from "./Button";
import { Icon, type IconName } from "./Icon";
import { Skeleton } from "./display";

interface StateProps {
  icon: IconName;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
  /** It is in place of the whole page, whose heading it has. */
  isPage?: boolean | undefined;
}

function State({ icon, title, children, actions, isPage = false }: StateProps) {
  const Heading = isPage ? "h1" : "h2";
  return (
    <div className="state">
      <span className="state-icon">
        <Icon name={icon} size={28} />
      </span>
      <Heading>{title}</Heading>
      {children && <p>{children}</p>}
      {actions && <div className="state-actions">{actions}</div>}
    </div>
  );
}

/** Nothing here yet: says what to do first. */
export const EmptyState = State;

/** What happened, and the way on. */
export function ErrorState({ error, onRetry, isPage }: { error: Error; onRetry?: (() => void) | undefined; isPage?: boolean | undefined }) {
  const { t } = useLingui();
  if (error instanceof ProblemError && error.status === 403) return <Forbidden isPage={isPage} />;
  const isOffline = isUnreachable(error);
  const isGone = error instanceof ProblemError && error.status === 404;
  const title = isOffline ? t`The server cannot be reached` : isGone ? t`This does not exist, or not any more` : t`Something went wrong`;
  const detail = isOffline ? t`Check your connection. Nothing that was saved is lost.` : reasonOf(error);
  const requestId = error instanceof ProblemError && error.status >= 500 ? error.requestId : null;
  return (
    <div role="alert">
      <State
        icon={isOffline ? "offline" : "warning"}
        title={title}
        isPage={isPage}
        actions={
          onRetry && (
            <Button icon="refresh" onClick={onRetry}>
              {t`Try again`}
            </Button>
          )
        }
      >
        {detail}
        {requestId !== null && <small> {t`Request ${requestId}`}</small>}
      </State>
    </div>
  );
}

/** The role does not permit this. */
export function Forbidden({ isPage }: { isPage?: boolean | undefined }) {
  const { t } = useLingui();
  return (
    <State icon="lock" title={t`You may not see this`} isPage={isPage}>
      {t`Your role does not permit it. An owner or an admin of the workspace can change that.`}
    </State>
  );
}

/** A page or a panel that is being loaded. */
export function Loading({ lines = 6 }: { lines?: number }) {
  const { t } = useLingui();
  return (
    <div className="loading" role="status" aria-label={t`Loading`}>
      <Skeleton lines={lines} />
    </div>
  );
}

export interface AnswerProps<T> {
  query: { data: T | undefined; error: Error | null; refetch(): unknown };
  lines?: number;
  isPage?: boolean;
  children(data: T): ReactNode;
}

/** Shows what a query gives, or why it does not. */
export function Answer<T>({ query, lines, isPage, children }: AnswerProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <ErrorState error={query.error} isPage={isPage} onRetry={() => void query.refetch()} />;
  return <Loading {...(lines !== undefined && { lines })} />;
}
