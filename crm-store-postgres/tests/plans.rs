//! What the representative calls ask of PostgreSQL, and how PostgreSQL finds it: as the role that runs, behind the
//! policies, in tables with rows of many tenants.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::{collections::BTreeSet, fmt::Write, path::PathBuf};

use chrono::{NaiveDate, TimeZone, Utc};
use crm_core::{
    Actor, Contact, CounterQuery, Crm, Customer, Delta, Direction, Entity, EventQuery, Filter, Intake,
    Interaction, Key, Lead, Money, Object, Once, Position, Select, Store, Task, Tenant, TenantId,
    TenantScope, User, Value, Visibility,
};
use crm_store_postgres::PostgresStore;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use support::{
    Database, Roles,
    cluster::psql,
    explain::{Explained, explained, faults, tell_plans},
    proxy::Proxy,
};
use uuid::Uuid;

/// The tenant that is asked, one of twenty.
const TENANT: TenantId = TenantId::from_uuid(Uuid::from_u128(7));

/// A call by name, with what it asked and how that was found.
struct Call {
    name: String,
    texts: Vec<String>,
    plans: Vec<Explained>,
}

/// Runs the representative calls.
struct Recorder {
    store: PostgresStore,
    crm: Crm,
    scope: TenantScope,
    proxy: Proxy,
    calls: Vec<Call>,
    /// Every text so far: one that is prepared is not said again.
    said: BTreeSet<String>,
    database: Database,
}

impl Recorder {
    async fn new() -> Self {
        let database = Database::new(Roles::Two);
        let crm = Crm::new(PostgresStore::connect(&database.app()).await.unwrap());
        let maintenance = crm.maintenance();
        let tenant = Tenant::new("acme", "Acme");
        crm.directory(&maintenance).create_tenant_with_id(TENANT, tenant).await.unwrap();
        psql(&database.superuser(), FILL);
        tell_plans(&database);
        let proxy = Proxy::before(&database.app()).await;
        // Nothing is prepared yet on a connection that is new, and its text is said; with one it is said once.
        let store = PostgresStore::builder().connections(1).grouping(false);
        let store = store.connect(&proxy.address(&database.app())).await.unwrap();
        let crm = Crm::new(store.clone());
        let scope = crm.scope(TENANT, Actor::job("test"));
        proxy.texts();
        proxy.notices();
        Self { store, crm, scope, proxy, calls: Vec::new(), said: BTreeSet::new(), database }
    }

    /// Notes what has run since the last note, each text once, but for the notification and the end of what was refused,
    /// which come when they come.
    fn note(&mut self, name: &str) {
        let texts: Vec<String> = self.proxy.texts();
        let ids = format!("'{TENANT}'");
        let texts = texts.iter().filter(|text| !text.starts_with("NOTIFY") && *text != "ROLLBACK");
        let mut seen = BTreeSet::new();
        self.said.extend(texts.clone().cloned());
        let texts = texts.map(|text| text.replace(&ids, "'<tenant>'"));
        let mut texts: Vec<String> = texts.filter(|text| seen.insert(text.clone())).collect();
        let plans = explained(&self.proxy);
        // What is prepared is not said again; what was never said was asked by a function or by a foreign key.
        for plan in plans.iter().filter(|plan| seen.insert(plan.text.clone())) {
            let said = self.said.contains(&plan.text);
            texts.push(format!("{}{}", if said { "" } else { "-- within: " }, plan.text.trim()));
        }
        self.calls.push(Call { name: name.to_owned(), texts, plans });
    }

    async fn select(&mut self, name: &str, select: Select) {
        self.store.query(&self.scope, &select).await.unwrap();
        self.note(name);
    }
}

