import { Activity, Suspense, useEffect, useRef, useState } from "react";
import { useRoute, useSearch } from "wouter";

import { Loading } from "../../kit";
import { partOf } from "../../kit/partOf";
import { MultiTenantCustomerList } from "./list";
import "./customers.css";

// Its timeline is of the interactions, and so are the texts of it.
const CustomerPage = partOf("interactions", () => import("./CustomerPage"));

/** The list, and a customer's page above it: whoever comes back finds the list as it was. */
export default function Customers() {
  const [, params] = useRoute("/customers/:id");
  const search = useSearch();
  const [address, setAddress] = useState<string | null>(null);
  if (!params && address !== search) setAddress(search);
  const wasAtRecord = useRef(false);
  useEffect(() => {
    const isBack = wasAtRecord.current && !params;
    wasAtRecord.current = params !== null;
    if (isBack) document.querySelector<HTMLElement>(".list-page [role=grid]")?.focus({ preventScroll: true });
  }, [params]);
  return (
    <>
      {address !== null && (
        <Activity mode={params ? "hidden" : "visible"}>
          <MultiTenantCustomerList address={address} />
        </Activity>
      )}
      {params && (
        <Suspense fallback={<Loading lines={10} />}>
          <CustomerPage key={params.id} id={params.id} back={address ? `/customers?${address}` : "/customers"} />
        </Suspense>
      )}
    </>
  );
}
