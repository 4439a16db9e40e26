import { plural } from "@lingui/core/macro";
import { useLingui } from "@lingui/react/macro";
import { Link } from "wouter";

import { config, type PageName } from "../../config";
import { formatMoneys, formatNumber, formatPercent } from "../../format";
import { ErrorState, Skeleton } from "../../kit";
import { useFigures } from "./figures";

interface TileProps {
  label: string;
  value: string | undefined;
  detail: string | undefined;
  to: PageName;
  isBad?: boolean;
}

function Tile({ label, value, detail, to, isBad = false }: TileProps) {
  const content = (
    <>
      <span className="tile-label">{label}</span>
      <span className="tile-value numeric">{value ?? <Skeleton />}</span>
      <span className={isBad ? "tile-detail is-bad" : "tile-detail"}>{detail ?? "\u00a0"}</span>
    </>
  );
  return config.pages.includes(to) ? <Link href={`/${to}`} className="card tile">{content}</Link> : <div className="card tile">{content}</div>;
}

const share = (value: number | null): string => (value === null ? "–" : formatPercent(value));

/** The figures of now. */
export function Tiles() {
  const { t } = useLingui();
  const { data, error, refetch } = useFigures();
  if (error && !data) return <div className="card tiles-error"><ErrorState error={error} onRetry={() => void refetch()} /></div>;
  const { customers, leads, projects } = data ?? {};
  return (
    <div className="tiles" aria-busy={!data}>
      <Tile to="customers" label={t`Customers`} value={customers && formatNumber(customers.total)} detail={customers && t`${formatNumber(customers.active)} active`} />
      <Tile to="leads" label={t`Open leads`} value={leads && formatNumber(leads.open)} detail={leads && t`${formatNumber(leads.qualified)} qualified of ${formatNumber(leads.total)}`} />
      <Tile to="leads" label={t`Pipeline`} value={leads && formatMoneys(leads.pipeline_value, "short")} detail={leads && t`weighted ${formatMoneys(leads.weighted_value, "short")}`} />
      <Tile to="leads" label={t`Won`} value={leads && formatMoneys(leads.won_value, "short")} detail={leads && plural(leads.won, { one: "# lead", other: "# leads" })} />
      <Tile to="leads" label={t`Win rate`} value={leads && share(leads.win_rate)} detail={leads && t`${share(leads.conversion_rate)} of all leads`} />
      <Tile
        to="tasks"
        label={t`Open tasks`}
        value={projects && formatNumber(projects.open_tasks)}
        detail={projects && t`${formatNumber(projects.overdue_tasks)} overdue`}
        isBad={projects !== undefined && projects.overdue_tasks > 0}
      />
    </div>
  );
}
