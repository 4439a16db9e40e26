import { type ReactNode, useId } from "react";

import { ErrorState, IconButton, Skeleton } from "../../kit";

interface SectionProps {
  title: string;
  /** Makes one more of what it shows, for who may. */
  add?: { label: string; act(): void } | null;
  children: ReactNode;
}

/** A card of a customer's page. */
export function Section({ title, add, children }: SectionProps) {
  const id = useId();
  return (
    <section className="card" aria-labelledby={id}>
      <div className="card-header">
        <h2 id={id}>{title}</h2>
        {add && <IconButton icon="plus" label={add.label} onClick={add.act} />}
      </div>
      {children}
    </section>
  );
}

interface EntriesProps<R> {
  list: { rows: R[]; isPending: boolean; error: Error | null; refetch(): unknown; hasNextPage: boolean };
  none: string;
  children(row: R): ReactNode;
  /** The way to all of them, where there are more. */
  more?: ReactNode;
}

/** What is loaded of a customer's records of a kind. */
export function Entries<R extends { id: string }>({ list, none, children, more }: EntriesProps<R>) {
  if (list.isPending && !list.error) return <Skeleton lines={2} />;
  if (list.error && list.rows.length === 0) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (list.rows.length === 0) return <p className="muted">{none}</p>;
  return (
    <ul className="related">
      {list.rows.map((row) => (
        <li key={row.id}>{children(row)}</li>
      ))}
      {list.hasNextPage && more && <li>{more}</li>}
    </ul>
  );
}
