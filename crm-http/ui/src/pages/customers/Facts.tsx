import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";

import { type Customer, usePeople } from "../../data";
import { formatDateTime, titleOf } from "../../format";
import { useLabels } from "../../format/labels";
import { Badge, Icon } from "../../kit";
import { webAddress } from "./filters";
import { Section } from "./Section";

/** An address as people write it. */
const short = (web: string): string => web.replace(/^https?:\/\/(www\.)?/, "").replace(/\/$/, "");

/** Everything that is known of a customer; what is not known is left out. */
export function Facts({ customer }: { customer: Customer }) {
  const { t } = useLingui();
  const labels = useLabels();
  const people = usePeople();
  const { company, name, email, phone, website, owner_id: ownerId, tags, external_id: externalId, notes, created_at, updated_at } = customer;
  const owner = ownerId === null ? undefined : people.get(ownerId);
  const web = webAddress(website);
  const place = [customer.postal_code, customer.city].filter(Boolean).join(" ");
  const address = [customer.address_line1, customer.address_line2, place, customer.state, customer.country].filter((line) => line !== null && line !== "");
  const facts: [string, ReactNode][] = [
    ["name", company === null ? null : name],
    ["email", email && <a href={`mailto:${encodeURIComponent(email)}`}>{email}</a>],
    ["phone", phone && <a href={`tel:${phone.replaceAll(/[^\d+]/g, "")}`}>{phone}</a>],
    ["website", web === null ? website : <a href={web} target="_blank" rel="noopener noreferrer">{short(web)} <Icon name="external" size={13} /></a>],
    ["address_line1", address.length > 0 && address.map((line, index) => <span key={index} className="fact-line">{line}</span>)],
    ["owner_id", owner && titleOf(owner)],
    ["tags", tags.length > 0 && <span className="fact-tags">{tags.map((tag) => <Badge key={tag}>{tag}</Badge>)}</span>],
    ["external_id", externalId],
    ["created_at", formatDateTime(created_at)],
    ["updated_at", formatDateTime(updated_at)],
  ];
  return (
    <Section title={t`Details`}>
      <dl className="facts">
        {facts.map(([field, value]) => value !== null && value !== false && value !== undefined && value !== "" && (
          <div key={field}>
            <dt>{labels.field(field)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {notes !== null && (
        <>
          <h3 className="notes-head">{labels.field("notes")}</h3>
          <p className="notes">{notes}</p>
        </>
      )}
    </Section>
  );
}