/// Twenty tenants of a thousand records of every kind each, with their events and counters.
const FILL: &str = "
    SET search_path = crm;
    CREATE TEMP TABLE n AS SELECT n, lpad(to_hex(n % 20 + 1), 32, '0')::uuid AS tenant_id, md5(n::text)::uuid AS id,
        timestamptz '2026-01-01' + n * interval '1 minute' AS at FROM generate_series(1, 20000) AS n;
    INSERT INTO heads SELECT DISTINCT tenant_id, 3000 FROM n ON CONFLICT (tenant_id) DO UPDATE SET last_seq = 3000;
    INSERT INTO heads SELECT gen_random_uuid(), 1 FROM generate_series(1, 5000);
    INSERT INTO series SELECT tenant_id, 'leads', 1 FROM heads;
    INSERT INTO tenants (tenant_id, id, version, created_at, updated_at, slug, name, status)
        SELECT tenant_id, id, 1, at, at, 'tenant-' || n, 'Tenant ' || n, 'active' FROM n;
    INSERT INTO accounts (tenant_id, id, version, created_at, updated_at, email, password_hash, email_key)
        SELECT tenant_id, id, 1, at, at, 'a' || n || '@example.com', '', 'a' || n || '@example.com' FROM n;
    INSERT INTO memberships (tenant_id, id, version, created_at, updated_at, email, member_tenant_id, user_id)
        SELECT tenant_id, id, 1, at, at, 'a' || n || '@example.com', id, id FROM n;
    INSERT INTO sessions (tenant_id, id, version, created_at, updated_at, token_hash, account_id, session_tenant_id, user_id, expires_at)
        SELECT tenant_id, id, 1, at, at, n::text, id, id, id, at FROM n;
    INSERT INTO pipelines (tenant_id, id, version, created_at, updated_at, stages) SELECT tenant_id, id, 1, at, at, '[]' FROM n;
    INSERT INTO users (tenant_id, id, version, created_at, updated_at, email, role, is_active)
        SELECT tenant_id, id, 1, at, at, 'u' || n || '@example.com', 'member', true FROM n;
    INSERT INTO customers (tenant_id, id, version, created_at, updated_at, company, name, email, email_key, external_id, is_active, tags)
        SELECT tenant_id, id, 1, at, at, 'Company ' || n % 977, CASE WHEN n % 3 > 0 THEN 'Name ' || n END, 'c' || n || '@example.com',
        'c' || n || '@example.com', n::text, true, '[]' FROM n;
    INSERT INTO search_texts SELECT tenant_id, 'customers', id, 'company ' || n || ' walnut' FROM n;
    INSERT INTO contacts (tenant_id, id, version, created_at, updated_at, customer_id, name, is_primary)
        SELECT tenant_id, id, 1, at, at, id, 'Contact ' || n, false FROM n;
    INSERT INTO leads (tenant_id, id, version, created_at, updated_at, number, company, stage, value_amount, value_currency,
        customer_id, stage_entered_at, tags)
        SELECT tenant_id, id, 1, at, at, n, 'Lead ' || n % 977, (ARRAY['new', 'contacted', 'qualified'])[1 + n % 3],
        CASE WHEN n % 4 > 0 THEN n END, CASE WHEN n % 4 > 0 THEN 'EUR' END, id, at, '[]' FROM n;
    UPDATE series SET last_number = 100000;
    INSERT INTO interactions (tenant_id, id, version, created_at, updated_at, type, occurred_at, customer_id, lead_id)
        SELECT tenant_id, id, 1, at, at, 'note', at, id, id FROM n;
    INSERT INTO settings (tenant_id, id, version, created_at, updated_at, time_zone) SELECT tenant_id, id, 1, at, at, 'UTC' FROM n;
    INSERT INTO projects (tenant_id, id, version, created_at, updated_at, name, status, customer_id)
        SELECT tenant_id, id, 1, at, at, 'Project ' || n, 'active', id FROM n;
    INSERT INTO tasks (tenant_id, id, version, created_at, updated_at, title, status, priority, due_at, project_id)
        SELECT tenant_id, id, 1, at, at, 'Task ' || n, (ARRAY['open', 'done'])[1 + n % 2], 'normal', at, id FROM n;
    INSERT INTO api_keys (tenant_id, id, version, created_at, updated_at, name, role, secret_hash)
        SELECT tenant_id, id, 1, at, at, 'Key ' || n, 'viewer', '' FROM n;
    INSERT INTO incidents (tenant_id, id, version, created_at, updated_at, kind) SELECT tenant_id, id, 1, at, at, 'forbidden' FROM n;
    UPDATE leads SET closed_at = created_at WHERE number % 2 = 0;
    INSERT INTO events SELECT tenant_id, 1000 + row_number() OVER (PARTITION BY tenant_id ORDER BY n), at, 'test', 'job', NULL, 'leads', id,
        1, 'created', '[]' FROM n;
    INSERT INTO counters SELECT tenant_id, (ARRAY['leads', 'customers', 'leads.source'])[1 + n % 3], 'key ' || n, 1 FROM n;
    INSERT INTO once SELECT tenant_id, id, id, 1, 1, '{}', at FROM n;
    ANALYZE;";

