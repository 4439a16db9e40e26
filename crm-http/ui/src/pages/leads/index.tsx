import { Suspense, lazy } from "react";
import { useRoute } from "wouter";

import { Loading } from "../../kit";
import { LeadList } from "./LeadList";
import "./leads.css";

const LeadPage = lazy(() => import("./lead/LeadPage"));

/** The leads: as a board or a table, and each by itself. */
export default function MultiTenantLeadManagement() {
  const [isOne, params] = useRoute("/leads/:id");
  if (!isOne) return <LeadList />;
  return (
    <Suspense fallback={<Loading lines={10} />}>
      <LeadPage key={params.id} id={params.id} />
    </Suspense>
  );
}
