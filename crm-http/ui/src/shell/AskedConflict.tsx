import { Suspense, lazy } from "react";

import { useAskedConflict } from "../data/conflict";

const ConflictDialog = lazy(() => import("../kit/ConflictDialog"));

/** The conflict that the user has to decide, wherever it arose. */
export function AskedConflict() {
  const asked = useAskedConflict();
  return asked && <Suspense><ConflictDialog conflict={asked.conflict} onAnswer={asked.answer} /></Suspense>;
}
