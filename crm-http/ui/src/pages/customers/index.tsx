import { useLingui } from "@lingui/react/macro";

export default function CustomersPage() {
  const { t } = useLingui();
  return <h1>{t`Customers`}</h1>;
}
