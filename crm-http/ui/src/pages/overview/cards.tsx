import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";

import { usePipeline } from "../../data/reading";
import { formatMoney, formatMoneys, formatMonth, formatNumber, formatPercent } from "../../format";
import { Answer, Avatar } from "../../kit";
import { BarList } from "../../kit/charts/BarList";
import { ColumnChart } from "../../kit/charts/ColumnChart";
import { useFigures, useForecast, useFunnel, useLeaderboard } from "./figures";
import { type Period, beginOf } from "./period";
import { amountIn, mainCurrency } from "./Series";

export function Card({ title, action, children }: { title: string; action?: ReactNode; children: ReactNode }) {
  return (
    <section className="card" aria-label={title}>
      <div className="card-header">
        <h2>{title}</h2>
        {action}
      </div>
      {children}
    </section>
  );
}

export const Nothing = ({ children }: { children: ReactNode }) => <p className="muted nothing">{children}</p>;

/** How far the leads came that entered each stage. */
export function FunnelOf({ period }: { period: Period }) {
  const { t } = useLingui();
  const { stages } = usePipeline();
  const nameOf = (key: string): string => stages.find((stage) => stage.key === key)?.name ?? key;
  const isOpen = (key: string): boolean => stages.find((stage) => stage.key === key)?.kind === "open";
  return (
    <Card title={t`Funnel`}>
      <Answer query={useFunnel(beginOf(period))}>
        {(funnel) => {
          const most = Math.max(...funnel.map(({ entered }) => entered), 0);
          if (most === 0) return <Nothing>{t`No lead has entered a stage in this period.`}</Nothing>;
          return (
            <BarList
              bars={funnel.map(({ stage, entered, advanced, conversion }) => ({
                key: stage,
                label: nameOf(stage),
                share: entered / most,
                text: formatNumber(entered),
                ...(isOpen(stage) && conversion !== null && { detail: t`${formatNumber(advanced)} went on (${formatPercent(conversion)})` }),
              }))}
            />
          );
        }}
      </Answer>
    </Card>
  );
}

/** What the open leads may bring, by month. */
export function Forecast() {
  const { t } = useLingui();
  return (
    <Card title={t`Forecast`}>
      <Answer query={useForecast()}>
        {(months) => {
          if (months.length === 0) return <Nothing>{t`No open lead has an expected closing date.`}</Nothing>;
          const currency = mainCurrency(months.flatMap(({ value }) => value));
          const isMixed = months.some(({ value }) => value.some((money) => money.currency !== currency));
          return (
            <>
              <ColumnChart
                label={t`Forecast`}
                heads={[t`Month`, t`Value`]}
                format={(amount) => formatMoney({ amount, currency }, "short")}
                columns={months.map(({ month, value, weighted, count }) => ({
                  key: month,
                  label: formatMonth(month),
                  value: amountIn(value, currency),
                  part: amountIn(weighted, currency),
                  text: t`${formatMoneys(value)}, weighted ${formatMoneys(weighted)}, ${plural(count, { one: "# lead", other: "# leads" })}`,
                }))}
              />
              <p className="legend">
                <span className="legend-key" /> {t`weighted by stage`} <span className="legend-key is-soft" /> {t`whole value`}
                {isMixed && ` · ${t`columns in ${currency}; other currencies are in the details`}`}
              </p>
            </>
          );
        }}
      </Answer>
    </Card>
  );
}

/** Where leads come from, and what becomes of them. */
export function Sources() {
  const { t } = useLingui();
  return (
    <Card title={t`Sources`}>
      <Answer query={useFigures()}>
        {({ leads }) => {
          const sources = leads.by_source.slice(0, 7);
          const most = Math.max(...sources.map(({ count }) => count), 0);
          if (most === 0) return <Nothing>{t`No leads yet.`}</Nothing>;
          return (
            <BarList
              bars={sources.map(({ source, count, won, win_rate: rate }) => ({
                key: source ?? "",
                label: source ?? t`Not stated`,
                share: count / most,
                text: formatNumber(count),
                detail: rate === null ? t`none closed` : t`${formatNumber(won)} won (${formatPercent(rate)} of the closed)`,
              }))}
            />
          );
        }}
      </Answer>
    </Card>
  );
}

/** Who won what. */
export function Leaders({ period }: { period: Period }) {
  const { t } = useLingui();
  return (
    <Card title={t`Leaderboard`}>
      <Answer query={useLeaderboard(beginOf(period))}>
        {(leaders) =>
          leaders.length === 0 ? (
            <Nothing>{t`No lead was won in this period.`}</Nothing>
          ) : (
            <ol className="lines">
              {leaders.slice(0, 6).map(({ owner_id: id, name, won, value }) => (
                <li key={id ?? ""} className="line">
                  <Avatar name={name ?? "?"} size="small" />
                  <span className="line-main">{name ?? t`Nobody`}</span>
                  <span className="line-end">
                    <strong className="numeric">{formatMoneys(value, "short")}</strong>
                    <span className="muted">{plural(won, { one: "# lead", other: "# leads" })}</span>
                  </span>
                </li>
              ))}
            </ol>
          )
        }
      </Answer>
    </Card>
  );
}
