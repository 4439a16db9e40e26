/** A server with demo data, a browser, and a page that nothing is wrong with: what every test begins with. */

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";

import { type Browser, type BrowserContextOptions, type Page, chromium } from "playwright-core";

import { type HostOptions, host } from "./host";

export type Role = "owner" | "admin" | "member" | "viewer";
/** What takes longer than this does not come. */
const PATIENCE = 20_000;
export const PASSWORD = "demo-password-1";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

/** A database of its own on the PostgreSQL server of `CRM_TEST_POSTGRES_URL`, which is a superuser's, and a role that is none. */
class PostgresDatabase {
  private readonly name = `crm_e2e_${randomBytes(6).toString("hex")}`;
  readonly url: string;

  constructor(private readonly server: string) {
    const url = new URL(server);
    Object.assign(url, { username: this.name, password: this.name, pathname: `/${this.name}` });
    this.url = url.href;
    this.run(`create role ${this.name} login password '${this.name}'`, `create database ${this.name} owner ${this.name}`);
  }

  drop(): void {
    this.run(`drop database if exists ${this.name} with (force)`, `drop role ${this.name}`);
  }

  private run(...statements: string[]): void {
    execFileSync("psql", [this.server, "--quiet", "--set", "ON_ERROR_STOP=1", ...statements.flatMap((statement) => ["--command", statement])], { stdio: ["ignore", "ignore", "inherit"] });
  }
}

/** The service: on a SQLite file of its own, or with `CRM_E2E_STORE=postgres` on the PostgreSQL of `CRM_TEST_POSTGRES_URL`. */
export class Service {
  private process: ChildProcess | null = null;

  private constructor(
    readonly url: string,
    private readonly port: number,
    readonly database: string,
    private readonly discard: () => Promise<void>,
  ) {}

  static async start(): Promise<Service> {
    const directory = await mkdtemp(join(tmpdir(), "crm-e2e-"));
    const port = await freePort();
    const server = process.env["CRM_E2E_STORE"] === "postgres" ? process.env["CRM_TEST_POSTGRES_URL"] : undefined;
    const postgres = server === undefined ? null : new PostgresDatabase(server);
    const discard = async (): Promise<void> => {
      postgres?.drop();
      await rm(directory, { recursive: true, force: true });
    };
    const service = new Service(`http://127.0.0.1:${port}`, port, postgres?.url ?? `sqlite://${join(directory, "crm.db")}`, discard);
    await service.up();
    return service;
  }

  /** Whether it serves the dashboard itself, at its root. */
  async servesPages(): Promise<boolean> {
    const answer = await fetch(this.url, { headers: { accept: "text/html" } });
    return answer.ok && (await answer.text()).includes('id="crm-config"');
  }

  /** Sends requests as somebody who has signed in. */
  async as(email: string): Promise<(method: string, path: string, body?: object) => Promise<Response>> {
    const send = (method: string, path: string, body: object | undefined, headers: object): Promise<Response> => {
      const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
      return fetch(`${this.url}${path}`, { method, headers: { "content-type": type, ...headers }, ...(body && { body: JSON.stringify(body) }) });
    };
    const answer = await send("POST", "/api/auth/login", { email, password: PASSWORD }, {});
    const { token } = (await answer.json()) as { token: string };
    return (method, path, body) => send(method, path, body, { authorization: `Bearer ${token}` });
  }

