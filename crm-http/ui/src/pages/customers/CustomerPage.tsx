import { useLingui } from "@lingui/react/macro";
import { Suspense, lazy, useEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";

import { config } from "../../config";
import { type Customer, ProblemError, useCan, useRecord, useRemove, useRestore, useUpdate } from "../../data";
import { titleOf } from "../../format";
import { Avatar, Badge, Button, EmptyState, ErrorState, Icon, Loading, Menu, type MenuItem, Tabs, toast } from "../../kit";
import { Contacts } from "./Contacts";
import { Facts } from "./Facts";
import { useNarrow } from "./narrow";
import { CustomerLeads, CustomerProjects, CustomerTasks, useCreateFor } from "./Related";
import { Timeline } from "./Timeline";
import "../interactions/interactions.css";

const EditCustomer = lazy(() => import("./EditCustomer"));

/** Everything about one customer. */
export default function CustomerPage({ id, back }: { id: string; back: string }) {
  const { t } = useLingui();
  const { data: customer, error, refetch } = useRecord("customers", id);
  const page = useRef<HTMLDivElement>(null);
  useEffect(() => {
    page.current?.focus({ preventScroll: true });
    page.current?.closest(".main")?.scrollTo(0, 0);
  }, []);
  const isGone = error instanceof ProblemError && error.status === 404;
  return (
    <div ref={page} className="customer-page" tabIndex={-1}>
      <Link href={back} className="back-link">
        <Icon name="left" size={16} /> {t`Customers`}
      </Link>
      {isGone ? <Gone id={id} customer={customer} /> : customer ? <Whole customer={customer} back={back} /> : error ? <ErrorState error={error} isPage onRetry={() => void refetch()} /> : <Loading lines={10} />}
    </div>
  );
}

/** It was deleted, by oneself or by somebody else, or never was. */
function Gone({ id, customer }: { id: string; customer: Customer | undefined }) {
  const { t } = useLingui();
  const can = useCan();
  const restore = useRestore("customers");
  if (!customer) return <EmptyState icon="customers" title={t`There is no such customer`} isPage>{t`It may have been deleted, or belong to another workspace.`}</EmptyState>;
  const bringBack = (): void => restore.mutate(id, { onError: () => toast(t`It could not be brought back`, { tone: "danger" }) });
  return (
    <EmptyState
      icon="trash"
      isPage
      title={t`${titleOf(customer)} was deleted`}
      actions={can("restore:customers") && <Button icon="undo" isBusy={restore.isPending} onClick={bringBack}>{t`Bring it back`}</Button>}
    >
      {t`Nothing of it is lost: it can be brought back with everything that belongs to it.`}
    </EmptyState>
  );
}

function Whole({ customer, back }: { customer: Customer; back: string }) {
  const { t } = useLingui();
  const isNarrow = useNarrow();
  const [tab, setTab] = useState<"timeline" | "details" | "work">("timeline");
  const title = titleOf(customer);
  useEffect(() => {
    const before = document.title;
    document.title = `${title} · ${config.name}`;
    return () => {
      document.title = before;
    };
  }, [title]);
  const timeline = <Timeline customerId={customer.id} />;
  const details = (
    <>
      <Facts customer={customer} />
      <Contacts customerId={customer.id} />
    </>
  );
  const work = (
    <>
      <CustomerTasks customer={customer} />
      <CustomerLeads customer={customer} />
      <CustomerProjects customer={customer} />
    </>
  );
  return (
    <>
      <Head customer={customer} back={back} />
      {isNarrow ? (
        <Tabs<"timeline" | "details" | "work">
          label={title}
          tabs={[{ key: "timeline", label: t`Timeline` }, { key: "details", label: t`Details` }, { key: "work", label: t`Work` }]}
          selected={tab}
          onSelect={setTab}
        >
          <div className="customer-side">{{ timeline, details, work }[tab]}</div>
        </Tabs>
      ) : (
        <div className="customer-columns">
          {timeline}
          <div className="customer-side">
            {details}
            {work}
          </div>
        </div>
      )}
    </>
  );
}

function Head({ customer, back }: { customer: Customer; back: string }) {
  const { t } = useLingui();
  const can = useCan();
  const [, navigate] = useLocation();
  const create = useCreateFor(customer);
  const update = useUpdate("customers");
  const remove = useRemove("customers");
  const restore = useRestore("customers");
  const [isEditing, setEditing] = useState(false);
  const { id, is_active: isActive } = customer;
  const title = titleOf(customer);

  const refuse = (text: string) => (): void => toast(text, { tone: "danger" });
  const undo = (): void => void restore.mutateAsync(id).then(() => navigate(`/customers/${id}`), refuse(t`${title} could not be brought back`));
  const drop = (): void =>
    void remove.mutateAsync(id).then(() => {
      navigate(back);
      toast(t`${title} deleted`, { action: { label: t`Undo`, act: undo } });
    }, refuse(t`${title} could not be deleted`));
  const setActive = (record: Customer, next: boolean): void =>
    void update.mutateAsync({ record, patch: { is_active: next } }).then(
      (changed) => toast(next ? t`${title} is active` : t`${title} is inactive`, { action: { label: t`Undo`, act: () => setActive(changed, !next) } }),
      refuse(t`${title} could not be changed`),
    );

  const makes: MenuItem[] = [
    ...(can("create:tasks") ? [{ id: "tasks", label: t`Task`, icon: "tasks" as const, act: () => create("tasks") }] : []),
    ...(can("create:leads") ? [{ id: "leads", label: t`Lead`, icon: "leads" as const, act: () => create("leads") }] : []),
    ...(can("create:projects") ? [{ id: "projects", label: t`Project`, icon: "projects" as const, act: () => create("projects") }] : []),
  ];
  const more: MenuItem[] = [
    ...(can("update:customers")
      ? [{ id: "active", label: isActive ? t`Mark as inactive` : t`Mark as active`, icon: isActive ? ("close" as const) : ("check" as const), act: () => setActive(customer, !isActive) }]
      : []),
    ...(can("delete:customers") ? [{ id: "delete", label: t`Delete`, icon: "trash" as const, isDanger: true, act: drop }] : []),
  ];
  const subtitle = [customer.company === null ? null : customer.name, customer.city, customer.country].filter(Boolean).join(" · ");
  return (
    <header className="customer-head">
      <Avatar name={title} size="large" />
      <div className="customer-names">
        <h1>{title}</h1>
        <p className="muted">
          {isActive ? <Badge tone="success">{t`Active`}</Badge> : <Badge>{t`Inactive`}</Badge>} {subtitle}
        </p>
      </div>
      <div className="toolbar">
        {can("update:customers") && <Button icon="edit" onClick={() => setEditing(true)}>{t`Edit`}</Button>}
        {makes.length > 0 && (
          <Menu label={t`New for this customer`} items={makes} variant="secondary">
            <Icon name="plus" /> {t`New`}
          </Menu>
        )}
        {more.length > 0 && <Menu label={t`More`} items={more} />}
      </div>
      {isEditing && (
        <Suspense>
          <EditCustomer customer={customer} onClose={() => setEditing(false)} />
        </Suspense>
      )}
    </header>
  );
}
