import { useLingui } from "@lingui/react/macro";
import { type ComponentType, useEffect, useRef } from "react";
import { Link, Redirect, useLocation } from "wouter";

import { type Permission, useCan } from "../../data";
import { Forbidden, Icon, type IconName } from "../../kit";
import { NotFound } from "../not-found";
import { Account } from "./Account";
import { ApiKeys } from "./ApiKeys";
import { People } from "./People";
import { Pipeline } from "./Pipeline";
import { Workspace } from "./Workspace";
import "./settings.css";

interface Section {
  key: string;
  title: string;
  icon: IconName;
  needs: Permission | null;
  Component: ComponentType;
}

function useSections(): readonly Section[] {
  const { t } = useLingui();
  return [
    { key: "account", title: t`My account`, icon: "user", needs: null, Component: Account },
    { key: "people", title: t`People and roles`, icon: "customers", needs: "read:users", Component: People },
    { key: "pipeline", title: t`Pipeline`, icon: "leads", needs: "update:pipelines", Component: Pipeline },
    { key: "workspace", title: t`Workspace`, icon: "settings", needs: "update:settings", Component: Workspace },
    { key: "api-keys", title: t`API keys`, icon: "key", needs: "read:api_keys", Component: ApiKeys },
  ];
}

/** What one decides about oneself, and whoever may about the workspace. */
export default function SettingsPage() {
  const { t } = useLingui();
  const can = useCan();
  const [location] = useLocation();
  const sections = useSections();
  const isPermitted = ({ needs }: Section): boolean => needs === null || can(needs);
  const key = location.split("/")[2];
  const section = sections.find((candidate) => candidate.key === key);
  const nav = useRef<HTMLElement>(null);
  // Where it is narrow, the sections are a line that is longer than the screen.
  useEffect(() => {
    // A promise in some browsers, which is no business of the effect's.
    void nav.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [key]);
  if (key === undefined || key === "") return <Redirect to="/settings/account" replace />;
  if (!section) return <NotFound />;
  return (
    <div className="settings">
      <div className="page-header">
        <h1>{t`Settings`}</h1>
      </div>
      <div className="settings-frame">
        <nav ref={nav} aria-label={t`Settings`} className="settings-nav">
          <ul>
            {sections.filter(isPermitted).map(({ key: name, title, icon }) => (
              <li key={name}>
                <Link href={`/settings/${name}`} className="navigation-link" aria-current={name === key ? "page" : undefined}>
                  <Icon name={icon} />
                  {title}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <div className="settings-content">{isPermitted(section) ? <section.Component /> : <Forbidden />}</div>
      </div>
    </div>
  );
}
