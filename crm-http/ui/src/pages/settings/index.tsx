import { useLingui } from "@lingui/react/macro";

export default function SettingsPage() {
  const { t } = useLingui();
  return <h1>{t`Settings`}</h1>;
}
