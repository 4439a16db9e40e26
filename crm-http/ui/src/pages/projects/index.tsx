import { useLingui } from "@lingui/react/macro";

export default function ProjectsPage() {
  const { t } = useLingui();
  return <h1>{t`Projects`}</h1>;
}
