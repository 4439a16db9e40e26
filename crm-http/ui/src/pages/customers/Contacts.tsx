import { useLingui } from "@lingui/react/macro";
import { Suspense, lazy, useState } from "react";

import { type Contact, useCan, useList, useRemove, useRestore, useUpdate } from "../../data";
import { useLabels } from "../../format/labels";
import { Avatar, Badge, Menu, type MenuItem, toast } from "../../kit";
import { Entries, Section } from "./Section";

const ContactPanel = lazy(() => import("./ContactPanel"));

/** The people at a customer. */
export function Contacts({ customerId }: { customerId: string }) {
  const { t } = useLingui();
  const labels = useLabels();
  const can = useCan();
  const list = useList("contacts", { customer_id: customerId, sort: ["created_at"], limit: 100 });
  const update = useUpdate("contacts");
  const remove = useRemove("contacts");
  const restore = useRestore("contacts");
  const [edited, setEdited] = useState<Contact | "new" | null>(null);

  const refuse = (text: string) => (): void => toast(text, { tone: "danger" });
  const makePrimary = (contact: Contact): void =>
    void update.mutateAsync({ record: contact, patch: { is_primary: true } }).then(() => toast(t`${contact.name} is the main contact now`), refuse(t`“${contact.name}” could not be changed`));
  const undo = (contact: Contact): void => void restore.mutateAsync(contact.id).catch(refuse(t`“${contact.name}” could not be brought back`));
  const drop = (contact: Contact): void =>
    void remove
      .mutateAsync(contact.id)
      .then(() => toast(t`${contact.name} deleted`, { action: { label: t`Undo`, act: () => undo(contact) } }), refuse(t`“${contact.name}” could not be deleted`));
  const itemsOf = (contact: Contact): MenuItem[] => [
    ...(can("update:contacts") ? [{ id: "edit", label: t`Edit`, icon: "edit" as const, act: () => setEdited(contact) }] : []),
    ...(can("update:contacts") && !contact.is_primary ? [{ id: "primary", label: t`Make the main contact`, icon: "check" as const, act: () => makePrimary(contact) }] : []),
    ...(can("delete:contacts") ? [{ id: "delete", label: t`Delete`, icon: "trash" as const, isDanger: true, act: () => drop(contact) }] : []),
  ];
  // The main contact first; the others in the order in which they came.
  const rows = [...list.rows].sort((a, b) => Number(b.is_primary) - Number(a.is_primary));
  return (
    <Section title={t`Contacts`} add={can("create:contacts") ? { label: t`New contact`, act: () => setEdited("new") } : null}>
      <Entries list={{ ...list, rows }} none={t`Nobody yet.`}>
        {(contact) => (
          <div className="contact">
            <Avatar name={contact.name} size="small" />
            <div className="contact-body">
              <strong>{contact.name}</strong> {contact.is_primary && <Badge tone="accent">{labels.field("is_primary")}</Badge>}
              {contact.title !== null && <div className="muted">{contact.title}</div>}
              {contact.email !== null && <div><a href={`mailto:${encodeURIComponent(contact.email)}`}>{contact.email}</a></div>}
              {contact.phone !== null && <div><a href={`tel:${contact.phone.replaceAll(/[^\d+]/g, "")}`}>{contact.phone}</a></div>}
            </div>
            {itemsOf(contact).length > 0 && <Menu label={t`Actions for ${contact.name}`} items={itemsOf(contact)} />}
          </div>
        )}
      </Entries>
      {edited && (
        <Suspense>
          <ContactPanel customerId={customerId} contact={edited === "new" ? null : edited} onClose={() => setEdited(null)} />
        </Suspense>
      )}
    </Section>
  );
}
