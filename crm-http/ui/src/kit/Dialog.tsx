import { useLingui } from "@lingui/react/macro";
import { type ReactNode, useId, useLayoutEffect, useRef, useState } from "react";

import { Button, IconButton } from "./Button";
import { classes } from "./classes";
import { useUnsaved } from "./useUnsaved";

export interface DialogProps {
  title: string;
  /** It is to be closed: by Escape, its button, or a click beside it. */
  onClose(): void;
  children: ReactNode;
  /** Buttons at the bottom, the main one last. */
  footer?: ReactNode;
  size?: "small" | "medium" | "large";
  /** What was filled in would be lost: it asks before it closes. */
  isDirty?: boolean;
  /** Closing is not offered: something has to be answered. */
  isRequired?: boolean;
}

function Frame({ title, onClose, children, footer, className, isDirty = false, isRequired = false }: DialogProps & { className: string }) {
  const { t } = useLingui();
  const dialog = useRef<HTMLDialogElement>(null);
  const [isAsking, setAsking] = useState(false);
  const titleId = useId();
  useUnsaved(isDirty, () => setAsking(true));

  useLayoutEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    // Where to begin: at the field that says so, the first one, or the first button below; not at the button that closes.
    const begin = [".dialog-body [data-autofocus]", ".dialog-body :is(input, textarea, select):enabled", ".dialog-footer button:enabled"];
    const first = begin.map((selector) => element?.querySelector<HTMLElement>(selector)).find(Boolean);
    first?.focus();
    // Closed before it is taken out, so that the focus goes back to where it was; what is open above it first, or nothing
    // below could have the focus.
    return () => {
      for (const above of element?.querySelectorAll("dialog") ?? []) above.close();
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);

  const close = (): void => (isRequired ? undefined : isDirty ? setAsking(true) : onClose());
  return (
    <dialog
      ref={dialog}
      className={className}
      aria-labelledby={titleId}
      onCancel={(event) => {
        // Of a dialog or a file chooser within, the event is not about this one.
        if (event.target !== event.currentTarget) return;
        event.preventDefault();
        close();
      }}
      onKeyDown={(event) => {
        // Chromium closes a dialog at the second Escape without asking.
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.preventDefault();
        event.stopPropagation();
        close();
      }}
      onMouseDown={(event) => event.target === event.currentTarget && close()}
    >
      <div className="dialog-frame">
        <header className="dialog-header">
          <h2 id={titleId}>{title}</h2>
          {!isRequired && <IconButton icon="close" label={t`Close`} onClick={close} />}
        </header>
        <div className="dialog-body">{children}</div>
        {footer && <footer className="dialog-footer">{footer}</footer>}
      </div>
      {isAsking && (
        <ConfirmDialog title={t`Discard what you entered?`} action={t`Discard`} onClose={() => setAsking(false)} onConfirm={onClose}>
          {t`It has not been saved.`}
        </ConfirmDialog>
      )}
    </dialog>
  );
}

/** A modal dialog in the middle. */
export const Dialog = ({ size = "medium", ...props }: DialogProps) => <Frame {...props} className={classes("dialog", size)} />;

/** A modal drawer at the end of the line; over the whole width where it is narrow. */
export const SidePanel = ({ size = "medium", ...props }: DialogProps) => <Frame {...props} className={classes("side-panel", size)} />;

export interface ConfirmDialogProps {
  title: string;
  /** What the button does: `Delete`. */
  action: string;
  children?: ReactNode;
  isBusy?: boolean;
  onConfirm(): void;
  onClose(): void;
}

/** Asks before something that cannot be undone. */
export function ConfirmDialog({ title, action, children, isBusy = false, onConfirm, onClose }: ConfirmDialogProps) {
  const { t } = useLingui();
  return (
    <Dialog
      title={title}
      size="small"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t`Cancel`}</Button>
          <Button variant="danger" isBusy={isBusy} onClick={onConfirm}>
            {action}
          </Button>
        </>
      }
    >
      {children}
    </Dialog>
  );
}
