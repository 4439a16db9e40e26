import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { Suspense, lazy, useEffect, useState } from "react";
import { useLocation } from "wouter";

import { useCan, useWindow } from "../../data";
import { openCreate } from "../../forms/registry";
import { formatNumber, titleOf } from "../../format";
import { Button, EmptyState, Menu, announce } from "../../kit";
import { ColumnChooser, useColumns } from "../../kit/ColumnChooser";
import { SearchField } from "../../kit/SearchField";
import { NOTHING_SELECTED, VirtualTable } from "../../kit/VirtualTable";
import { BulkBar } from "./BulkBar";
import { useJob } from "./bulk";
import { USUAL_COLUMNS, useCustomerColumns } from "./columns";
import { FilterChips, FilterMenu } from "./FilterMenu";
import { type Filters, type View, addressOf, queryOf, viewOf } from "./filters";
import { JobDialog } from "./JobDialog";
import { useNarrow } from "./narrow";

const ImportDialog = lazy(() => import("./ImportDialog"));
const ExportDialog = lazy(() => import("./ExportDialog"));

/** The customers, however many, at an address that says what is shown of them. */
export function MultiTenantCustomerList({ address }: { address: string }) {
  const { t } = useLingui();
  const can = useCan();
  const [, navigate] = useLocation();
  const isNarrow = useNarrow();
  const view = viewOf(address);
  const query = queryOf(view);
  const rows = useWindow("customers", query);
  const [selection, setSelection] = useState(NOTHING_SELECTED);
  const [dialog, setDialog] = useState<"import" | "export" | null>(null);
  const { job, start, stop, close } = useJob();
  const all = useCustomerColumns(false);
  const narrow = useCustomerColumns(true);
  const { columns, chosen, choose } = useColumns("customers", all, USUAL_COLUMNS);

  const show = (next: Partial<View>): void => {
    const search = addressOf({ ...view, ...next });
    // All that match are others now; those that were picked stay picked.
    if (selection.isAll) setSelection(NOTHING_SELECTED);
    navigate(search === "" ? "/customers" : `/customers?${search}`, { replace: true });
  };
  const filter = (filters: Filters): void => show({ filters });

  const { total, isPrevious } = rows;
  const isNarrowed = view.search !== "" || Object.keys(view.filters).length > 0;
  useEffect(() => {
    if (isNarrowed && total !== null && !isPrevious) announce(plural(total, { one: "# customer", other: "# customers" }));
  }, [isNarrowed, total, isPrevious]);

  const mayAct = can("update:customers") || can("delete:customers") || can("export:customers");
  const isSelecting = selection.isAll || selection.ids.size > 0;
  const create = () => (
    <Button variant="primary" icon="plus" onClick={() => void openCreate("customers")}>
      {t`New customer`}
    </Button>
  );
  const empty = isNarrowed ? (
    <EmptyState icon="search" title={t`No customer matches`} actions={<Button onClick={() => show({ search: "", filters: {} })}>{t`Show all customers`}</Button>}>
      {t`Try other words, or fewer filters.`}
    </EmptyState>
  ) : (
    <EmptyState
      icon="customers"
      title={t`No customers yet`}
      actions={
        <>
          {can("create:customers") && create()}
          {can("import:customers") && <Button icon="upload" onClick={() => setDialog("import")}>{t`Import a CSV file`}</Button>}
        </>
      }
    >
      {t`Add the companies and people that you sell to, one by one or from a file.`}
    </EmptyState>
  );
  const files = [
    ...(can("import:customers") ? [{ id: "import", label: t`Import from CSV…`, icon: "upload" as const, act: () => setDialog("import") }] : []),
    ...(can("export:customers") ? [{ id: "export", label: t`Export to CSV…`, icon: "download" as const, act: () => setDialog("export") }] : []),
  ];

  return (
    <div className="list-page">
      <div className="list-head">
        <div className="page-header">
          <h1>
            {t`Customers`} {total !== null && <span className="count numeric">{formatNumber(total)}</span>}
          </h1>
          <div className="list-search">
            <SearchField label={t`Search customers`} value={view.search} onChange={(search) => show({ search })} />
          </div>
          {can("create:customers") && create()}
        </div>
        {isSelecting ? (
          <BulkBar selection={selection} onSelect={setSelection} query={query} total={total} start={start} onExport={() => setDialog("export")} />
        ) : (
          <div className="toolbar">
            <FilterMenu filters={view.filters} onFilter={filter} />
            <FilterChips filters={view.filters} onFilter={filter} />
            <div className="toolbar-end">
              {!isNarrow && <ColumnChooser all={all} chosen={chosen} onChoose={choose} />}
              {files.length > 0 && <Menu label={t`Import and export`} items={files} />}
            </div>
          </div>
        )}
      </div>
      <VirtualTable
        label={t`Customers`}
        rows={rows}
        columns={isNarrow ? narrow : columns}
        sort={view.sort}
        onSort={(sort) => show({ sort })}
        {...(mayAct && { selection, onSelect: setSelection })}
        onOpen={(row) => navigate(`/customers/${row.id}`)}
        rowLabel={titleOf}
        empty={empty}
      />
      {job && <JobDialog job={job} onStop={stop} onClose={close} />}
      <Suspense>
        {dialog === "import" && <ImportDialog onClose={() => setDialog(null)} />}
        {dialog === "export" && <ExportDialog selection={selection} query={query} total={total} columns={chosen} onClose={() => setDialog(null)} />}
      </Suspense>
    </div>
  );
}
