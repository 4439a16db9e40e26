import { Activity, Suspense, lazy, useEffect, useRef, useState } from "react";
import { useRoute, useSearch } from "wouter";

import { loadTexts } from "../../i18n";
import { Loading } from "../../kit";
import { MultiTenantCustomerList } from "./list";
import "./customers.css";

const CustomerPage = lazy(async () => {
  // The timeline is a part of the interactions.
  const [page] = await Promise.all([import("./CustomerPage"), loadTexts("interactions")]);
  return page;
});

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
