/** The kinds of records, each with the routes that it has. */

import type { Client } from "openapi-fetch";

import { Deletable, type Making, type Page, Patchable, content, entriesOf, once, pagesOf } from "./collection.js";
import type { components, operations, paths } from "./schema.js";

type Schemas = components["schemas"];
type Http = Client<paths>;
type Query<Name extends keyof operations> = operations[Name] extends { parameters: { query?: infer Q } }
  ? NonNullable<Q>
  : never;
type Body<Name extends keyof operations> = operations[Name] extends {
  requestBody: { content: { "application/json": infer B } };
}
  ? B
  : never;

export type User = Schemas["User"];
export type Customer = Schemas["Customer"];
export type Contact = Schemas["Contact"];
export type Interaction = Schemas["Interaction"];
export type Lead = Schemas["Lead"];
export type Project = Schemas["Project"];
export type Task = Schemas["Task"];
export type Conversion = Schemas["Conversion"];
export type StageVisit = Schemas["StageVisit"];

export class Users extends Patchable<User, Schemas["UserPatch"], Query<"list_users">> {
  constructor(private readonly http: Http) {
    super(
      {
        list: (query) => http.GET("/api/users", { params: { query } }),
        get: (id) => http.GET("/api/users/{id}", { params: { path: { id } } }),
        history: (id, query) => http.GET("/api/users/{id}/history", { params: { path: { id }, query } }),
      },
      {
        patch: (id, body, header) => http.PATCH("/api/users/{id}", { params: { path: { id }, header }, body }),
      },
    );
  }

  create(body: Schemas["UserInput"], making: Making = {}): Promise<User> {
    return content(this.http.POST("/api/users", { params: { header: once(making) }, body }));
  }

  /** A token by which a user who has no password yet can sign in. It takes the place of the one before. */
  invite(id: string): Promise<Schemas["Invitation"]> {
    return content(this.http.POST("/api/users/{id}/invitation", { params: { path: { id } } }));
  }
}

export class Customers extends Deletable<Customer, Schemas["CustomerPatch"], Query<"list_customers">> {
  constructor(private readonly http: Http) {
    super(
      {
        list: (query) => http.GET("/api/customers", { params: { query } }),
        get: (id) => http.GET("/api/customers/{id}", { params: { path: { id } } }),
        history: (id, query) => http.GET("/api/customers/{id}/history", { params: { path: { id }, query } }),
        patch: (id, body, header) => http.PATCH("/api/customers/{id}", { params: { path: { id }, header }, body }),
      },
      {
        delete: (id, header) => http.DELETE("/api/customers/{id}", { params: { path: { id }, header } }),
        restore: (id) => http.POST("/api/customers/{id}/restore", { params: { path: { id } } }),
      },
    );
  }

  create(body: Schemas["CustomerInput"], making: Making = {}): Promise<Customer> {
    return content(this.http.POST("/api/customers", { params: { header: once(making) }, body }));
  }
}

export class Contacts extends Deletable<Contact, Schemas["ContactPatch"], Query<"list_contacts">> {
  constructor(private readonly http: Http) {
    super(
      {
        list: (query) => http.GET("/api/contacts", { params: { query } }),
        get: (id) => http.GET("/api/contacts/{id}", { params: { path: { id } } }),
        history: (id, query) => http.GET("/api/contacts/{id}/history", { params: { path: { id }, query } }),
        patch: (id, body, header) => http.PATCH("/api/contacts/{id}", { params: { path: { id }, header }, body }),
      },
      {
        delete: (id, header) => http.DELETE("/api/contacts/{id}", { params: { path: { id }, header } }),
        restore: (id) => http.POST("/api/contacts/{id}/restore", { params: { path: { id } } }),
      },
    );
  }

  /** Makes a contact of a customer. */
  create(customer: string, body: Body<"create_contact_of_customer">, making: Making = {}): Promise<Contact> {
    const params = { path: { id: customer }, header: once(making) };
    return content(this.http.POST("/api/customers/{id}/contacts", { params, body }));
  }

  /** The contacts of a customer. */
  of(customer: string, query: Query<"list_contacts_of_customer"> = {}): AsyncGenerator<Contact, void, undefined> {
    const list = (paging: object): Promise<Page<Contact>> => {
      const params = { path: { id: customer }, query: { ...query, ...paging } };
      return content(this.http.GET("/api/customers/{id}/contacts", { params }));
    };
    return entriesOf(pagesOf(list, query));
  }
}

/** What an interaction was with. */
export type Partner = { customer: string } | { lead: string };

export class Interactions extends Deletable<Interaction, Schemas["InteractionPatch"], Query<"list_interactions">> {
  constructor(private readonly http: Http) {
    super(
      {
        list: (query) => http.GET("/api/interactions", { params: { query } }),
        get: (id) => http.GET("/api/interactions/{id}", { params: { path: { id } } }),
        history: (id, query) => http.GET("/api/interactions/{id}/history", { params: { path: { id }, query } }),
        patch: (id, body, header) => http.PATCH("/api/interactions/{id}", { params: { path: { id }, header }, body }),
      },
      {
        delete: (id, header) => http.DELETE("/api/interactions/{id}", { params: { path: { id }, header } }),
        restore: (id) => http.POST("/api/interactions/{id}/restore", { params: { path: { id } } }),
      },
    );
  }

