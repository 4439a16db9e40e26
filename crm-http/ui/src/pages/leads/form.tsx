import { useLingui } from "@lingui/react/macro";

import type { CreatePanelProps } from "../../forms";
import { SidePanel } from "../../kit";

export default function CreateLeads({ onClose }: CreatePanelProps<"leads">) {
  const { t } = useLingui();
  return (
    <SidePanel title={t`New`} onClose={onClose}>
      {null}
    </SidePanel>
  );
}
