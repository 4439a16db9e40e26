import { useLingui } from "@lingui/react/macro";

import type { CreatePanelProps } from "../../forms";
import { SidePanel } from "../../kit";

export default function CreateInteractions({ onClose }: CreatePanelProps<"interactions">) {
  const { t } = useLingui();
  return (
    <SidePanel title={t`New`} onClose={onClose}>
      {null}
    </SidePanel>
  );
}
