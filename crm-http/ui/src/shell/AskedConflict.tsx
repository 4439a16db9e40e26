import { Suspense, lazy } from "react";

import { useAskedConflict } from "../data/conflict";
import { useFieldText } from "../format/fieldText";
import { useLabels } from "../format/labels";

const ConflictDialog = lazy(() => import("../kit/ConflictDialog"));

/** The conflict that the user has to decide, wherever it arose. */
export function AskedConflict() {
  const asked = useAskedConflict();
  const labels = useLabels();
  const show = useFieldText();
  if (!asked) return null;
  return (
    <Suspense>
      <ConflictDialog conflict={asked.conflict} onAnswer={asked.answer} label={labels.field} show={show} />
    </Suspense>
  );
}
