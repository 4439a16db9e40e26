import { useLingui } from "@lingui/react/macro";

import type { CreatePanelProps } from "../../forms";
import { SidePanel } from "../../kit";

export default function CreateCustomers({ onClose }: CreatePanelProps<"customers">) {
  const { t } = useLingui();
  return (
    <SidePanel title={t`New`} onClose={onClose}>
      {null}
    </SidePanel>
  );
}
