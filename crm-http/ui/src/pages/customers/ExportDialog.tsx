import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";

import { type Customer, type ListQuery, service, usePeople } from "../../data";
import { reasonOf } from "../../format/faults";
import { Button, type Choice, Dialog, Select, toast } from "../../kit";
import type { Selection } from "../../kit/VirtualTable";
import { selected } from "./bulk";
import { csvOf, download } from "./csv";
import { Progress } from "./JobDialog";

/** As the service names them, so that any importer of this service knows them again. */
const ALL = [
  "id", "company", "name", "email", "phone", "website", "address_line1", "address_line2", "postal_code", "city", "state", "country",
  "owner_id", "is_active", "tags", "external_id", "notes", "created_at", "updated_at",
] as const satisfies readonly (keyof Customer)[];
type ExportedField = (typeof ALL)[number];

const PACE = 500;

interface ExportDialogProps {
  selection: Selection;
  query: ListQuery<"customers">;
  total: number | null;
  /** The columns that the list shows. */
  columns: readonly string[];
  onClose(): void;
}

/** Writes customers to a file, page by page. */
export default function ExportDialog({ selection, query, total, columns, onClose }: ExportDialogProps) {
  const { t } = useLingui();
  const people = usePeople();
  const picked = selection.ids.size;
  const [what, setWhat] = useState<"picked" | "all">(picked > 0 ? "picked" : "all");
  const [which, setWhich] = useState<"all" | "shown">("all");
  const [done, setDone] = useState<number | null>(null);
  const [error, setError] = useState<string | null>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const textOf = (customer: Customer, field: ExportedField): string => {
    const value = customer[field];
    if (field === "owner_id" && typeof value === "string") return people.get(value)?.email ?? value;
    if (Array.isArray(value)) return value.join("; ");
    return value === null ? "" : String(value);
  };

  const run = async (): Promise<void> => {
    const controller = new AbortController();
    running.current = controller;
    const fields = ALL.filter((field) => which === "all" || columns.includes(field));
    const parts = [csvOf([fields])];
    let rows: string[][] = [];
    let count = 0;
    setError(null);
    setDone(0);
    const { customers } = service(controller.signal);
    const chosen = what === "picked" ? selected({ ids: selection.ids, isAll: false }, query, controller.signal) : customers.all({ ...query, limit: 200 });
    try {
      for await (const customer of chosen) {
        rows.push(fields.map((field) => textOf(customer, field)));
        if (++count % PACE !== 0) continue;
        parts.push(csvOf(rows));
        rows = [];
        setDone(count);
      }
    } catch (cause) {
      if (controller.signal.aborted) return;
      setDone(null);
      setError(reasonOf(cause));
      return;
    }
    download(`customers-${new Date().toISOString().slice(0, 10)}.csv`, [...parts, csvOf(rows)]);
    toast(t`${plural(count, { one: "# customer", other: "# customers" })} exported`, { tone: "success" });
    onClose();
  };

  const amounts: Choice<"picked" | "all">[] = [
    ...(picked > 0 ? [{ value: "picked" as const, label: plural(picked, { one: "The selected one", other: "The # that are selected" }) }] : []),
    { value: "all", label: total === null ? t`All that match` : plural(total, { one: "The one that matches", other: "All # that match" }) },
  ];
  return (
    <Dialog
      title={t`Export customers`}
      size="small"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{done === null ? t`Cancel` : t`Stop`}</Button>
          {done === null && <Button variant="primary" icon="download" onClick={() => void run()}>{t`Export`}</Button>}
        </>
      }
    >
      {done === null ? (
        <div className="form">
          {error !== null && <p className="form-faults" role="alert">{t`The export ended early: ${error}`}</p>}
          <Select label={t`Which customers`} value={what} onChange={setWhat} choices={amounts} />
          <Select label={t`Which fields`} value={which} onChange={setWhich} choices={[{ value: "all", label: t`All fields` }, { value: "shown", label: t`The columns that are shown` }]} />
          <p className="muted">{t`A CSV file for spreadsheets. What would run there as a formula is written as text.`}</p>
        </div>
      ) : (
        <Progress label={t`Exporting…`} done={done} total={what === "picked" ? picked : total} />
      )}
    </Dialog>
  );
}
