import { useLingui } from "@lingui/react/macro";
import { useMemo } from "react";
import { Link, useLocation, useSearchParams } from "wouter";

import { type ListQuery, type Project, useCan, useCount, useWindow } from "../../data";
import { formatDate, formatMoney } from "../../format";
import { useLabels } from "../../format/labels";
import { openCreate } from "../../forms/registry";
import { Button, EmptyState, Select, classes } from "../../kit";
import { ColumnChooser, useColumns } from "../../kit/ColumnChooser";
import { RecordLink } from "../../kit/RecordLink";
import { SearchField } from "../../kit/SearchField";
import { type Column, VirtualTable } from "../../kit/VirtualTable";
import { isLate } from "./late";
import { StatusBadge } from "./StatusBadge";
import { STATUSES } from "./values";

const USUAL = ["name", "status", "customer", "starts_on", "due_on", "budget"];
const EVERYTHING = {};
const USUAL_SORT = "-created_at";

function useProjectColumns(): readonly Column<Project>[] {
  const { t } = useLingui();
  return useMemo(
    (): readonly Column<Project>[] => [
      { id: "name", header: t`Name`, width: 260, sort: "name", cell: (row) => <Link href={`/projects/${row.id}`}>{row.name}</Link> },
      { id: "status", header: t`Status`, width: 120, cell: (row) => <StatusBadge status={row.status} /> },
      { id: "customer", header: t`Customer`, width: 200, cell: (row) => row.customer_id && <RecordLink kind="customers" id={row.customer_id} /> },
      { id: "starts_on", header: t`Start`, width: 120, sort: "starts_on", cell: (row) => row.starts_on && formatDate(row.starts_on) },
      { id: "due_on", header: t`Due`, width: 120, sort: "due_on", cell: (row) => row.due_on && <span className={classes(isLate(row) && "project-late")}>{formatDate(row.due_on)}</span> },
      { id: "budget", header: t`Budget`, width: 120, isEnd: true, cell: (row) => row.budget && formatMoney(row.budget) },
      { id: "created_at", header: t`Created`, width: 120, sort: "created_at", cell: (row) => formatDate(row.created_at) },
    ],
    [t],
  );
}

export function ProjectList() {
  const { t } = useLingui();
  const can = useCan();
  const labels = useLabels();
  const [, navigate] = useLocation();
  const [params, setParams] = useSearchParams();
  const { data: total } = useCount("projects", EVERYTHING);
  const search = params.get("search") ?? "";
  const status = STATUSES.find((known) => known === params.get("status")) ?? "";
  const sort = params.get("sort") ?? USUAL_SORT;
  const set = (name: string, value: string): void =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === "") next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  const query = useMemo(
    () => ({ sort: [sort], ...(search.trim() !== "" && { search: search.trim() }), ...(status !== "" && { status }) }) as ListQuery<"projects">,
    [sort, search, status],
  );
  const rows = useWindow("projects", query);
  const all = useProjectColumns();
  const { columns, chosen, choose } = useColumns("projects", all, USUAL);
  const create = can("create:projects") && (
    <Button variant="primary" icon="plus" onClick={() => void openCreate("projects")}>
      {t`New project`}
    </Button>
  );
  const empty =
    total === 0 ? (
      <EmptyState icon="projects" title={t`No projects yet`} actions={create}>
        {t`A project is what you do for a customer once the lead is won. Make the first one, and give it tasks.`}
      </EmptyState>
    ) : (
      <EmptyState icon="projects" title={t`No project matches`} actions={<Button onClick={() => setParams({}, { replace: true })}>{t`Clear the filters`}</Button>}>
        {t`Search for something else, or choose another status.`}
      </EmptyState>
    );
  return (
    <div className="list-page">
      <div>
        <div className="page-header project-header">
          <h1>{t`Projects`}</h1>
          {create}
        </div>
        <div className="toolbar project-toolbar" role="search">
          <SearchField label={t`Search projects`} placeholder={t`Search projects…`} value={search} onChange={(text) => set("search", text)} />
          <Select
            label={t`Status`}
            isLabelHidden
            value={status}
            onChange={(next) => set("status", next)}
            choices={[{ value: "", label: t`Any status` }, ...STATUSES.map((known) => ({ value: known, label: labels.value(known) }))]}
          />
          <ColumnChooser all={all} chosen={chosen} onChoose={choose} />
        </div>
      </div>
      <VirtualTable
        label={t`Projects`}
        rows={rows}
        columns={columns}
        sort={sort}
        onSort={(next) => set("sort", next)}
        onOpen={(row) => navigate(`/projects/${row.id}`)}
        rowLabel={(row) => row.name}
        empty={empty}
      />
    </div>
  );
}
