import { useLingui } from "@lingui/react/macro";
import { Link, useLocation } from "wouter";

import { config } from "../config";
import { useCan } from "../data/session";
import { Icon } from "../kit";
import { PAGES } from "./pages";

/** The links to the pages that one may see, and to the host's own. */
export function Navigation({ onFollow }: { onFollow?: () => void }) {
  const { t } = useLingui();
  const can = useCan();
  const [location] = useLocation();
  const pages = PAGES.filter((page) => page.needs === null || can(page.needs));
  return (
    <nav aria-label={t`Main`} className="navigation">
      <ul>
        {pages.map(({ name, title, preload }) => {
          const isHere = location === `/${name}` || location.startsWith(`/${name}/`);
          return (
            <li key={name}>
              <Link
                href={`/${name}`}
                className="navigation-link"
                aria-current={isHere ? "page" : undefined}
                onClick={() => onFollow?.()}
                onPointerEnter={preload}
                onFocus={preload}
              >
                <Icon name={name} />
                {t(title)}
              </Link>
            </li>
          );
        })}
        {config.links.map(({ label, href }) => (
          <li key={href}>
            <a href={href} className="navigation-link">
              <Icon name="external" />
              {label}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
