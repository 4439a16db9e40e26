import { useLingui } from "@lingui/react/macro";

import type { Lead } from "../../data";
import { EditPanel } from "../../forms";
import { titleOf } from "../../format";
import { LeadFields } from "./LeadFields";
import { inputOf, valuesOf } from "./values";

export default function EditLead({ lead, onClose }: { lead: Lead; onClose(): void }) {
  const { t } = useLingui();
  return (
    <EditPanel kind="leads" record={lead} title={t`Edit ${lead.lead_id} ${titleOf(lead)}`} valuesOf={valuesOf} inputOf={inputOf} said={() => t`${lead.lead_id} saved`} onClose={onClose}>
      {(form) => <LeadFields form={form} />}
    </EditPanel>
  );
}
