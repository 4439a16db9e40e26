import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { useEffect, useMemo, useRef, useState } from "react";

import { type InputOf, create, refresh, usePeople } from "../../data";
import { doEach } from "../../data/bulk";
import { reasonOf } from "../../format/faults";
import { useLabels } from "../../format/labels";
import { Button, type Choice, Dialog, Select, announce } from "../../kit";
import { type Line, csvOf, decode, download, parseCsv } from "./csv";
import { type Draft, type Fault, IMPORT_FIELDS, type ImportField, draftsOf, mapping } from "./importing";
import { Failures, Progress } from "./JobDialog";

const PACE = 100;
const SHOWN = 4;

interface Table {
  name: string;
  headers: readonly string[];
  lines: readonly Line[];
}
interface Refused {
  draft: Draft;
  reason: string;
}
interface Run {
  total: number;
  created: number;
  refused: readonly Refused[];
  isOver: boolean;
}

/** Makes customers of the lines of a file. */
export default function ImportDialog({ onClose }: { onClose(): void }) {
  const { t } = useLingui();
  const labels = useLabels();
  const people = usePeople();
  const [file, setFile] = useState<Table | null>(null);
  const [fields, setFields] = useState<readonly (ImportField | null)[]>([]);
  const [fault, setFault] = useState<string | null>(null);
  const [run, setRun] = useState<Run | null>(null);
  const running = useRef<AbortController | null>(null);
  // A line has one key, so that trying it again never makes it twice.
  const keysOf = useRef(new Map<number, string>());
  useEffect(() => () => running.current?.abort(), []);

  const drafts = useMemo(() => (file ? draftsOf(file.lines, fields, people.values()) : []), [file, fields, people]);
  const faulty = drafts.filter((draft) => draft.faults.length > 0);
  const sound = drafts.length - faulty.length;
  const textOf = (kind: Fault): string => ({ no_name: t`neither a company nor a name`, unknown_owner: t`no user is called as its owner is`, not_yes_or_no: t`active is neither yes nor no` })[kind];
  const faultsOf = ({ faults }: Draft): string => faults.map(textOf).join("; ");

  const read = async (chosen: File): Promise<void> => {
    const [head, ...lines] = parseCsv(decode(await chosen.arrayBuffer()));
    keysOf.current.clear();
    setRun(null);
    if (!head || lines.length === 0) {
      setFile(null);
      setFault(t`“${chosen.name}” has no lines below its headers.`);
      return;
    }
    setFault(null);
    setFile({ name: chosen.name, headers: head.cells, lines });
    setFields(mapping(head.cells));
    announce(plural(lines.length, { one: "# line read", other: "# lines read" }));
  };

  const start = async (chosen: readonly Draft[], before: number): Promise<void> => {
    const controller = new AbortController();
    running.current = controller;
    const refused: Refused[] = chosen.filter((draft) => draft.faults.length > 0).map((draft) => ({ draft, reason: faultsOf(draft) }));
    const rest = chosen.filter((draft) => draft.faults.length === 0);
    let created = before;
    const show = (isOver: boolean): void => setRun({ total: before + chosen.length, created, refused: [...refused], isOver });
    show(false);
    const timer = window.setInterval(() => show(false), PACE);
    await doEach(
      rest,
      async ({ line, input }) => {
        const key = keysOf.current.get(line.number) ?? crypto.randomUUID();
        keysOf.current.set(line.number, key);
        // It has a company or a name, or it would be faulty.
        await create("customers", input as InputOf<"customers">, key);
      },
      { signal: controller.signal, onEnd: (draft, error) => (error ? void refused.push({ draft, reason: reasonOf(error) }) : void created++) },
    );
    window.clearInterval(timer);
    refused.sort((a, b) => a.draft.line.number - b.draft.line.number);
    show(true);
    refresh("customers");
    announce(t`${plural(created, { one: "# customer", other: "# customers" })} imported`);
  };

  const report = (): void => {
    if (!file || !run) return;
    const rows = run.refused.map(({ draft, reason }) => [...file.headers.map((_, column) => draft.line.cells[column] ?? ""), String(draft.line.number), reason]);
    download(`refused-${file.name}`, [csvOf([[...file.headers, "line", "reason"], ...rows])]);
  };

  const isRunning = run !== null && !run.isOver;
  const canRun = sound > 0 && run === null;
  const choices: Choice<ImportField | "">[] = [{ value: "", label: t`(leave out)` }, ...IMPORT_FIELDS.map((field) => ({ value: field, label: labels.field(field) }))];
  return (
    <Dialog
      title={t`Import customers`}
      size="large"
      isRequired={isRunning}
      onClose={onClose}
      footer={
        isRunning ? (
          <Button onClick={() => running.current?.abort()}>{t`Stop`}</Button>
        ) : (
          <>
            <Button onClick={onClose}>{run ? t`Close` : t`Cancel`}</Button>
            {run && run.refused.length > 0 && <Button icon="download" onClick={report}>{t`Download what was refused`}</Button>}
            {run && run.refused.length > 0 && <Button onClick={() => void start(run.refused.map(({ draft }) => draft), run.created)}>{t`Try those again`}</Button>}
            {canRun && <Button variant="primary" onClick={() => void start(drafts, 0)}>{plural(sound, { one: "Import # customer", other: "Import # customers" })}</Button>}
          </>
        )
      }
    >
      {run ? (
        <div className="form">
          <Progress label={run.isOver ? t`Done` : t`Importing…`} done={run.created + run.refused.length} total={run.total} />
          <p role="status">
            {plural(run.created, { one: "# customer was created.", other: "# customers were created." })}{" "}
            {run.refused.length > 0 && plural(run.refused.length, { one: "# line was refused:", other: "# lines were refused:" })}
          </p>
          {run.refused.length > 0 && <Failures failures={run.refused.map(({ draft, reason }) => ({ title: t`Line ${draft.line.number}`, reason }))} />}
        </div>
      ) : (
        <div className="form">
          <label className="file-field">
            <span className="field-label">{t`CSV file`}</span>
            <input type="file" accept=".csv,.tsv,.txt,text/csv" onChange={(event) => event.target.files?.[0] && void read(event.target.files[0])} />
          </label>
          <p className="muted">{t`The first line names the columns. Commas, semicolons and tabs are told apart, and so are the usual encodings.`}</p>
          {fault !== null && <p className="form-faults" role="alert">{fault}</p>}
          {file && <Mapping file={file} fields={fields} onMap={setFields} choices={choices} />}
          {faulty.length > 0 && (
            <>
              <p>{plural(faulty.length, { one: "# line cannot be imported:", other: "# lines cannot be imported:" })}</p>
              <Failures failures={faulty.map((draft) => ({ title: t`Line ${draft.line.number}`, reason: faultsOf(draft) }))} />
            </>
          )}
        </div>
      )}
    </Dialog>
  );
}

interface MappingProps {
  file: Table;
  fields: readonly (ImportField | null)[];
  onMap(fields: (ImportField | null)[]): void;
  choices: readonly Choice<ImportField | "">[];
}

/** Each column with what its first lines hold, and the field that it feeds. */
function Mapping({ file, fields, onMap, choices }: MappingProps) {
  const { t } = useLingui();
  const first = file.lines.slice(0, SHOWN);
  return (
    <div className="mapping" role="region" aria-label={t`Columns and fields`} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t`Column`}</th>
            <th scope="col">{t`Field`}</th>
            <th scope="col">{plural(file.lines.length, { one: "First of # line", other: "First of # lines" })}</th>
          </tr>
        </thead>
        <tbody>
          {file.headers.map((header, column) => (
            <tr key={column}>
              <th scope="row">{header}</th>
              <td>
                <Select
                  label={t`Field for ${header}`}
                  isLabelHidden
                  value={fields[column] ?? ""}
                  choices={choices}
                  onChange={(field) => onMap(fields.map((before, at) => (at === column ? (field === "" ? null : field) : before)))}
                />
              </td>
              <td className="muted">{first.map(({ cells }) => cells[column]).filter(Boolean).join(" · ")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