  /** Notes an interaction with a customer or a lead. */
  create(
    partner: Partner,
    body: Body<"create_interaction_of_customer"> & Body<"create_interaction_of_lead">,
    making: Making = {},
  ): Promise<Interaction> {
    const header = once(making);
    if ("customer" in partner) {
      const params = { path: { id: partner.customer }, header };
      return content(this.http.POST("/api/customers/{id}/interactions", { params, body }));
    }
    return content(this.http.POST("/api/leads/{id}/interactions", { params: { path: { id: partner.lead }, header }, body }));
  }

  /** The interactions with a customer or a lead. */
  with(
    partner: Partner,
    query: Query<"list_interactions_of_customer"> = {},
  ): AsyncGenerator<Interaction, void, undefined> {
    const list = (paging: object): Promise<Page<Interaction>> => {
      const asked = { ...query, ...paging };
      return "customer" in partner
        ? content(this.http.GET("/api/customers/{id}/interactions", { params: { path: { id: partner.customer }, query: asked } }))
        : content(this.http.GET("/api/leads/{id}/interactions", { params: { path: { id: partner.lead }, query: asked } }));
    };
    return entriesOf(pagesOf(list, query));
  }
}

export class Leads extends Deletable<Lead, Schemas["LeadPatch"], Query<"list_leads">> {
  constructor(private readonly http: Http) {
    super(
      {
        list: (query) => http.GET("/api/leads", { params: { query } }),
        get: (id) => http.GET("/api/leads/{id}", { params: { path: { id } } }),
        history: (id, query) => http.GET("/api/leads/{id}/history", { params: { path: { id }, query } }),
        patch: (id, body, header) => http.PATCH("/api/leads/{id}", { params: { path: { id }, header }, body }),
      },
      {
        delete: (id, header) => http.DELETE("/api/leads/{id}", { params: { path: { id }, header } }),
        restore: (id) => http.POST("/api/leads/{id}/restore", { params: { path: { id } } }),
      },
    );
  }

  create(body: Schemas["LeadInput"], making: Making = {}): Promise<Lead> {
    return content(this.http.POST("/api/leads", { params: { header: once(making) }, body }));
  }

  /** Makes or links the customer and closes the lead as won, at once. */
  convert(id: string, body: Schemas["ConversionInput"] = {}, making: Making = {}): Promise<Conversion> {
    const params = { path: { id }, header: once(making) };
    return content(this.http.POST("/api/leads/{id}/convert", { params, body }));
  }

  /** Each stage that the lead was in, in order. */
  async stages(id: string): Promise<StageVisit[]> {
    return (await content(this.http.GET("/api/leads/{id}/stages", { params: { path: { id } } }))).data;
  }
}

export class Projects extends Deletable<Project, Schemas["ProjectPatch"], Query<"list_projects">> {
  constructor(private readonly http: Http) {
    super(
      {
        list: (query) => http.GET("/api/projects", { params: { query } }),
        get: (id) => http.GET("/api/projects/{id}", { params: { path: { id } } }),
        history: (id, query) => http.GET("/api/projects/{id}/history", { params: { path: { id }, query } }),
        patch: (id, body, header) => http.PATCH("/api/projects/{id}", { params: { path: { id }, header }, body }),
      },
      {
        delete: (id, header) => http.DELETE("/api/projects/{id}", { params: { path: { id }, header } }),
        restore: (id) => http.POST("/api/projects/{id}/restore", { params: { path: { id } } }),
      },
    );
  }

  create(body: Schemas["ProjectInput"], making: Making = {}): Promise<Project> {
    return content(this.http.POST("/api/projects", { params: { header: once(making) }, body }));
  }
}

export class Tasks extends Deletable<Task, Schemas["TaskPatch"], Query<"list_tasks">> {
  constructor(private readonly http: Http) {
    super(
      {
        list: (query) => http.GET("/api/tasks", { params: { query } }),
        get: (id) => http.GET("/api/tasks/{id}", { params: { path: { id } } }),
        history: (id, query) => http.GET("/api/tasks/{id}/history", { params: { path: { id }, query } }),
        patch: (id, body, header) => http.PATCH("/api/tasks/{id}", { params: { path: { id }, header }, body }),
      },
      {
        delete: (id, header) => http.DELETE("/api/tasks/{id}", { params: { path: { id }, header } }),
        restore: (id) => http.POST("/api/tasks/{id}/restore", { params: { path: { id } } }),
      },
    );
  }

  create(body: Schemas["TaskInput"], making: Making = {}): Promise<Task> {
    return content(this.http.POST("/api/tasks", { params: { header: once(making) }, body }));
  }
}
