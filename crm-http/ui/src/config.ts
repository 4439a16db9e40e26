/** What the host decided: written into the page by the server. */

/** A page that can be switched on. */
export type PageName = "overview" | "customers" | "leads" | "interactions" | "tasks" | "projects" | "activity" | "settings";

export interface Config {
  /** The product's name, in the title and above the navigation. */
  name: string;
  /** The address of a logo, beside the name. */
  logo: string | null;
  pages: readonly PageName[];
  /** More entries of the navigation, to the host's own pages. */
  links: readonly { label: string; href: string }[];
  /** By password here, at an address of the host's, or (null) however the host does it. */
  signIn: "password" | { url: string } | null;
  /** The language, where the host decides it for everyone who has not chosen one. */
  language: string | null;
  /** The path of the mount without a slash at its end: empty, `/crm`, `/t/acme/crm`. */
  base: string;
  /** The address of the mount without a slash at its end. */
  url: string;
}

const PAGES: readonly PageName[] = ["overview", "customers", "leads", "interactions", "tasks", "projects", "activity", "settings"];

const isPageName = (name: unknown): name is PageName => PAGES.some((page) => page === name);

const isLink = (link: unknown): link is { label: string; href: string } =>
  typeof link === "object" && link !== null && "label" in link && "href" in link && typeof link.label === "string" && typeof link.href === "string";

function signIn(written: unknown): Config["signIn"] {
  if (written === null) return null;
  const hasUrl = typeof written === "object" && written !== undefined && "url" in written && typeof written.url === "string";
  return hasUrl ? { url: (written as { url: string }).url } : "password";
}

/** The config that is written in a page; what is left out is as by default. */
export function readConfig(page: Document): Config {
  const text = page.getElementById("crm-config")?.textContent ?? "{}";
  const written = JSON.parse(text) as Record<string, unknown>;
  const string = (name: string): string | null => (typeof written[name] === "string" ? written[name] : null);
  const list = (name: string): unknown[] | null => (Array.isArray(written[name]) ? (written[name] as unknown[]) : null);
  const mount = new URL(".", page.baseURI);
  return {
    name: string("name") ?? "CRM",
    logo: string("logo"),
    pages: list("pages")?.filter(isPageName) ?? PAGES,
    links: list("links")?.filter(isLink) ?? [],
    signIn: signIn(written["sign_in"]),
    language: string("language"),
    base: mount.pathname.replace(/\/$/, ""),
    url: mount.href.replace(/\/$/, ""),
  };
}

export const config = readConfig(document);
