import { useLingui } from "@lingui/react/macro";
import { useState } from "react";

import type { Money, Schemas } from "../../data/service";
import { formatDayShort, formatMoney, formatMoneys, formatMonth, formatNumber } from "../../format";
import { Answer, Select } from "../../kit";
import { ColumnChart } from "../../kit/charts/ColumnChart";
import { useSeries } from "./figures";
import { BUCKETS, type Period, beginOf } from "./period";

type Metric = Schemas["Metric"];

/** The currency in which there is most to show. */
export function mainCurrency(moneys: readonly Money[]): Money["currency"] {
  const sums = new Map<Money["currency"], number>();
  for (const { amount, currency } of moneys) sums.set(currency, (sums.get(currency) ?? 0) + amount);
  return [...sums].sort((a, b) => b[1] - a[1])[0]?.[0] ?? "EUR";
}

export const amountIn = (moneys: readonly Money[], currency: string): number => moneys.find((money) => money.currency === currency)?.amount ?? 0;

/** A metric in time. */
export function Series({ period }: { period: Period }) {
  const { t } = useLingui();
  const [metric, setMetric] = useState<Metric>("leads_created");
  const bucket = BUCKETS[period];
  const series = useSeries({ metric, bucket, from: beginOf(period) });
  const metrics: readonly { value: Metric; label: string }[] = [
    { value: "leads_created", label: t`New leads` },
    { value: "leads_won", label: t`Leads won` },
    { value: "leads_lost", label: t`Leads lost` },
    { value: "value_won", label: t`Value won` },
    { value: "customers_created", label: t`New customers` },
    { value: "interactions", label: t`Interactions` },
    { value: "tasks_completed", label: t`Tasks completed` },
  ];
  const label = metrics.find(({ value }) => value === metric)?.label ?? "";
  return (
    <section className="card is-wide" aria-label={t`Development`}>
      <div className="card-header">
        <h2>{t`Development`}</h2>
        <Select label={t`Metric`} isLabelHidden value={metric} onChange={setMetric} choices={metrics} />
      </div>
      <Answer query={series}>
        {({ data, metric: shown }) => {
          const isMoney = shown === "value_won";
          const currency = mainCurrency(data.flatMap(({ value }) => value));
          const columns = data.map(({ start, count, value }) => ({
            key: start,
            label: bucket === "month" ? formatMonth(start) : formatDayShort(start),
            value: isMoney ? amountIn(value, currency) : count,
            text: isMoney ? formatMoneys(value) : formatNumber(count),
          }));
          const format = (amount: number): string => (isMoney ? formatMoney({ amount, currency }, "short") : formatNumber(amount));
          return <ColumnChart label={label} columns={columns} format={format} heads={[t`From`, label]} height={270} />;
        }}
      </Answer>
    </section>
  );
}
