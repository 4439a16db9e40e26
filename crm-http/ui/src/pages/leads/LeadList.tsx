import { useLingui } from "@lingui/react/macro";
import { Suspense, lazy, useState } from "react";

import { type Lead, useCan, useMe } from "../../data";
import { openCreate } from "../../forms/registry";
import { Button, EmptyState, Loading } from "../../kit";
import { useFigures } from "../overview/figures";
import { FilterBar, ViewSwitch } from "./FilterBar";
import { NOBODY, useShown } from "./filters";

const Board = lazy(() => import("./board/Board"));
const LeadTable = lazy(() => import("./LeadTable"));
const EditLead = lazy(() => import("./EditLead"));

export function LeadList() {
  const { t } = useLingui();
  const can = useCan();
  const { user } = useMe();
  const { data: figures } = useFigures();
  const shown = useShown();
  const [edited, setEdited] = useState<Lead | null>(null);
  const { owner, source, stage } = shown.filters;
  // A lead that is made here begins with what is looked at, so that it is seen.
  const defaults = { owner_id: owner !== "" && owner !== NOBODY ? owner : user.id, ...(source !== "" && { source }), ...(stage !== "" && { stage }) };
  const create = can("create:leads") && (
    <Button variant="primary" icon="plus" onClick={() => void openCreate("leads", defaults)}>
      {t`New lead`}
    </Button>
  );
  return (
    <div className="list-page leads-page">
      <div>
        <div className="page-header">
          <h1>{t`Leads`}</h1>
          <ViewSwitch {...shown} />
          {create}
        </div>
        <FilterBar shown={shown} />
      </div>
      {figures?.leads.total === 0 ? (
        <EmptyState icon="leads" title={t`No leads yet`} actions={create}>
          {t`A lead is somebody who may buy. Add the first one, and move it through the stages until it is won.`}
        </EmptyState>
      ) : (
        <Suspense fallback={<Loading lines={10} />}>{shown.view === "board" ? <Board shown={shown} onEdit={setEdited} /> : <LeadTable shown={shown} />}</Suspense>
      )}
      {edited && (
        <Suspense>
          <EditLead lead={edited} onClose={() => setEdited(null)} />
        </Suspense>
      )}
    </div>
  );
}
