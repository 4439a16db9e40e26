import { Trans } from "@lingui/react/macro";
import { Component, type ReactNode } from "react";

import { Button } from "../kit/Button";

/** A page that fails says so, and the rest goes on. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <div className="state" role="alert">
        <h3>
          <Trans>This page has failed</Trans>
        </h3>
        <p>
          <Trans>Nothing that was saved is lost. After an update of the server, loading the page again helps.</Trans>
        </p>
        <Button icon="refresh" onClick={() => window.location.reload()}>
          <Trans>Load the page again</Trans>
        </Button>
      </div>
    );
  }
}
