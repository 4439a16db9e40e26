import { useLingui } from "@lingui/react/macro";
import { useEffect, useRef } from "react";

import { Button } from "./Button";

/** Whether somebody goes through it by keys. They would never come to the end of what goes on by itself, nor to what is after it. */
export const isTabbed = (list: Element | null): boolean => (list?.querySelector(":focus-visible") ?? null) !== null;

/** The end of a list that goes on: loads more when it comes into view, and by a button. */
export function LoadMore({ hasMore, isLoading, onLoad }: { hasMore: boolean; isLoading: boolean; onLoad(): void }) {
  const { t } = useLingui();
  const end = useRef<HTMLDivElement>(null);
  const load = useRef(onLoad);
  useEffect(() => {
    load.current = onLoad;
  });
  useEffect(() => {
    if (!hasMore || isLoading || !end.current) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && !isTabbed(entry.target.parentElement) && load.current(), { rootMargin: "300px" });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [hasMore, isLoading]);
  if (!hasMore) return null;
  return (
    <div ref={end} className="load-more">
      <Button variant="ghost" isBusy={isLoading} onClick={onLoad}>
        {t`Load more`}
      </Button>
    </div>
  );
}
