import { useEffect, useRef } from "react";

import { place } from "./place";

const DELAY = 400;

/** One tooltip for all elements with `data-tooltip`, when they are pointed at or focused by keyboard. There is one, in the shell. */
export function Tooltips() {
  const tip = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let timer = 0;
    const hide = (): void => {
      window.clearTimeout(timer);
      if (tip.current?.matches(":popover-open")) tip.current.hidePopover();
    };
    const show = (event: Event): void => {
      hide();
      const target = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-tooltip]") : null;
      const text = target?.dataset["tooltip"];
      if (!target || text === undefined || (event.type === "focusin" && !target.matches(":focus-visible"))) return;
      timer = window.setTimeout(() => {
        if (!tip.current || !target.isConnected) return;
        tip.current.textContent = text;
        tip.current.showPopover();
        place(tip.current, target);
      }, DELAY);
    };
    const events = { pointerover: show, focusin: show, pointerdown: hide, focusout: hide, keydown: hide, scroll: hide } as const;
    for (const [name, listener] of Object.entries(events)) document.addEventListener(name, listener, { capture: true, passive: true });
    return () => {
      hide();
      for (const [name, listener] of Object.entries(events)) document.removeEventListener(name, listener, { capture: true });
    };
  }, []);
  // What it says is the accessible name of what it is about already.
  return <div ref={tip} popover="manual" className="tooltip" aria-hidden="true" />;
}