  /** Starts it, with what it had before. */
  async up(): Promise<void> {
    const binary = process.env["CRM_SERVER"];
    assert.ok(binary, "CRM_SERVER must be the path of a server");
    const args = ["--demo", "--listen", `127.0.0.1:${this.port}`, "--database", this.database];
    this.process = spawn(binary, args, { stdio: "ignore" });
    for (let tries = 0; tries < 300; tries++) {
      const isReady = await fetch(`${this.url}/readyz`).then((answer) => answer.ok, () => false);
      if (isReady) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error("the server does not get ready");
  }

  /** Ends it, and keeps what it has. */
  async down(): Promise<void> {
    const running = this.process;
    this.process = null;
    if (!running || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGTERM");
    await ended;
  }

  async stop(): Promise<void> {
    await this.down();
    await this.discard();
  }
}

/** What a page must not do: it is gathered, and fails the test. */
export class Watch {
  readonly faults: string[] = [];

  constructor(page: Page, private readonly tolerated: readonly RegExp[] = []) {
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.note(`console: ${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => this.note(`error: ${error.stack ?? error.message}`));
    page.on("dialog", (dialog) => {
      this.note(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }

  private note(fault: string): void {
    if (!this.tolerated.some((pattern) => pattern.test(fault))) this.faults.push(fault);
  }

  /** Fails if anything was wrong. Breaches of the policy are errors of the console. */
  check(): void {
    assert.deepEqual(this.faults, []);
  }
}

export interface Visit {
  page: Page;
  watch: Watch;
  url: string;
}

// What Chromium says of answers that are a part of the test: not signed in yet, refused on purpose.
const REFUSALS = [/Failed to load resource: the server responded with a status of (401|403|404|409|412|422|429)/];

/** The whole: a service, a host of the built pages in front of it, a browser. */
export class Stage {
  private readonly ends: (() => unknown)[] = [];

  private constructor(
    readonly service: Service,
    readonly browser: Browser,
  ) {}

  static async open(): Promise<Stage> {
    const service = await Service.start();
    const browser = await chromium.launch({ executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
    return new Stage(service, browser);
  }

  /**
   * Mounts the dashboard somewhere; gives the address. At the root and as it comes, a service that serves it needs no host
   * in front of it, unless other pages than its own are to be tried (`CRM_UI_DIST`).
   */
  async mount(options: Omit<HostOptions, "api"> = {}): Promise<string> {
    if (Object.keys(options).length === 0 && process.env["CRM_UI_DIST"] === undefined && (await this.service.servesPages())) return `${this.service.url}/`;
    const { url, server } = await host({ ...options, api: this.service.url });
    this.ends.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return url;
  }

  /** A new browser session at an address, not signed in. */
  async visit(url: string, options: BrowserContextOptions = {}, tolerated: readonly RegExp[] = []): Promise<Visit> {
    const context = await this.browser.newContext({ locale: "en-GB", timezoneId: "Europe/Berlin", viewport: { width: 1440, height: 900 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    const watch = new Watch(page, [...REFUSALS, ...tolerated]);
    await page.goto(url);
    return { page, watch, url };
  }

  /** A new browser session that is signed in and shows a page. */
  async signIn(url: string, role: Role, path = "overview", options: BrowserContextOptions = {}, tolerated: readonly RegExp[] = []): Promise<Visit> {
    const visit = await this.visit(new URL(path, url).href, options, tolerated);
    await fillSignIn(visit.page, `${role}@acme.test`);
    await visit.page.getByRole("navigation", { name: /Main|Haupt/ }).or(visit.page.getByRole("button", { name: /^Men/ })).first().waitFor();
    return visit;
  }

  async close(): Promise<void> {
    await this.browser.close();
    for (const end of this.ends) end();
    await this.service.stop();
  }
}

/** Waits until something is as it is to be; fails with what it is instead. */
export async function eventually<T>(look: () => Promise<T>, wanted: T, patience = PATIENCE): Promise<void> {
  const end = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (isDeepStrictEqual(found, wanted)) return;
    if (Date.now() > end) return assert.deepEqual(found, wanted);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function fillSignIn(page: Page, email: string, password = PASSWORD): Promise<void> {
  const form = page.locator("dialog.sign-in");
  await form.locator('input[name="email"]').fill(email);
  await form.locator('input[name="password"]').fill(password);
  await form.locator('button[type="submit"]').click();
}
