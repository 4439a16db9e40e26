import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useMemo, useState } from "react";
import { Link, useLocation } from "wouter";

import { type Lead, useCan, usePeople, usePipeline, useWindow } from "../../data";
import { formatDate, formatMoney, titleOf } from "../../format";
import { Button, EmptyState, RelativeTime, classes } from "../../kit";
import { ColumnChooser, useColumns } from "../../kit/ColumnChooser";
import { type Column, NOTHING_SELECTED, type Selection, VirtualTable } from "../../kit/VirtualTable";
import { BulkBar } from "./BulkBar";
import { type Shown, queryOf } from "./filters";
import { isOverdue } from "./overdue";
import { StageBadge } from "./StageBadge";

const USUAL = ["lead", "stage", "value", "owner", "source", "expected_close", "updated_at"];

function useLeadColumns(): readonly Column<Lead>[] {
  const { t } = useLingui();
  const people = usePeople();
  const { stages } = usePipeline();
  return useMemo(
    (): readonly Column<Lead>[] => [
      { id: "lead", header: t`Lead`, width: 230, sort: "company", cell: (row) => <><span className="muted numeric">{row.lead_id}</span> <Link href={`/leads/${row.id}`}>{titleOf(row)}</Link></> },
      { id: "name", header: t`Contact`, width: 150, sort: "name", cell: (row) => row.name },
      { id: "email", header: t`E-mail`, width: 190, sort: "email", cell: (row) => row.email },
      { id: "phone", header: t`Phone`, width: 140, cell: (row) => row.phone },
      { id: "stage", header: t`Stage`, width: 130, cell: (row) => <StageBadge stages={stages} stage={row.stage} /> },
      { id: "value", header: t`Value`, width: 120, sort: "value", isEnd: true, cell: (row) => row.value && formatMoney(row.value) },
      { id: "owner", header: t`Owner`, width: 140, cell: (row) => { const owner = people.get(row.owner_id ?? ""); return owner && titleOf(owner); } },
      { id: "source", header: t`Source`, width: 120, cell: (row) => row.source },
      {
        id: "expected_close",
        header: t`Expected close`,
        width: 140,
        sort: "expected_close",
        cell: (row) => row.expected_close && <span className={classes(row.closed_at === null && isOverdue(row.expected_close) && "is-late")}>{formatDate(row.expected_close)}</span>,
      },
      { id: "closed_at", header: t`Closed`, width: 130, sort: "closed_at", cell: (row) => row.closed_at && formatDate(row.closed_at) },
      { id: "tags", header: t`Tags`, width: 150, cell: (row) => row.tags.join(", ") },
      { id: "created_at", header: t`Created`, width: 130, sort: "created_at", cell: (row) => formatDate(row.created_at) },
      { id: "updated_at", header: t`Changed`, width: 130, sort: "updated_at", cell: (row) => <RelativeTime time={row.updated_at} /> },
    ],
    [t, people, stages],
  );
}

export default function LeadTable({ shown }: { shown: Shown }) {
  const { t } = useLingui();
  const can = useCan();
  const [, navigate] = useLocation();
  const { filters, sort, setSort, isFiltered, clear } = shown;
  const query = useMemo(() => queryOf(filters, sort), [filters, sort]);
  const rows = useWindow("leads", query);
  const all = useLeadColumns();
  const { columns, chosen, choose } = useColumns("leads", all, USUAL);
  const [selection, setSelection] = useState<Selection>(NOTHING_SELECTED);
  const isSelecting = selection.isAll || selection.ids.size > 0;
  return (
    <div className="lead-table">
      <div className="toolbar table-toolbar">
        {isSelecting ? <BulkBar query={query} selection={selection} total={rows.total} onDone={() => setSelection(NOTHING_SELECTED)} /> : <span className="muted numeric" role="status">{rows.total !== null && plural(rows.total, { one: "# lead", other: "# leads" })}</span>}
        {!isSelecting && <ColumnChooser all={all} chosen={chosen} onChoose={choose} />}
      </div>
      <VirtualTable
        label={t`Leads`}
        rows={rows}
        columns={columns}
        sort={sort}
        onSort={setSort}
        {...(can("update:leads") && { selection, onSelect: setSelection })}
        onOpen={(row) => navigate(`/leads/${row.id}`)}
        rowLabel={(row) => `${row.lead_id} ${titleOf(row)}`}
        empty={
          <EmptyState icon="leads" title={t`No lead matches`} actions={isFiltered && <Button onClick={clear}>{t`Clear all filters`}</Button>}>
            {t`Search for something else, or take a filter off.`}
          </EmptyState>
        }
      />
    </div>
  );
}
