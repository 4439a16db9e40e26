/** The CRM over HTTP. */

import createClient, { type Client } from "openapi-fetch";

import { type Changing, type Event, type Fetched, content, entriesOf, pagesOf } from "./collection.js";
import { Contacts, Customers, Interactions, Leads, Projects, Tasks, Users } from "./records.js";
import type { components, operations, paths } from "./schema.js";

export { type Changing, type Event, type Making, type Page, etagOf } from "./collection.js";
export { type Fault, type Problem, ProblemError } from "./problem.js";
export type * from "./records.js";

type Schemas = components["schemas"];
type Query<Name extends keyof operations> = NonNullable<operations[Name]["parameters"]["query"]>;

/** How to reach the service. */
export interface Options {
  /** Where the service is mounted: `https://example.com/crm`, or `/crm` in a browser on the same host. */
  baseUrl: string;
  /** The token of a sign-in or an API key; {@link MultiTenantCRMService.signIn} gets one. */
  token?: string;
  /** Whether requests are known by a cookie instead of a token. */
  cookie?: boolean;
  /** What sends requests, if not the global `fetch`. */
  fetch?: (request: Request) => Promise<Response>;
}

/** The figures, counted in the days of the tenant's time zone. */
export class Analytics {
  constructor(private readonly http: Client<paths>) {}

  /** The figures of now. */
  overview(): Promise<Schemas["Overview"]> {
    return content(this.http.GET("/api/crm/analytics"));
  }

  /** A metric by day, week or month. */
  timeseries(query: Query<"analytics_timeseries">): Promise<Schemas["TimeSeries"]> {
    return content(this.http.GET("/api/crm/analytics/timeseries", { params: { query } }));
  }

  /** How far the leads came that entered each stage in a period. */
  async funnel(query: Query<"analytics_funnel"> = {}): Promise<Schemas["FunnelStage"][]> {
    return (await content(this.http.GET("/api/crm/analytics/funnel", { params: { query } }))).stages;
  }

  /** How long the leads took that were closed in a period. */
  velocity(query: Query<"analytics_velocity"> = {}): Promise<Schemas["Velocity"]> {
    return content(this.http.GET("/api/crm/analytics/velocity", { params: { query } }));
  }

  /** What became of the leads of each month. */
  async cohorts(): Promise<Schemas["Cohort"][]> {
    return (await content(this.http.GET("/api/crm/analytics/cohorts"))).data;
  }

  /** What the open leads may bring, by month. */
  async forecast(): Promise<Schemas["ForecastMonth"][]> {
    return (await content(this.http.GET("/api/crm/analytics/forecast"))).data;
  }

  /** Who won what in a period, highest first. */
  async leaderboard(query: Query<"analytics_leaderboard"> = {}): Promise<Schemas["Leader"][]> {
    return (await content(this.http.GET("/api/crm/analytics/leaderboard", { params: { query } }))).data;
  }
}

/**
 * The CRM as one tenant's user sees it. Whatever the service refuses is thrown as a `ProblemError`.
 *
 * ```ts
 * const crm = new MultiTenantCRMService({ baseUrl: "http://127.0.0.1:8005" });
 * await crm.signIn("owner@acme.test", "demo-password-1");
 * for await (const lead of crm.leads.all({ stage: "qualified", sort: ["-value"] })) console.log(lead.company);
 * ```
 */
export class MultiTenantCRMService {
  readonly users: Users;
  readonly customers: Customers;
  readonly contacts: Contacts;
  readonly interactions: Interactions;
  readonly leads: Leads;
  readonly projects: Projects;
  readonly tasks: Tasks;
  readonly analytics: Analytics;
  private readonly http: Client<paths>;
  private readonly keepsToken: boolean;
  private token: string | undefined;

  constructor(options: Options) {
    this.token = options.token;
    this.keepsToken = !options.cookie;
    this.http = createClient<paths>({
      baseUrl: options.baseUrl.replace(/\/+$/, ""),
      credentials: options.cookie ? "same-origin" : "omit",
      querySerializer: { array: { style: "form", explode: false } },
      ...(options.fetch && { fetch: options.fetch }),
    });
    this.http.use({
      onRequest: ({ request }) => {
        if (this.token !== undefined) request.headers.set("authorization", `Bearer ${this.token}`);
        if (request.method === "PATCH") request.headers.set("content-type", "application/merge-patch+json");
        return request;
      },
    });
    this.users = new Users(this.http);
    this.customers = new Customers(this.http);
    this.contacts = new Contacts(this.http);
    this.interactions = new Interactions(this.http);
    this.leads = new Leads(this.http);
    this.projects = new Projects(this.http);
    this.tasks = new Tasks(this.http);
    this.analytics = new Analytics(this.http);
  }

  /**
   * Signs in. From then on requests are this user's. The answer of an account that opens several tenants has no token
   * but names them; call again with the slug of one.
   */
  async signIn(email: string, password: string, tenant?: string): Promise<Schemas["SignIn"]> {
    const body = { email, password, ...(tenant !== undefined && { tenant }) };
    return this.signedIn(this.http.POST("/api/auth/login", { body }));
  }

  /**
   * Signs in with the token of an invitation and the password of the account of that address, or the first one of a new
   * account.
   */
  acceptInvitation(token: string, password: string): Promise<Schemas["SignIn"]> {
    return this.signedIn(this.http.POST("/api/auth/invitation", { body: { token, password } }));
  }

  private async signedIn(fetched: Promise<unknown>): Promise<Schemas["SignIn"]> {
    // The types of openapi-fetch lose members that are always null.
    const answer = await content(fetched as Fetched<Schemas["SignIn"]>);
    if (this.keepsToken && answer.token !== null) this.token = answer.token;
    return answer;
  }

  /** Signs out; the token is good for nothing from then on. */
  async signOut(): Promise<void> {
    await content(this.http.POST("/api/auth/logout"));
    this.token = undefined;
  }

  /** Who is asking: the user, the tenant, the role and what it permits. */
  me(): Promise<Schemas["Me"]> {
    return content(this.http.GET("/api/auth/me"));
  }

  /** The stages of the tenant's leads. */
  pipeline(): Promise<Schemas["Pipeline"]> {
    return content(this.http.GET("/api/pipeline"));
  }

  /** Replaces the stages. */
  replacePipeline(stages: Schemas["StageInput"][], { ifMatch }: Changing = {}): Promise<Schemas["Pipeline"]> {
    const header = ifMatch === undefined ? {} : { "If-Match": ifMatch };
    return content(this.http.PUT("/api/pipeline", { params: { header }, body: { stages } }));
  }

  /** What the tenant decides for itself. */
  settings(): Promise<Schemas["Settings"]> {
    return content(this.http.GET("/api/settings"));
  }

  /** Changes the settings. */
  updateSettings(body: Schemas["SettingsPatch"], { ifMatch }: Changing = {}): Promise<Schemas["Settings"]> {
    const header = ifMatch === undefined ? {} : { "If-Match": ifMatch };
    return content(this.http.PATCH("/api/settings", { params: { header }, body }));
  }

  /** The log of the tenant, oldest first. */
  events(query: Query<"events"> = {}): AsyncGenerator<Event, void, undefined> {
    const list = (paging: object) => content(this.http.GET("/api/events", { params: { query: { ...query, ...paging } } }));
    return entriesOf(pagesOf(list, query));
  }
}
