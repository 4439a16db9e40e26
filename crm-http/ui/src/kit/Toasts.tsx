import { useLingui } from "@lingui/react/macro";
import { useLayoutEffect, useRef } from "react";

import { dismiss, useAnnouncement, useToasts } from "./announcer";
import { Button, IconButton } from "./Button";
import { classes } from "./classes";

/** Where toasts and announcements appear; there is one, in the shell. */
export function Toasts() {
  const { t } = useLingui();
  const toasts = useToasts();
  const announcement = useAnnouncement();
  const region = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const element = region.current;
    if (!element) return;
    // Shown anew it is above a dialog that was opened meanwhile.
    if (element.matches(":popover-open")) element.hidePopover();
    if (toasts.length > 0) element.showPopover();
  }, [toasts]);

  return (
    <>
      <div className="visually-hidden" role="status" aria-live="polite">
        {announcement}
      </div>
      <div ref={region} popover="manual" className="toasts" role="region" aria-label={t`Messages`}>
        <div aria-live="polite">
          {toasts.map(({ id, message, tone, action }) => (
            <div key={id} className={classes("toast", tone)}>
              <span>{message}</span>
              {action && (
                <Button
                  size="small"
                  variant="ghost"
                  onClick={() => {
                    dismiss(id);
                    action.act();
                  }}
                >
                  {action.label}
                </Button>
              )}
              <IconButton icon="close" label={t`Dismiss`} onClick={() => dismiss(id)} />
            </div>
          ))}
        </div>
      </div>
    </>
  );
}
