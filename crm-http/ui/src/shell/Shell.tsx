import { useLingui } from "@lingui/react/macro";
import { type ReactNode, Suspense, lazy, useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";

import { config } from "../config";
import { startLive, useConnection } from "../data/live";
import { useMe } from "../data/session";
import { CreateHost } from "../forms/CreateHost";
import { IconButton, SidePanel } from "../kit";
import { Icon } from "../kit/Icon";
import { Toasts } from "../kit/Toasts";
import { Tooltips } from "../kit/Tooltips";
import { AskedConflict } from "./AskedConflict";
import { ConnectionStatus } from "./ConnectionStatus";
import { Navigation } from "./Navigation";
import { NewMenu } from "./NewMenu";
import { UserMenu } from "./UserMenu";
import "./shell.css";

const Palette = lazy(() => import("./Palette"));
const isMac = navigator.platform.startsWith("Mac");

function Brand() {
  const { tenant } = useMe();
  return (
    <div className="brand">
      {config.logo === null ? <span className="brand-mark" aria-hidden="true">{[...config.name][0]}</span> : <img src={config.logo} alt="" className="brand-logo" />}
      <span className="brand-names">
        <strong>{config.name}</strong>
        <span>{tenant.name}</span>
      </span>
    </div>
  );
}

/** Opens the palette by Ctrl-K, and tells whether it is open. */
function usePalette(): { isOpen: boolean; setOpen(isOpen: boolean): void } {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
      event.preventDefault();
      // Above a dialog, what is behind it cannot be reached anyway.
      if (!document.querySelector("dialog[open]")) setOpen(true);
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
  return { isOpen, setOpen };
}

/** What is around every page. */
export function Shell({ children }: { children: ReactNode }) {
  const { t } = useLingui();
  const main = useRef<HTMLElement>(null);
  const [isDrawerOpen, setDrawerOpen] = useState(false);
  const palette = usePalette();
  const connection = useConnection();
  const [location] = useLocation();
  const isFirst = useRef(true);
  useEffect(startLive, []);

  const page = location.split("/")[1];
  useEffect(() => {
    // Another page begins where it begins, for keyboards and screen readers as well.
    if (!isFirst.current) main.current?.focus({ preventScroll: true });
    isFirst.current = false;
    main.current?.scrollTo(0, 0);
  }, [page]);

  return (
    <div className="shell">
      <button type="button" className="skip-link" onClick={() => main.current?.focus()}>
        {t`Skip to the content`}
      </button>
      <aside className="side-bar" aria-label={config.name}>
        <Brand />
        <Navigation />
        <ConnectionStatus />
      </aside>
      <header className="top-bar">
        <div className="drawer-button">
          <IconButton icon="menu" label={t`Menu`} onClick={() => setDrawerOpen(true)} />
        </div>
        <button type="button" className="search-button" aria-keyshortcuts={isMac ? "Meta+K" : "Control+K"} onClick={() => palette.setOpen(true)}>
          <Icon name="search" />
          <span>{t`Search or jump to…`}</span>
          <kbd>{isMac ? "⌘K" : "Ctrl K"}</kbd>
        </button>
        <NewMenu />
        <UserMenu />
      </header>
      {connection === "offline" && (
        <p className="offline-bar" role="status">
          <Icon name="offline" /> {t`No connection to the server. What you see may be old; it is tried again by itself.`}
        </p>
      )}
      <main ref={main} id="main" className="main" tabIndex={-1}>
        {children}
      </main>
      {isDrawerOpen && (
        <SidePanel title={config.name} size="small" onClose={() => setDrawerOpen(false)}>
          <Navigation onFollow={() => setDrawerOpen(false)} />
          <ConnectionStatus />
        </SidePanel>
      )}
      {palette.isOpen && (
        <Suspense>
          <Palette onClose={() => palette.setOpen(false)} />
        </Suspense>
      )}
      <CreateHost />
      <AskedConflict />
      <Toasts />
      <Tooltips />
    </div>
  );
}
