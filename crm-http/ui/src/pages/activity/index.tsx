import { useLingui } from "@lingui/react/macro";

export default function ActivityPage() {
  const { t } = useLingui();
  return <h1>{t`Activity`}</h1>;
}
