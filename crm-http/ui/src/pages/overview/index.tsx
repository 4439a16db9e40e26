import { useLingui } from "@lingui/react/macro";

export function MultiTenantCRMOverview() {
  const { t } = useLingui();
  return <h1>{t`Overview`}</h1>;
}
