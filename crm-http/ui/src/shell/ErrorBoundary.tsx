import { Trans } from "@lingui/react/macro";
import { Component, type ReactNode } from "react";

import { Button } from "../kit/Button";

/** A page that fails says so, and the rest goes on. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | null; isAway: boolean }> {
  override state: { error: Error | null; isAway: boolean } = { error: null, isAway: false };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  /** Loads everything anew, unless there is nobody to load it from: then the browser would show a page that leads nowhere. */
  private reload(): void {
    fetch(document.baseURI, { cache: "no-store" }).then(
      () => window.location.reload(),
      () => this.setState({ isAway: true }),
    );
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <div className="state" role="alert">
        <h2>
          <Trans>This page has failed</Trans>
        </h2>
        <p>
          {this.state.isAway ? (
            <Trans>The server cannot be reached. Try again in a moment.</Trans>
          ) : (
            <Trans>Nothing that was saved is lost. After an update of the server, loading the page again helps.</Trans>
          )}
        </p>
        <Button icon="refresh" onClick={() => this.reload()}>
          <Trans>Load the page again</Trans>
        </Button>
      </div>
    );
  }
}
