import { useLingui } from "@lingui/react/macro";

export default function TasksPage() {
  const { t } = useLingui();
  return <h1>{t`Tasks`}</h1>;
}