fn list(object: &'static Object) -> Select {
    Select {
        object,
        filter: Filter::All(Vec::new()),
        sort: vec![object.default_sort],
        after: None,
        limit: 50,
        visibility: Visibility::Live,
    }
}

fn field(object: &Object, name: &str) -> Key {
    object.key(name).unwrap()
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn sorted(object: &'static Object, sort: &[(Key, Direction)], keys: Option<Vec<Value>>) -> Select {
    let after = keys.map(|keys| Position { keys, id: Uuid::from_u128(7) });
    Select { sort: sort.to_vec(), after, ..list(object) }
}

fn filtered(object: &'static Object, filter: Filter) -> Select {
    Select { filter, ..list(object) }
}

async fn lists(recorder: &mut Recorder) {
    use Direction::{Ascending, Descending};
    let (customers, leads, interactions) = (Customer::object(), Lead::object(), Interaction::object());
    let now = Value::Time(Utc.timestamp_opt(1_767_500_000, 0).unwrap());
    let (company, value) = (field(customers, "company"), field(leads, "value"));
    let (stage, number) = (field(leads, "stage"), field(leads, "lead_id"));
    recorder.select("newest first", list(customers)).await;
    for (name, direction) in [("newest first", Descending), ("oldest first", Ascending)] {
        let after = sorted(customers, &[(Key::CreatedAt, direction)], Some(vec![now.clone()]));
        recorder.select(&format!("{name}, a later page"), after).await;
    }
    for (name, direction) in [("ascending", Ascending), ("descending", Descending)] {
        let sort = [(company, direction)];
        recorder.select(&format!("by a key that can be null, {name}"), sorted(customers, &sort, None)).await;
        for (place, key) in [("a value", text("Company 5")), ("nothing", Value::Null)] {
            let name = format!("by a key that can be null, {name}, after {place}");
            recorder.select(&name, sorted(customers, &sort, Some(vec![key]))).await;
        }
    }
    let sort = [(value, Descending), (Key::UpdatedAt, Ascending)];
    let after = Some(vec![Value::Int(5_000), now.clone()]);
    recorder.select("by two keys in two directions, a later page", sorted(leads, &sort, after)).await;
    let after = sorted(leads, &[(number, Ascending)], Some(vec![Value::Int(5)]));
    recorder.select("by number, a later page", after).await;
    let all = Select {
        visibility: Visibility::Any,
        ..sorted(customers, &[(Key::Id, Ascending)], Some(vec![Value::Id(Uuid::from_u128(7))]))
    };
    recorder.select("everything by id, a later page", all).await;
    recorder.select("deleted ones", Select { visibility: Visibility::Deleted, ..list(customers) }).await;
    recorder.select("of a stage", filtered(leads, Filter::Eq(stage, text("new")))).await;
    let after = sorted(leads, &[leads.default_sort], Some(vec![now.clone()]));
    recorder
        .select("of a stage, a later page", Select { filter: Filter::Eq(stage, text("new")), ..after })
        .await;
    let of_customer = Filter::Eq(field(interactions, "customer_id"), Value::Id(Uuid::nil()));
    recorder.select("of a customer", filtered(interactions, of_customer)).await;
    let external = field(customers, "external_id");
    recorder.select("by a unique value", filtered(customers, Filter::Eq(external, text("7")))).await;
    let several = Filter::In(external, vec![text("7"), text("8")]);
    recorder.select("by several unique values", filtered(customers, several)).await;
    let closed = field(leads, "closed_at");
    let period = Filter::All(vec![
        Filter::AtLeast(closed, now.clone()),
        Filter::Less(closed, Value::Time(Utc.timestamp_opt(1_767_600_000, 0).unwrap())),
    ]);
    let sort = vec![(closed, Ascending), (Key::Id, Ascending)];
    recorder.select("closed in a period", Select { sort, ..filtered(leads, period) }).await;
    let (tasks, due) = (Task::object(), field(Task::object(), "due_at"));
    let overdue =
        Filter::All(vec![Filter::Eq(field(tasks, "status"), text("open")), Filter::Less(due, now.clone())]);
    recorder
        .select("open and overdue", Select { sort: vec![(due, Ascending)], ..filtered(tasks, overdue) })
        .await;
    let address = Filter::Eq(field(customers, "email"), text("a@b.c"));
    recorder.select("by an address", filtered(customers, address)).await;
    let begins = Select {
        sort: vec![(company, Ascending)],
        ..filtered(customers, Filter::Prefix(company, "Company 5".into()))
    };
    recorder.select("by a beginning", begins).await;
    let nested = Filter::All(vec![
        Filter::Any(vec![Filter::Eq(stage, text("new")), Filter::IsNull(field(leads, "owner_id"))]),
        Filter::Not(Box::new(Filter::Less(value, Value::Int(100)))),
        Filter::Search(vec!["ad".into()]),
    ]);
    recorder.select("by a nested filter", filtered(leads, nested)).await;
    let search = |terms: &[&str]| Filter::Search(terms.iter().map(|term| (*term).to_owned()).collect());
    recorder.select("a search for what all have", filtered(customers, search(&["walnut", "co"]))).await;
    recorder.select("a search for what none has", filtered(customers, search(&["quokka"]))).await;
    let after = sorted(customers, &[(company, Descending)], Some(vec![text("m")]));
    let after = Select { filter: search(&["company 123"]), ..after };
    recorder.select("a search for what few have, a later page", after).await;
    let both = Filter::All(vec![search(&["walnut"]), Filter::Eq(external, text("7"))]);
    recorder.select("a search and a filter", filtered(customers, both)).await;
}

async fn reads(recorder: &mut Recorder) {
    let (store, scope) = (recorder.store.clone(), recorder.scope.clone());
    for object in crm_core::objects() {
        store.get(&scope, object, &[Uuid::nil()]).await.unwrap();
        recorder.note(&format!("one of {}", object.name));
    }
    store.get(&scope, Customer::object(), &[Uuid::nil(), Uuid::max()]).await.unwrap();
    recorder.note("several customers");
    for (name, filter) in [
        ("count", Filter::All(Vec::new())),
        ("count of a stage", Filter::Eq(field(Lead::object(), "stage"), text("new"))),
    ] {
        store.count(&scope, Lead::object(), &filter, Visibility::Live).await.unwrap();
        recorder.note(name);
    }
    let search = Filter::Search(vec!["quokka".into()]);
    store.count(&scope, Customer::object(), &search, Visibility::Live).await.unwrap();
    recorder.note("count of a search");
    store.counters(&scope, &CounterQuery::of(&[])).await.unwrap();
    recorder.note("head of the log");
    store.counters(&scope, &CounterQuery::of(&["leads", "customers"])).await.unwrap();
    recorder.note("counters");
    let (from, to) = (Some("key 1".into()), Some("key 2".into()));
    store.counters(&scope, &CounterQuery { from, to, ..CounterQuery::of(&["leads.source"]) }).await.unwrap();
    recorder.note("counters of a period");
    let record = EventQuery {
        object: Some(Lead::object()),
        record: Some(Uuid::nil()),
        newest_first: true,
        ..EventQuery::default()
    };
    for (name, query) in [
        ("events", EventQuery { after: 5, ..EventQuery::default() }),
        ("events, newest first", EventQuery { newest_first: true, before: Some(9), ..EventQuery::default() }),
        ("events of a record", record),
        (
            "events of a kind by an actor",
            EventQuery { object: Some(Lead::object()), actor: Some("a".into()), ..EventQuery::default() },
        ),
    ] {
        store.events(&scope, &query).await.unwrap();
        recorder.note(name);
    }
}

async fn writes(recorder: &mut Recorder) {
    let (crm, scope) = (recorder.crm.clone(), recorder.scope.clone());
    let customers = crm.customers(&scope);
    let data = || Customer::company("Ada Ltd").email("ada@example.com").external_id("ada");
    let ada = customers.create(data()).await.unwrap();
    recorder.note("create a customer");
    assert!(customers.create(data()).await.is_err());
    recorder.note("create a customer whose external id is taken");
    customers.update(ada.id, |ada| ada.company = Some("Ada & Co".into())).await.unwrap();
    recorder.note("update a customer");
    let once = Once { key: Uuid::from_u128(1), content: Uuid::from_u128(2) };
    let value = Money::new(5, "EUR").unwrap();
    let lead = Lead::company("Ada").value(value).expected_close(NaiveDate::from_ymd_opt(2027, 1, 1).unwrap());
    let lead = crm.leads(&scope).once(once).create(lead.customer_id(ada.id)).await.unwrap();
    recorder.note("create a lead, once");
    crm.leads(&scope).create_many(vec![Lead::company("B"), Lead::company("C")]).await.unwrap();
    recorder.note("create two leads in one batch");
    crm.contacts(&scope).create(Contact::at(ada.id, "Ada")).await.unwrap();
    recorder.note("create a contact");
    let call = crm.interactions(&scope).create(Interaction::default().kind("note").lead_id(lead.id)).await;
    recorder.note("create an interaction");
    crm.users(&scope).create(User::new("o@acme.test", crm_core::Role::Owner)).await.unwrap();
    recorder.note("create a user");
    crm.leads(&scope).delete(lead.id, None).await.unwrap();
    recorder.note("delete a lead");
    assert!(crm.leads(&scope).erase(lead.id).await.is_err());
    recorder.note("erase a lead that is referred to");
    let call = call.unwrap().id;
    crm.interactions(&scope).delete(call, None).await.unwrap();
    recorder.proxy.texts();
    recorder.proxy.notices();
    crm.interactions(&scope).erase(call).await.unwrap();
    recorder.note("erase an interaction");
    let object = Customer::object();
    let row = recorder.store.get(&scope, object, &[ada.id.uuid()]).await.unwrap().remove(0);
    let events =
        recorder.store.events(&scope, &EventQuery { limit: 1, ..EventQuery::default() }).await.unwrap();
    recorder.proxy.texts();
    recorder.proxy.notices();
    recorder.store.erase_tenant(&scope).await.unwrap();
    recorder.note("erase the tenant");
    let part = Intake {
        founds_tenant: true,
        rows: vec![(object, row)],
        events,
        counters: vec![Delta { name: "customers", key: "active".to_owned(), by: 1 }],
        numbers: vec![(Lead::object(), 7)],
    };
    recorder.store.take_in(&scope, part).await.unwrap();
    recorder.note("take in a part of a tenant");
}

/// The representative calls, in three groups.
async fn representative() -> [(&'static str, Vec<Call>); 3] {
    let mut recorder = Recorder::new().await;
    lists(&mut recorder).await;
    let listed = std::mem::take(&mut recorder.calls);
    reads(&mut recorder).await;
    let read = std::mem::take(&mut recorder.calls);
    writes(&mut recorder).await;
    [("lists", listed), ("reads", read), ("writes", recorder.calls)]
}

/// Statements with a plan that has a fault.
fn wrong(calls: &[Call]) -> Vec<String> {
    let all = calls.iter().flat_map(|call| call.plans.iter().map(move |plan| (call, plan)));
    let wrong = all.filter(|(_, plan)| !faults(plan).is_empty());
    wrong.map(|(call, plan)| format!("{}: {:?} in {}", call.name, faults(plan), plan.text)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_representative_call_finds_its_tenant_by_an_index() {
    let (mut plans, mut steps) = (0, 0);
    for (name, calls) in representative().await {
        let wrong = wrong(&calls);
        assert!(wrong.is_empty(), "{name}: {wrong:#?}");
        for call in &calls {
            // A statement that is refused comes to no end, and its plan is not told.
            let refused =
                !call.texts.iter().any(|text| text == "COMMIT") && call.texts[0].starts_with("BEGIN");
            assert!(refused || !call.plans.is_empty(), "no plan of `{}` was told", call.name);
        }
        plans += calls.iter().map(|call| call.plans.len()).sum::<usize>();
        steps += calls.iter().flat_map(|call| &call.plans).map(|own| own.steps.len()).sum::<usize>();
    }
    println!("plans: statements {plans}, tables read {steps}, from end to end 0, without the tenant 0");
    assert!(plans > 70 && steps > 80, "{plans} {steps}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_or_a_policy_that_loses_the_index_is_noticed() {
    let recorder = Recorder::new().await;
    let url = recorder.proxy.address(&recorder.database.app());
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let begin = format!("BEGIN; SET LOCAL crm.tenant = '{TENANT}'");
    let cast = "tenant_id::text = current_setting('crm.tenant', true)";
    let planted = [
        (String::new(), format!("SELECT id FROM crm.leads WHERE tenant_id = '{TENANT}' AND number = 7")),
        // The policy finds the tenant where the statement does not.
        (String::new(), format!("SELECT id FROM crm.leads WHERE tenant_id::text = '{TENANT}'")),
        (
            format!("ALTER POLICY tenant ON crm.leads USING ({cast})"),
            "SELECT id FROM crm.leads WHERE number = 7".to_owned(),
        ),
        (
            "ALTER TABLE crm.customers DISABLE ROW LEVEL SECURITY".to_owned(),
            format!("SELECT id FROM crm.customers WHERE tenant_id::text = '{TENANT}' AND external_id = '7'"),
        ),
    ];
    let mut noticed = 0;
    for (damage, sql) in &planted {
        psql(&recorder.database.superuser(), damage);
        sqlx::raw_sql(AssertSqlSafe(begin.clone())).execute(&mut connection).await.unwrap();
        recorder.proxy.notices();
        sqlx::raw_sql(AssertSqlSafe(sql.clone())).fetch_all(&mut connection).await.unwrap();
        sqlx::raw_sql("ROLLBACK").execute(&mut connection).await.unwrap();
        let told = explained(&recorder.proxy);
        assert_eq!(told.len(), 1, "{sql}");
        assert_eq!(faults(&told[0]).is_empty(), damage.is_empty(), "{sql}: {told:?}");
        noticed += usize::from(!faults(&told[0]).is_empty());
    }
    println!("plans: faults planted 2, noticed {noticed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sql_is_what_was_checked_in() {
    for (name, calls) in representative().await {
        let mut text = String::new();
        for call in &calls {
            writeln!(text, "-- {}", call.name).unwrap();
            call.texts.iter().for_each(|sql| writeln!(text, "{sql};").unwrap());
            text.push('\n');
        }
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/snapshots/{name}.sql"));
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let known = std::fs::read_to_string(&path).unwrap_or_default();
        let first = text.lines().zip(known.lines()).find(|(now, then)| now != then);
        assert!(
            text == known,
            "{name}.sql has changed, first at {first:?}; if that is meant, run again with UPDATE_SNAPSHOTS=1"
        );
    }
}
