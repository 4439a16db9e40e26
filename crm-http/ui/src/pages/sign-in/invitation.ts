/** The invitation in the address of the page: in its fragment, which no server and no log ever sees. */

import { useSyncExternalStore } from "react";

import { config } from "../../config";

const NAME = "invitation";

const tokenOf = (hash: string): string | null => new URLSearchParams(hash.replace(/^#/, "")).get(NAME) || null;

// Where the host signs people in, there is nothing to accept here.
let token = config.signIn === "password" ? tokenOf(window.location.hash) : null;
const listeners = new Set<() => void>();

window.addEventListener("hashchange", () => {
  if (config.signIn === "password") token = tokenOf(window.location.hash) ?? token;
  for (const listener of listeners) listener();
});

/** The address by which somebody who is invited comes in. */
export const invitationLink = (secret: string): string => `${config.url}/sign-in#${new URLSearchParams({ [NAME]: secret })}`;

/** The token of the invitation that the page was opened with, until it has been answered. */
export const useInvitation = (): string | null =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => token,
  );

/** It is accepted or put away: the address does not have it any more. */
export function closeInvitation(): void {
  token = null;
  window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
  for (const listener of listeners) listener();
}
