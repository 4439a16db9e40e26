/** The client against a server with demo data, at the address in `CRM_TEST_URL`. */

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { MultiTenantCRMService, ProblemError, etagOf } from "../src/service.js";

const baseUrl = process.env["CRM_TEST_URL"];
assert.ok(baseUrl, "CRM_TEST_URL must be the address of a server with demo data");
const PASSWORD = "demo-password-1";

const service = (): MultiTenantCRMService => new MultiTenantCRMService({ baseUrl });
const crm = service();

async function collect<T>(entries: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}

const problem = (status: number, code: string) => (error: unknown) =>
  error instanceof ProblemError && error.status === status && error.code === code && error.requestId !== null;

before(async () => {
  const answer = await crm.signIn("owner@acme.test", PASSWORD);
  assert.equal(typeof answer.token, "string");
});

test("signing in says who one is, and signing out ends it", async () => {
  const own = service();
  await assert.rejects(own.me(), problem(401, "unauthenticated"));
  await assert.rejects(own.signIn("owner@acme.test", "wrong"), problem(401, "invalid_credentials"));
  await own.signIn("viewer@acme.test", PASSWORD);
  const me = await own.me();
  assert.equal(me.role, "viewer");
  assert.equal(("email" in me.user && me.user.email), "viewer@acme.test");
  assert.equal(me.tenant.slug, "acme");
  await assert.rejects(own.customers.create({ company: "No" }), problem(403, "forbidden"));
  await own.signOut();
  await assert.rejects(own.me(), problem(401, "unauthenticated"));
});

test("an account of several tenants chooses one", async () => {
  const own = service();
  const answer = await own.signIn("both@demo.test", PASSWORD);
  assert.ok(answer.token === null);
  assert.deepEqual(answer.tenants.map((tenant) => tenant.slug).sort(), ["acme", "globex"]);
  await own.signIn("both@demo.test", PASSWORD, "globex");
  assert.equal((await own.me()).tenant.slug, "globex");
});

test("a record lives from creation to restoration, and its history tells", async () => {
  const made = await crm.customers.create({ company: "Brightwater", email: "ada@brightwater.test" });
  assert.equal(made.version, 1);
  const found = await crm.customers.get(made.id);
  assert.deepEqual(found, made);
  const changed = await crm.customers.update(made.id, { phone: "+44 20 7946 0000" }, { ifMatch: etagOf(found)! });
  assert.equal(changed.version, 2);
  const stale = crm.customers.update(made.id, { phone: null }, { ifMatch: etagOf(found)! });
  await assert.rejects(stale, problem(412, "stale"));
  await crm.customers.delete(made.id, { ifMatch: etagOf(changed)! });
  await assert.rejects(crm.customers.get(made.id), problem(404, "not_found"));
  assert.equal((await crm.customers.restore(made.id)).company, "Brightwater");
  const kinds = (await collect(crm.customers.history(made.id))).map((event) => event.kind);
  assert.deepEqual(kinds, ["restored", "deleted", "updated", "created"]);
});

test("all pages of a list are walked, each record once", async () => {
  const all = await collect(crm.leads.all({ limit: 3, sort: ["-value", "created_at"] }));
  const { total } = await crm.leads.list({ count: true, limit: 1 });
  assert.equal(all.length, total);
  assert.equal(new Set(all.map((lead) => lead.id)).size, total);
  const amounts = all.map((lead) => lead.value?.amount ?? -1);
  assert.deepEqual(amounts, [...amounts].sort((a, b) => b - a));
});

test("lists are filtered and searched", async () => {
  const won = await collect(crm.leads.all({ "stage[in]": ["closed_won", "closed_lost"], search: "solar" }));
  assert.ok(won.every((lead) => lead.closed_at !== null));
  const page = await crm.customers.list({ "company[prefix]": "Bright", is_active: true });
  assert.ok(page.data.every((customer) => customer.company?.startsWith("Bright")));
  await assert.rejects(crm.customers.list({ limit: 0 }), problem(400, "invalid_parameter"));
});

test("an idempotency key makes a record once", async () => {
  const making = { idempotencyKey: `client-test-${crypto.randomUUID()}` };
  const first = await crm.leads.create({ company: "Once" }, making);
  assert.deepEqual(await crm.leads.create({ company: "Once" }, making), first);
  await assert.rejects(crm.leads.create({ company: "Twice" }, making), problem(409, "idempotency_conflict"));
});

