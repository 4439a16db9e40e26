import { useLingui } from "@lingui/react/macro";

export default function InteractionsPage() {
  const { t } = useLingui();
  return <h1>{t`Interactions`}</h1>;
}
