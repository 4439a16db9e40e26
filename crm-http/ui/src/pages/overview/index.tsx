import { useLingui } from "@lingui/react/macro";
import { useState } from "react";

import { useCan } from "../../data/session";
import { Select } from "../../kit";
import { Activity, LatestInteractions } from "./Activity";
import { Forecast, FunnelOf, Leaders, Sources } from "./cards";
import { MyTasks } from "./MyTasks";
import { type Period, usePeriods } from "./period";
import { Series } from "./Series";
import { Tiles } from "./Tiles";
import "./overview.css";

/** How things are, at a glance: live. */
export function MultiTenantCRMOverview() {
  const { t } = useLingui();
  const can = useCan();
  const [period, setPeriod] = useState<Period>("90");
  return (
    <div className="overview">
      <div className="page-header">
        <h1>{t`Overview`}</h1>
        <Select label={t`Period`} isLabelHidden value={period} onChange={setPeriod} choices={usePeriods()} />
      </div>
      <Tiles />
      <div className="overview-grid">
        <Series period={period} />
        <MyTasks />
        <FunnelOf period={period} />
        <Forecast />
        {can("read_log:customers") ? <Activity /> : <LatestInteractions />}
        <Sources />
        <Leaders period={period} />
      </div>
    </div>
  );
}
