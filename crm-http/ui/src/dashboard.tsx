/** The dashboard: its pages, for whoever is signed in. */

import { I18nProvider } from "@lingui/react";
import { i18n } from "@lingui/core";
import { useLingui } from "@lingui/react/macro";
import { QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, Suspense, useEffect } from "react";
import { Redirect, Route, Router, Switch } from "wouter";

import { config } from "./config";
import { cache } from "./data/cache";
import { useCan, useSession, useShown } from "./data/session";
import { ErrorState, Forbidden, Loading } from "./kit";
import { NotFound } from "./pages/not-found";
import { SignIn } from "./pages/sign-in";
import { useInvitation } from "./pages/sign-in/invitation";
import { ErrorBoundary } from "./shell/ErrorBoundary";
import { PAGES, type Page } from "./shell/pages";
import { Shell } from "./shell/Shell";

function PageOf({ page }: { page: Page }) {
  const { t } = useLingui();
  const can = useCan();
  const title = t(page.title);
  useEffect(() => {
    document.title = `${title} · ${config.name}`;
  }, [title]);
  if (page.needs !== null && !can(page.needs)) {
    return (
      <>
        <h1>{title}</h1>
        <Forbidden />
      </>
    );
  }
  return (
    <ErrorBoundary key={page.name}>
      <Suspense fallback={<Loading lines={10} />}>
        <page.Component />
      </Suspense>
    </ErrorBoundary>
  );
}

function Pages() {
  const first = PAGES[0];
  return (
    <Switch>
      {PAGES.map((page) => (
        <Route key={page.name} path={`/${page.name}/*?`}>
          <PageOf page={page} />
        </Route>
      ))}
      <Route path="/sign-in">{first && <Redirect to={`/${first.name}`} replace />}</Route>
      <Route path="/">{first && <Redirect to={`/${first.name}`} replace />}</Route>
      <Route>
        <NotFound />
      </Route>
    </Switch>
  );
}

/** The pages for whoever is signed in. Who has to sign in again finds everything as it was; somebody else, nothing of it. */
function Gate(): ReactNode {
  const { t } = useLingui();
  const session = useSession();
  const shown = useShown();
  const invitation = useInvitation();
  if (!shown && session.error) return <ErrorState error={session.error} isPage onRetry={() => void session.refetch()} />;
  if (!shown && session.data === undefined) return <div className="splash" role="status" aria-label={t`Loading`} />;
  return (
    <>
      {shown && (
        <Shell key={`${shown.user.id} ${shown.tenant.id}`}>
          <Pages />
        </Shell>
      )}
      {(session.data === null || invitation !== null) && <SignIn isAgain={shown !== null} />}
    </>
  );
}

export function MultiTenantCRMDashboard() {
  return (
    <I18nProvider i18n={i18n}>
      <QueryClientProvider client={cache}>
        <Router base={config.base}>
          <Gate />
        </Router>
      </QueryClientProvider>
    </I18nProvider>
  );
}
