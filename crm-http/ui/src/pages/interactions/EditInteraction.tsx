import { useLingui } from "@lingui/react/macro";

import type { Interaction } from "../../data";
import { EditPanel } from "../../forms";
import { InteractionFields, inputOf, valuesOf } from "./InteractionFields";

export default function EditInteraction({ interaction, onClose }: { interaction: Interaction; onClose(): void }) {
  const { t } = useLingui();
  return (
    <EditPanel
      kind="interactions"
      record={interaction}
      title={t`Edit interaction`}
      valuesOf={valuesOf}
      inputOf={(values, isTouched) => inputOf(values, isTouched("occurred_at"))}
      said={() => t`Saved`}
      onClose={onClose}
    >
      {(form) => <InteractionFields form={form} rows={10} />}
    </EditPanel>
  );
}
