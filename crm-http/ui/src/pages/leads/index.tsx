import { useLingui } from "@lingui/react/macro";

export default function LeadsPage() {
  const { t } = useLingui();
  return <h1>{t`Leads`}</h1>;
}
