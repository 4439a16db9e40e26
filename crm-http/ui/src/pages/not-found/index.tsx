import { useLingui } from "@lingui/react/macro";
import { Link } from "wouter";

import { EmptyState } from "../../kit";
import { PAGES } from "../../shell/pages";

export function NotFound() {
  const { t } = useLingui();
  const first = PAGES[0];
  return (
    <>
      <h1>{t`There is no such page`}</h1>
      <EmptyState icon="search" title={t`The address may be old or mistyped.`} actions={first && <Link href={`/${first.name}`} className="button secondary">{t`Back to the beginning`}</Link>} />
    </>
  );
}
