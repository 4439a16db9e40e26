/** The keys of what is kept of the service's answers. */

import type { Kind } from "./kinds";

export const keys = {
  me: ["me"] as const,
  pipeline: ["pipelines"] as const,
  settings: ["settings"] as const,
  people: ["users", "all"] as const,
  analytics: ["analytics"] as const,
  figure: (name: string, query: object = {}) => ["analytics", name, query] as const,
  /** Every list of a kind. */
  lists: (kind: Kind) => [kind, "list"] as const,
  list: (kind: Kind, query: object, part: string | null) => [kind, "list", query, part] as const,
  records: (kind: Kind) => [kind, "record"] as const,
  record: (kind: Kind, id: string) => [kind, "record", id] as const,
  history: (kind: Kind, id: string) => [kind, "history", id] as const,
  apiKeys: ["api_keys"] as const,
  log: (query: object) => ["log", query] as const,
};
