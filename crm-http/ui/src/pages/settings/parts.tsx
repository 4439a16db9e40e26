import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";

import { ProblemError } from "../../data";
import { reasonOf, sentence } from "../../format/faults";
import { Button, Icon, IconButton, announce, toast } from "../../kit";

/** A part of the settings: what it is about, what can be done, and its content. */
export function Part({ title, about, action, children }: { title: string; about?: ReactNode; action?: ReactNode; children?: ReactNode }) {
  return (
    <section className="card" aria-label={title}>
      <div className="card-header">
        <div className="settings-head">
          <h2>{title}</h2>
          {about && <p>{about}</p>}
        </div>
        {action}
      </div>
      {children}
    </section>
  );
}

/** What was refused, until it is dismissed. */
export function Refusal({ message, onDismiss }: { message: ReactNode; onDismiss(): void }) {
  const { t } = useLingui();
  return (
    <div className="form-faults" role="alert">
      <Icon name="warning" />
      <div>{message}</div>
      <IconButton icon="close" label={t`Dismiss`} onClick={onDismiss} />
    </div>
  );
}

/** Text to take elsewhere. */
export function Copyable({ text, label }: { text: string; label: string }) {
  const { t } = useLingui();
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      announce(t`Copied`);
      toast(t`Copied`, { tone: "success" });
    } catch {
      toast(t`The browser does not let this page copy: select the text instead`, { tone: "danger" });
    }
  };
  return (
    <div className="copyable">
      <code className="code">{text}</code>
      <Button icon="note" onClick={() => void copy()}>
        {label}
      </Button>
    </div>
  );
}

/** What went wrong, for people. */
export function useRefusal(): (error: unknown) => string {
  const { t } = useLingui();
  return (error) => {
    if (!(error instanceof ProblemError)) return t`The server cannot be reached. Try again in a moment.`;
    const said = sentence(reasonOf(error));
    return said.endsWith(".") ? said : `${said}.`;
  };
}
