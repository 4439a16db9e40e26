import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";

import { type Lead, usePeople } from "../../../data";
import { formatDate, formatDateTime, formatMoney, titleOf } from "../../../format";
import { Badge, classes } from "../../../kit";
import { RecordLink } from "../../../kit/RecordLink";
import { isOverdue } from "../overdue";

/** What is known of a lead; what is not, is left out. */
export function Facts({ lead }: { lead: Lead }) {
  const { t } = useLingui();
  const people = usePeople();
  const owner = people.get(lead.owner_id ?? "");
  const isLate = lead.closed_at === null && isOverdue(lead.expected_close);
  const facts: readonly [string, ReactNode][] = [
    [t`Value`, lead.value && <strong className="numeric">{formatMoney(lead.value)}</strong>],
    [
      t`Expected close`,
      lead.expected_close && (
        <span className={classes(isLate && "is-late")}>
          {formatDate(lead.expected_close)} {isLate && t`(overdue)`}
        </span>
      ),
    ],
    [t`Owner`, owner ? titleOf(owner) : <span className="muted">{t`nobody`}</span>],
    [t`Customer`, lead.customer_id && <RecordLink kind="customers" id={lead.customer_id} />],
    [t`Contact`, lead.name],
    [t`E-mail`, lead.email && <a href={`mailto:${encodeURIComponent(lead.email).replace("%40", "@")}`}>{lead.email}</a>],
    [t`Phone`, lead.phone && <a href={`tel:${lead.phone.replaceAll(/[^\d+]/g, "")}`}>{lead.phone}</a>],
    [t`Source`, lead.source],
    [t`Tags`, lead.tags.length > 0 && <span className="lead-tags">{lead.tags.map((tag) => <Badge key={tag}>{tag}</Badge>)}</span>],
    [t`Closed`, lead.closed_at && formatDateTime(lead.closed_at)],
    [t`Created`, formatDateTime(lead.created_at)],
    [t`External id`, lead.external_id],
  ];
  return (
    <section className="card" aria-label={t`Facts`}>
      <div className="card-header">
        <h2>{t`Facts`}</h2>
      </div>
      <dl className="facts">
        {facts
          .filter(([, value]) => value !== null && value !== false && value !== "")
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      {lead.notes !== null && (
        <>
          <h3 className="facts-notes-title">{t`Notes`}</h3>
          <p className="facts-notes">{lead.notes}</p>
        </>
      )}
    </section>
  );
}
