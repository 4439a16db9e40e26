import { type ComponentType, type LazyExoticComponent, lazy } from "react";

import { loadTexts } from "../i18n";

/** A part that belongs to another page, loaded with that page's texts when it is shown. */
export function partOf<P>(page: string, code: () => Promise<{ default: ComponentType<P> }>): LazyExoticComponent<ComponentType<P>> {
  return lazy(async () => {
    const [part] = await Promise.all([code(), loadTexts(page)]);
    return part;
  });
}
