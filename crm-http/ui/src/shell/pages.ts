/** The pages: what they are called, what they need, and where their code is. */

import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { type ComponentType, lazy } from "react";

import { type PageName, config } from "../config";
import type { Permission } from "../data/session";
import { loadTexts } from "../i18n";
import { MultiTenantCRMOverview } from "../pages/overview";

export interface Page {
  name: PageName;
  title: MessageDescriptor;
  /** What one must be permitted to see it; null for everyone. */
  needs: Permission | null;
  Component: ComponentType;
  /** Loads its code ahead of time. */
  preload(): void;
}

/** A page with its texts, loaded when it is first shown. */
function loaded(name: PageName, code: () => Promise<{ default: ComponentType }>): Pick<Page, "name" | "Component" | "preload"> {
  const load = async () => {
    const [page] = await Promise.all([code(), loadTexts(name)]);
    return page;
  };
  return { name, Component: lazy(load), preload: () => void load().catch(() => undefined) };
}

const ALL: readonly Page[] = [
  { name: "overview", title: msg`Overview`, needs: null, Component: MultiTenantCRMOverview, preload: () => undefined },
  { ...loaded("customers", () => import("../pages/customers")), title: msg`Customers`, needs: "read:customers" },
  { ...loaded("leads", () => import("../pages/leads")), title: msg`Leads`, needs: "read:leads" },
  { ...loaded("interactions", () => import("../pages/interactions")), title: msg`Interactions`, needs: "read:interactions" },
  { ...loaded("tasks", () => import("../pages/tasks")), title: msg`Tasks`, needs: "read:tasks" },
  { ...loaded("projects", () => import("../pages/projects")), title: msg`Projects`, needs: "read:projects" },
  { ...loaded("activity", () => import("../pages/activity")), title: msg`Activity`, needs: "read_log:customers" },
  { ...loaded("settings", () => import("../pages/settings")), title: msg`Settings`, needs: null },
];

/** The pages that the host has switched on. */
export const PAGES: readonly Page[] = ALL.filter((page) => config.pages.includes(page.name));
