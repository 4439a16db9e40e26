import { useEffect, useRef } from "react";

/** While something is filled in that is not saved, the browser's ways out are held: onLeave is called instead of going back. */
export function useUnsaved(isDirty: boolean, onLeave: () => void): void {
  const leave = useRef(onLeave);
  useEffect(() => {
    leave.current = onLeave;
  });
  useEffect(() => {
    if (!isDirty) return;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    const stay = (event: Event & { navigationType?: string }): void => {
      // Not every browser lets itself be kept from going back.
      if (event.navigationType !== "traverse" || !event.cancelable) return;
      event.preventDefault();
      leave.current();
    };
    const navigation = "navigation" in window ? (window.navigation as EventTarget) : null;
    window.addEventListener("beforeunload", warn);
    navigation?.addEventListener("navigate", stay);
    return () => {
      window.removeEventListener("beforeunload", warn);
      navigation?.removeEventListener("navigate", stay);
    };
  }, [isDirty]);
}