test("all the faults of an input are told at once", async () => {
  const refused = crm.customers.create({ company: "x".repeat(201), email: "nobody", tags: ["a"] });
  await assert.rejects(refused, (error: unknown) => {
    assert.ok(error instanceof ProblemError);
    assert.equal(error.status, 422);
    assert.deepEqual(error.errors.map((fault) => fault.pointer).sort(), ["/company", "/email"]);
    return true;
  });
});

test("a lead becomes a customer", async () => {
  const lead = await crm.leads.create({ company: "Soon a customer", value: { amount: 500, currency: "EUR" } });
  const note = await crm.interactions.create({ lead: lead.id }, { type: "note", subject: "Hello" });
  assert.deepEqual(await collect(crm.interactions.with({ lead: lead.id })), [note]);
  const { lead: won, customer } = await crm.leads.convert(lead.id);
  assert.equal(won.customer_id, customer.id);
  assert.equal((await crm.leads.stages(lead.id)).length, 2);
  const contact = await crm.contacts.create(customer.id, { name: "Ada", is_primary: true });
  assert.deepEqual(await collect(crm.contacts.of(customer.id)), [contact]);
});

test("projects, tasks and users are made and changed", async () => {
  const project = await crm.projects.create({ name: "Panels", due_on: "2030-01-01" });
  const task = await crm.tasks.create({ title: "Call", project_id: project.id });
  const done = await crm.tasks.update(task.id, { status: "done" });
  assert.notEqual(done.completed_at, null);
  await crm.projects.delete(project.id);
  const user = await crm.users.create({ email: `new-${crypto.randomUUID()}@acme.test` });
  assert.equal((await crm.users.update(user.id, { is_active: false })).is_active, false);
});

test("who is invited sets a password and is signed in", async () => {
  const user = await crm.users.create({ email: `invited-${crypto.randomUUID()}@acme.test` });
  const { token } = await crm.users.invite(user.id);
  const own = service();
  const answer = await own.acceptInvitation(token, PASSWORD);
  assert.ok(answer.token !== null);
  assert.equal((await own.me()).user.id, user.id);
  await assert.rejects(service().acceptInvitation(token, PASSWORD), problem(401, "invalid_invitation"));
});

test("figures, pipeline, settings and the log answer", async () => {
  const overview = await crm.analytics.overview();
  const pipeline = await crm.pipeline();
  assert.deepEqual(
    overview.leads.by_stage.map((stage) => stage.stage),
    pipeline.stages.map((stage) => stage.key),
  );
  const series = await crm.analytics.timeseries({ metric: "leads_created", bucket: "month" });
  assert.ok(series.data.length > 0);
  assert.equal((await crm.analytics.funnel()).length, pipeline.stages.length);
  assert.ok((await crm.analytics.velocity()).closed.count >= 0);
  assert.ok((await crm.analytics.cohorts()).length > 0);
  assert.ok(Array.isArray(await crm.analytics.forecast()));
  assert.ok(Array.isArray(await crm.analytics.leaderboard({ from: `${new Date().getFullYear()}-01-01` })));
  const replaced = await crm.replacePipeline(pipeline.stages, { ifMatch: etagOf(pipeline)! });
  assert.deepEqual(replaced.stages, pipeline.stages);
  const settings = await crm.settings();
  assert.equal((await crm.updateSettings({ time_zone: settings.time_zone })).time_zone, settings.time_zone);
  for await (const event of crm.events({ object: "leads", limit: 2 })) {
    assert.equal(event.object, "leads");
    if (event.seq > 20) break;
  }
});

test("requests go where they are told, with a cookie if they are told so", async () => {
  const seen: Request[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    seen.push(request);
    return new Response("<p>bad gateway</p>", { status: 502 });
  };
  const mounted = new MultiTenantCRMService({ baseUrl: "http://crm.test/crm/", cookie: true, fetch });
  await assert.rejects(mounted.me(), (error: unknown) => error instanceof ProblemError && error.code === "unknown");
  assert.equal(seen[0]?.url, "http://crm.test/crm/api/auth/me");
  assert.equal(seen[0]?.credentials, "same-origin");
  assert.equal(seen[0]?.headers.get("authorization"), null);
});
