import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { useLocation } from "wouter";

import { type Customer, type ListQuery, useWindow } from "../../data";
import { titleOf } from "../../format";
import { EmptyState, TextField } from "../../kit";
import { type Column, NOTHING_SELECTED, VirtualTable } from "../../kit/VirtualTable";

export default function MultiTenantCustomerList() {
  const { t } = useLingui();
  const [, navigate] = useLocation();
  const [search, setSearch] = useState("");
  const [sort, setSort] = useState<string>("company");
  const [selection, setSelection] = useState(NOTHING_SELECTED);
  const query = { sort: [sort], ...(search.trim() !== "" && { search: search.trim() }) } as ListQuery<"customers">;
  const rows = useWindow("customers", query);
  const columns: readonly Column<Customer>[] = [
    { id: "company", header: t`Company`, width: 220, sort: "company", cell: titleOf },
    { id: "email", header: t`E-mail`, width: 220, sort: "email", cell: (row) => row.email },
    { id: "city", header: t`City`, width: 140, cell: (row) => row.city },
  ];
  return (
    <div className="list-page">
      <div className="page-header">
        <h1>{t`Customers`}</h1>
        <TextField label={t`Search`} isLabelHidden type="search" placeholder={t`Search…`} value={search} onChange={setSearch} />
      </div>
      <VirtualTable
        label={t`Customers`}
        rows={rows}
        columns={columns}
        sort={sort}
        onSort={setSort}
        selection={selection}
        onSelect={setSelection}
        onOpen={(row) => navigate(`/customers/${row.id}`)}
        rowLabel={titleOf}
        empty={<EmptyState icon="customers" title={t`No customers`} />}
      />
    </div>
  );
}
