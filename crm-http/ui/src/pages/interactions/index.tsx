import { useLingui } from "@lingui/react/macro";
import { useDeferredValue, useState } from "react";
import { Link, useSearchParams } from "wouter";

import { config } from "../../config";
import { type Interaction, type ListQuery, ProblemError, useCan, useList } from "../../data";
import { useLabels } from "../../format/labels";
import { Button, type Choice, EmptyState, ErrorState, Loading, LoadMore, Select, TextField } from "../../kit";
import { Composer } from "./Composer";
import { byDay, nameOfDay } from "./days";
import { InteractionEntry } from "./InteractionEntry";
import { type InteractionType, TYPES } from "./InteractionFields";
import { useTitles } from "./titles";
import "./interactions.css";

const DAYS = { week: 7, month: 30, quarter: 90, year: 365 } as const;
type Period = keyof typeof DAYS | "";

/** The moment at which the days of a period begin. */
function beginOf(period: keyof typeof DAYS): string {
  const begin = new Date();
  begin.setHours(0, 0, 0, 0);
  begin.setDate(begin.getDate() + 1 - DAYS[period]);
  return begin.toISOString();
}

/** What was said to whom, newest first. */
export default function MultiTenantCustomerInteractions() {
  const { t } = useLingui();
  const labels = useLabels();
  const can = useCan();
  const [params, setParams] = useSearchParams();
  const type = TYPES.find((known) => known === params.get("type")) ?? "";
  const period = (Object.keys(DAYS) as (keyof typeof DAYS)[]).find((known) => known === params.get("period")) ?? "";
  const [search, setSearch] = useState(params.get("q") ?? "");
  const words = useDeferredValue(search.trim());
  const set = (name: string, value: string): void =>
    setParams((before) => {
      const next = new URLSearchParams(before);
      if (value === "") next.delete(name);
      else next.set(name, value);
      return next;
    }, { replace: true });

  const query: ListQuery<"interactions"> = {
    sort: ["-occurred_at"],
    ...(type !== "" && { type }),
    ...(period !== "" && { "occurred_at[gte]": beginOf(period) }),
    ...(words !== "" && { search: words }),
  };
  const list = useList("interactions", query);
  const customers = useTitles("customers", list.rows.map((row) => row.customer_id));
  const leads = useTitles("leads", list.rows.map((row) => row.lead_id));

  const isNarrowed = type !== "" || period !== "" || words !== "";
  const clear = (): void => {
    setSearch("");
    setParams({}, { replace: true });
  };
  const types: Choice<InteractionType | "">[] = [{ value: "", label: t`All types` }, ...TYPES.map((value) => ({ value, label: labels.value(value) }))];
  const periods: Choice<Period>[] = [
    { value: "", label: t`Any time` },
    { value: "week", label: t`Last 7 days` },
    { value: "month", label: t`Last 30 days` },
    { value: "quarter", label: t`Last 90 days` },
    { value: "year", label: t`Last 12 months` },
  ];
  return (
    <div className="interactions-page">
      <div className="page-header">
        <h1>{t`Interactions`}</h1>
      </div>
      {can("create:interactions") && <Composer parent={null} />}
      <div className="toolbar interactions-filters">
        <TextField
          label={t`Search interactions`}
          isLabelHidden
          type="search"
          placeholder={t`Search…`}
          maxLength={200}
          value={search}
          onChange={(text) => {
            setSearch(text);
            set("q", text.trim());
          }}
        />
        <Select label={labels.field("type")} isLabelHidden value={type} onChange={(value) => set("type", value)} choices={types} />
        <Select label={t`Period`} isLabelHidden value={period} onChange={(value) => set("period", value)} choices={periods} />
      </div>
      {list.isPending && !list.error && <Loading lines={9} />}
      {list.error && (list.rows.length === 0 || !(list.error instanceof ProblemError)) && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
      {list.data && list.rows.length === 0 && (
        <EmptyState
          icon={isNarrowed ? "search" : "interactions"}
          title={isNarrowed ? t`No interaction matches` : t`No interactions yet`}
          actions={isNarrowed && <Button onClick={clear}>{t`Show all interactions`}</Button>}
        >
          {isNarrowed ? t`Try other words, or fewer filters.` : t`Note the calls, e-mails and meetings with your customers: above, or at each customer's page.`}
        </EmptyState>
      )}
      {byDay(list.rows, (row) => row.occurred_at).map(({ day, entries }) => (
        <section key={day} className="day" aria-label={nameOfDay(day)}>
          <h2 className="day-name">{nameOfDay(day)}</h2>
          <ul>
            {entries.map((interaction) => (
              <li key={interaction.id}>
                <InteractionEntry interaction={interaction} about={<Partner interaction={interaction} customers={customers} leads={leads} />} />
              </li>
            ))}
          </ul>
        </section>
      ))}
      <LoadMore hasMore={list.hasNextPage} isLoading={list.isFetchingNextPage} onLoad={() => void list.fetchNextPage()} />
    </div>
  );
}

interface PartnerProps {
  interaction: Interaction;
  customers: ReadonlyMap<string, string> | null;
  leads: ReadonlyMap<string, string> | null;
}

/** With whom it was, and the way there. */
function Partner({ interaction, customers, leads }: PartnerProps) {
  const { t } = useLingui();
  const labels = useLabels();
  const kind = interaction.customer_id === null ? "leads" : "customers";
  const id = interaction.customer_id ?? interaction.lead_id ?? "";
  const titles = kind === "leads" ? leads : customers;
  const title = titles?.get(id);
  if (title === undefined) return <span>{titles ? t`${labels.kind(kind)}, deleted` : "…"}</span>;
  const text = kind === "leads" ? `${labels.kind("leads")} ${title}` : title;
  return config.pages.includes(kind) ? <Link href={`/${kind}/${id}`}>{text}</Link> : <span>{text}</span>;
}
