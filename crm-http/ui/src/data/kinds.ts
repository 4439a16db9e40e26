/** The kinds of records, each with its types and its way to the service. */

import type { Contact, Customer, Interaction, Lead, Project, Task, User } from "../../../client/src/service";
import { type DashboardService, type Page, type QueryOf, type Schemas, service } from "./service";

export type { Contact, Customer, Interaction, Lead, Project, Task, User };

type Parent = { customer_id: string } | { lead_id: string };
export type ContactInput = { customer_id: string; name: string } & Partial<Omit<Schemas["ContactPatch"], "customer_id" | "name">>;
export type InteractionInput = Parent & { type: Interaction["type"]; subject?: string | null; description?: string | null; occurred_at?: string };

interface KindTypes<R, I, P, Q> {
  record: R;
  input: I;
  patch: P;
  query: Q;
}

export interface Kinds {
  customers: KindTypes<Customer, Schemas["CustomerInput"], Schemas["CustomerPatch"], QueryOf<"list_customers">>;
  contacts: KindTypes<Contact, ContactInput, Schemas["ContactPatch"], QueryOf<"list_contacts">>;
  interactions: KindTypes<Interaction, InteractionInput, Schemas["InteractionPatch"], QueryOf<"list_interactions">>;
  leads: KindTypes<Lead, Schemas["LeadInput"], Schemas["LeadPatch"], QueryOf<"list_leads">>;
  projects: KindTypes<Project, Schemas["ProjectInput"], Schemas["ProjectPatch"], QueryOf<"list_projects">>;
  tasks: KindTypes<Task, Schemas["TaskInput"], Schemas["TaskPatch"], QueryOf<"list_tasks">>;
  users: KindTypes<User, Schemas["UserInput"], Schemas["UserPatch"], QueryOf<"list_users">>;
}

export type Kind = keyof Kinds;
/** The kinds whose records can be deleted and restored. */
export type DeletableKind = Exclude<Kind, "users">;
export type RecordOf<K extends Kind> = Kinds[K]["record"];
export type InputOf<K extends Kind> = Kinds[K]["input"];
export type PatchOf<K extends Kind> = Kinds[K]["patch"];
export type ListQuery<K extends Kind> = Omit<Kinds[K]["query"], "cursor" | "count">;

/** What every record has. */
export interface AnyRecord {
  id: string;
  version: number;
  created_at: string;
  updated_at: string;
}

interface Collection<K extends Kind> {
  list(query: Kinds[K]["query"]): Promise<Page<RecordOf<K>>>;
  get(id: string): Promise<RecordOf<K>>;
  update(id: string, patch: PatchOf<K>, changing: { ifMatch?: string }): Promise<RecordOf<K>>;
}

interface DeletableCollection<K extends DeletableKind> extends Collection<K> {
  delete(id: string, changing: { ifMatch?: string }): Promise<void>;
  restore(id: string): Promise<RecordOf<K>>;
}

// A union of generic classes cannot be indexed by a type parameter; each member was checked where the class was.
export const collection = <K extends Kind>(kind: K, signal?: AbortSignal): Collection<K> =>
  service(signal)[kind] as unknown as Collection<K>;
export const deletable = <K extends DeletableKind>(kind: K): DeletableCollection<K> =>
  service()[kind] as unknown as DeletableCollection<K>;

type Creators = { [K in Kind]: (crm: DashboardService, input: InputOf<K>, making: { idempotencyKey: string }) => Promise<RecordOf<K>> };

const creators: Creators = {
  customers: (crm, input, making) => crm.customers.create(input, making),
  contacts: (crm, { customer_id, ...input }, making) => crm.contacts.create(customer_id, input, making),
  interactions: (crm, input, making) => {
    if ("customer_id" in input) {
      const { customer_id: customer, ...rest } = input;
      return crm.interactions.create({ customer }, rest, making);
    }
    const { lead_id: lead, ...rest } = input;
    return crm.interactions.create({ lead }, rest, making);
  },
  leads: (crm, input, making) => crm.leads.create(input, making),
  projects: (crm, input, making) => crm.projects.create(input, making),
  tasks: (crm, input, making) => crm.tasks.create(input, making),
  users: (crm, input, making) => crm.users.create(input, making),
};

/** Makes a record; however often it is asked with the same key, once. */
export const create = <K extends Kind>(kind: K, input: InputOf<K>, idempotencyKey: string): Promise<RecordOf<K>> =>
  creators[kind](service(), input, { idempotencyKey });
