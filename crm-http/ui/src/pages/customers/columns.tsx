/** The columns of the list of customers. */

import { useLingui } from "@lingui/react/macro";
import { useMemo } from "react";
import { Link } from "wouter";

import { type Customer, usePeople } from "../../data";
import { formatDate, titleOf } from "../../format";
import { useLabels } from "../../format/labels";
import { Badge } from "../../kit";
import type { Column } from "../../kit/VirtualTable";

export const USUAL_COLUMNS: readonly string[] = ["company", "name", "email", "city", "country", "owner_id", "is_active", "created_at"];

/** The row leads there too: the link is for those who want another tab. */
const NameLink = ({ customer }: { customer: Customer }) => (
  <Link href={`/customers/${customer.id}`} className="row-link" tabIndex={-1}>
    {titleOf(customer)}
  </Link>
);

/** A line below the name, where there is no room for columns. */
const detailOf = ({ company, name, email, city }: Customer): string => [company === null ? null : name, city, email].filter(Boolean).join(" · ");

export function useCustomerColumns(isNarrow: boolean): readonly Column<Customer>[] {
  const { t, i18n } = useLingui();
  const labels = useLabels();
  const people = usePeople();
  return useMemo(() => {
    const text = (id: keyof Customer, width: number, sort?: string): Column<Customer> => ({
      id, header: labels.field(id), width, cell: (row) => row[id] as string | null, ...(sort !== undefined && { sort }),
    });
    const day = (id: "created_at" | "updated_at"): Column<Customer> => ({ id, header: labels.field(id), width: 122, sort: id, cell: (row) => formatDate(row[id]) });
    const status = (row: Customer) => (row.is_active ? <Badge tone="success">{t`Active`}</Badge> : <Badge>{t`Inactive`}</Badge>);
    const name: Column<Customer> = { id: "company", header: labels.field("company"), width: 200, sort: "company", cell: (row) => <NameLink customer={row} /> };
    if (isNarrow) {
      const cell = (row: Customer) => (
        <span className="row-lines">
          <NameLink customer={row} />
          <span className="muted">{detailOf(row)}</span>
        </span>
      );
      return [{ ...name, width: 200, cell }, { id: "is_active", header: labels.field("status"), width: 84, cell: status }];
    }
    return [
      name,
      text("name", 140, "name"),
      text("email", 190, "email"),
      text("phone", 130),
      text("city", 110),
      text("state", 120),
      text("country", 110),
      { id: "owner_id", header: labels.field("owner_id"), width: 120, cell: ({ owner_id: id }) => { const owner = id === null ? undefined : people.get(id); return owner && titleOf(owner); } },
      { id: "is_active", header: labels.field("status"), width: 92, cell: status },
      { id: "tags", header: labels.field("tags"), width: 160, cell: ({ tags }) => tags.slice(0, 3).map((tag) => <Badge key={tag}>{tag}</Badge>) },
      text("website", 180),
      text("address_line1", 170),
      text("postal_code", 100),
      text("external_id", 120),
      day("created_at"),
      day("updated_at"),
    ];
    // The language changes what `t` and the labels give.
  }, [isNarrow, people, i18n.locale]);
}
