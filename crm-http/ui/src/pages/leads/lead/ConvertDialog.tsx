import { useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Link } from "wouter";

import { config } from "../../../config";
import { type Customer, type Lead, ProblemError, keys, cache, put, refresh, service, usePipeline } from "../../../data";
import { titleOf } from "../../../format";
import { reasonOf } from "../../../format/faults";
import { Button, Dialog, Icon, RecordField, announce } from "../../../kit";
import { RecordLink } from "../../../kit/RecordLink";

function Done({ customer, isNew, onClose }: { customer: Customer; isNew: boolean; onClose(): void }) {
  const { t } = useLingui();
  return (
    <div className="convert-done" role="status">
      <span className="convert-mark">
        <Icon name="check" size={28} />
      </span>
      <p>{isNew ? t`The lead is won, and a customer was made of it:` : t`The lead is won, and belongs to this customer:`}</p>
      <p className="convert-name">{config.pages.includes("customers") ? <Link href={`/customers/${customer.id}`} onClick={onClose}>{titleOf(customer)}</Link> : titleOf(customer)}</p>
    </div>
  );
}

/** Makes a lead a customer: says what will happen, and then what did. */
export default function ConvertDialog({ lead, onClose }: { lead: Lead; onClose(): void }) {
  const { t } = useLingui();
  const { stages } = usePipeline();
  // The same attempt, however often it is sent.
  const [key] = useState(() => crypto.randomUUID());
  const [begun] = useState(() => new Date().toISOString());
  const [chosen, setChosen] = useState<string | null>(lead.customer_id);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [made, setMade] = useState<Customer | null>(null);
  const won = stages.find(({ kind }) => kind === "won");
  const isWon = stages.find((stage) => stage.key === lead.stage)?.kind === "won";

  const convert = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const into = chosen === null ? {} : { customer_id: chosen };
      const { lead: converted, customer } = await service().leads.convert(lead.id, into, { idempotencyKey: `${key}-${chosen ?? ""}` });
      put("leads", converted);
      put("customers", customer);
      refresh("leads");
      void cache.invalidateQueries({ queryKey: keys.history("leads", lead.id) });
      announce(t`${lead.lead_id} converted`);
      setMade(customer);
    } catch (refused) {
      setError(refused instanceof ProblemError ? reasonOf(refused) : t`The server cannot be reached. Nothing was changed; try again in a moment.`);
    } finally {
      setBusy(false);
    }
  };

  const stage = won?.name ?? t`won`;
  return (
    <Dialog
      title={made ? t`${lead.lead_id} is converted` : t`Convert ${lead.lead_id} to a customer`}
      onClose={onClose}
      footer={
        made ? (
          <Button variant="primary" onClick={onClose}>{t`Close`}</Button>
        ) : (
          <>
            <Button onClick={onClose}>{t`Cancel`}</Button>
            <Button variant="primary" isBusy={isBusy} onClick={() => void convert()}>{t`Convert`}</Button>
          </>
        )
      }
    >
      {made ? (
        <Done customer={made} isNew={made.version === 1 && made.created_at >= begun} onClose={onClose} />
      ) : (
        <div className="form">
          {error !== null && (
            <p className="form-faults" role="alert">
              <Icon name="warning" /> {error}
            </p>
          )}
          {/* Not at the field, whose choices would hide what is said here. */}
          <p tabIndex={-1} data-autofocus>{t`This is what happens, all at once:`}</p>
          <ul className="convert-steps">
            <li>
              <Icon name="customers" />
              {chosen !== null ? (
                <span>{t`The lead is linked to the customer:`} <RecordLink kind="customers" id={chosen} /></span>
              ) : (
                <span>{t`A customer with the same e-mail address or company is looked for. If there is none, one is made with what the lead knows.`}</span>
              )}
            </li>
            <li>
              <Icon name="check" />
              <span>{isWon ? t`The lead is won already, and stays so.` : t`The lead moves to “${stage}” and is closed today.`}</span>
            </li>
            <li>
              <Icon name="interactions" />
              <span>{t`Its timeline, tasks and history stay with the lead.`}</span>
            </li>
          </ul>
          <RecordField label={t`Customer`} kind="customers" value={chosen} onChange={setChosen} description={t`Leave it empty to find or make one.`} />
        </div>
      )}
    </Dialog>
  );
}
