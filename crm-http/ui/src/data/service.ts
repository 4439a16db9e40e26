/** The client as the dashboard uses it: by cookie, to where the page is mounted, stoppable. */

import createClient, { type Client } from "openapi-fetch";

import { type Fetched, type Page, content } from "../../../client/src/collection";
import { ProblemError } from "../../../client/src/problem";
import type { components, operations, paths } from "../../../client/src/schema";
import { type Event, MultiTenantCRMService, type Options } from "../../../client/src/service";
import { config } from "../config";

export type Schemas = components["schemas"];
export type Me = Schemas["Me"];
export type Money = Schemas["Money"];
export type Stage = Schemas["Stage"];
export type APIKey = Schemas["APIKey"];
export type Finding = Schemas["Findings"]["data"][number];
export type QueryOf<Name extends keyof operations> = NonNullable<operations[Name]["parameters"]["query"]>;

/** The routes that only the dashboard asks for, beside those of the client. */
export class DashboardService extends MultiTenantCRMService {
  private readonly routes: Client<paths>;

  constructor(options: Options) {
    super(options);
    this.routes = createClient<paths>({
      baseUrl: options.baseUrl,
      credentials: "same-origin",
      querySerializer: { array: { style: "form", explode: false } },
      ...(options.fetch && { fetch: options.fetch }),
    });
  }

  /** What matches best, of every kind that is searched. */
  async search(q: string, limit: number): Promise<Finding[]> {
    return (await content(this.routes.GET("/api/search", { params: { query: { q, limit } } }))).data;
  }

  /** One page of the log, oldest first. */
  log(query: QueryOf<"events">): Promise<Page<Event>> {
    return content(this.routes.GET("/api/events", { params: { query } }));
  }

  changePassword(current: string, next: string): Promise<unknown> {
    const body = { current_password: current, new_password: next };
    return content(this.routes.POST("/api/auth/password", { body }));
  }

  async signOutEverywhere(): Promise<void> {
    await content(this.routes.POST("/api/auth/logout", { body: { everywhere: true } }));
  }

  apiKeys(query: QueryOf<"list_api_keys">): Promise<Page<APIKey>> {
    return content(this.routes.GET("/api/api-keys", { params: { query } }));
  }

  createApiKey(body: Schemas["APIKeyInput"], idempotencyKey: string): Promise<Schemas["MadeAPIKey"]> {
    const params = { header: { "Idempotency-Key": idempotencyKey } };
    return content(this.routes.POST("/api/api-keys", { params, body }) as Fetched<Schemas["MadeAPIKey"]>);
  }

  async revokeApiKey(id: string): Promise<void> {
    await content(this.routes.DELETE("/api/api-keys/{id}", { params: { path: { id } } }));
  }
}

/** The service; what is asked through it ends when the signal says so. */
export function service(signal?: AbortSignal): DashboardService {
  const fetchUntil = (request: Request) => (signal ? fetch(request, { signal }) : fetch(request));
  return new DashboardService({ baseUrl: config.url, cookie: true, fetch: fetchUntil });
}

/** The tag of a version of a record, for `If-Match`. */
export const etagOf = ({ id, version }: { id: string; version: number }): string => `"${id.replaceAll("-", "")}-${version}"`;

export { ProblemError };

/** Whether something was not changed because somebody else has changed it meanwhile. */
export const isStale = (error: unknown): boolean => error instanceof ProblemError && error.status === 412;
export type { Event } from "../../../client/src/service";
export type { Page } from "../../../client/src/collection";
