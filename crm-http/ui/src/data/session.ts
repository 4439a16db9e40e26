/** Who is signed in, and what that permits. */

import { useQuery } from "@tanstack/react-query";

import { cache } from "./cache";
import { keys } from "./keys";
import { type Me, ProblemError, service } from "./service";

type Action = "read" | "create" | "update" | "delete" | "restore" | "erase" | "import" | "export" | "read_log";
type Thing = "customers" | "contacts" | "leads" | "interactions" | "projects" | "tasks" | "pipelines" | "settings" | "users" | "api_keys" | "incidents";
/** As the service names it: `update:customers`. */
export type Permission = `${Action}:${Thing}`;

/** Who is signed in: null for nobody, undefined while it is not known. */
export function useSession() {
  return useQuery<Me | null>({
    queryKey: keys.me,
    queryFn: async ({ signal }) => {
      try {
        return await service(signal).me();
      } catch (error) {
        if (error instanceof ProblemError && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: Infinity,
    gcTime: Infinity,
  });
}

// While somebody has to sign in again, the page behind goes on as who it was.
let lastSeen: Me | null = null;
/** Whoever was signed in has gone on purpose: nothing is kept for them. */
let hasLeft = false;

/** Whose pages are shown: who is signed in, or was until the session ended. */
export function useShown(): Me | null {
  const { data } = useSession();
  if (data && lastSeen && !isSame(data, lastSeen)) forget();
  if (data === null && hasLeft) {
    // Here, above everything that shows them: what is below must not render without anybody.
    lastSeen = null;
    hasLeft = false;
    forget();
  }
  if (data) lastSeen = data;
  return lastSeen;
}

const isSame = (a: Me, b: Me): boolean => a.user.id === b.user.id && a.tenant.id === b.tenant.id;

/** Forgets everything but who is signed in, for whom the cache is watched. */
const forget = (): void => cache.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== keys.me[0] });

/** Whoever is signed in; below the shell there is always somebody. */
export function useMe(): Me {
  const { data } = useSession();
  const me = data ?? lastSeen;
  if (!me) throw new Error("nobody is signed in");
  return me;
}

/** Whether whoever is signed in may do this. */
export function useCan(): (permission: Permission) => boolean {
  const { permissions } = useMe();
  return (permission) => permissions.includes(permission);
}

/** Signs in; the answer of an account of several tenants names them instead. */
export const signIn = (email: string, password: string, tenant?: string) => service().signIn(email, password, tenant);

/** Signs in by an invitation, with the password of the account or the first one of a new account. */
export const acceptInvitation = (token: string, password: string) => service().acceptInvitation(token, password);

/** Asks who is signed in now. */
export const refreshSession = (): Promise<void> => cache.invalidateQueries({ queryKey: keys.me });

function left(): void {
  hasLeft = true;
  cache.setQueryData<Me | null>(keys.me, null);
}

export async function signOut(): Promise<void> {
  await service().signOut();
  left();
}

/** Ends every sign-in of the account, in all tenants. */
export async function signOutEverywhere(): Promise<void> {
  await service().signOutEverywhere();
  left();
}
