//! What the representative calls ask of SQLite, and how SQLite finds it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::{collections::BTreeSet, fmt::Write, path::PathBuf};

use chrono::{NaiveDate, TimeZone, Utc};
use crm_core::{
    Contact, CounterQuery, Customer, Delta, Direction, Entity, EventQuery, Filter, Id, Intake, Interaction,
    Key, Kind, Lead, Money, Object, Once, Position, Query, Select, Store, User, Value, Visibility,
};
use rusqlite::{
    Connection,
    functions::{Context, FunctionFlags},
};
use support::{Bench, Statements};
use uuid::Uuid;

/// A call by name, with the statements that it ran.
type Call = (String, Vec<String>);

/// Runs the representative calls.
struct Recorder {
    bench: Bench,
    statements: Statements,
    calls: Vec<Call>,
}

impl Recorder {
    async fn new() -> Self {
        let statements = Statements::default();
        let bench = Bench::with(statements.options()).await;
        statements.take();
        Self { bench, statements, calls: Vec::new() }
    }

    /// Notes what has run since the last note, each text once.
    fn note(&mut self, name: &str) {
        let mut seen = BTreeSet::new();
        let ran = self.statements.take().into_iter().filter(|sql| seen.insert(sql.clone()));
        self.calls.push((name.to_owned(), ran.collect()));
    }

    async fn select(&mut self, name: &str, select: Select) {
        self.bench.store.query(&self.bench.scope, &select).await.unwrap();
        self.note(name);
    }
}

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
    let now = Value::Time(Utc.timestamp_opt(1_700_000_000, 0).unwrap());
    let (company, value) = (field(customers, "company"), field(leads, "value"));
    let (stage, number) = (field(leads, "stage"), field(leads, "lead_id"));
    recorder.select("newest first", list(customers)).await;
    let after = sorted(customers, &[customers.default_sort], Some(vec![now.clone()]));
    recorder.select("newest first, a later page", after).await;
    for (name, direction) in [("ascending", Ascending), ("descending", Descending)] {
        let sort = [(company, direction)];
        recorder.select(&format!("by a key that can be null, {name}"), sorted(customers, &sort, None)).await;
        for (place, key) in [("a value", text("m")), ("nothing", Value::Null)] {
            let name = format!("by a key that can be null, {name}, after {place}");
            recorder.select(&name, sorted(customers, &sort, Some(vec![key]))).await;
        }
    }
    let sort = [(value, Descending), (Key::UpdatedAt, Ascending)];
    let after = Some(vec![Value::Int(5), now.clone()]);
    recorder.select("by two keys in two directions, a later page", sorted(leads, &sort, after)).await;
    let after = sorted(leads, &[(number, Ascending)], Some(vec![Value::Int(5)]));
    recorder.select("by number, a later page", after).await;
    let all = Select {
        visibility: Visibility::Any,
        ..sorted(customers, &[(Key::Id, Ascending)], Some(vec![Value::Id(Uuid::from_u128(7))]))
    };
    recorder.select("everything by id, a later page", all).await;
    recorder.select("deleted ones", Select { visibility: Visibility::Deleted, ..list(customers) }).await;
    recorder
        .select("live and deleted ones", Select { visibility: Visibility::Any, ..list(interactions) })
        .await;
    recorder.select("of a stage", filtered(leads, Filter::Eq(stage, text("new")))).await;
    let after = sorted(leads, &[leads.default_sort], Some(vec![now.clone()]));
    recorder
        .select("of a stage, a later page", Select { filter: Filter::Eq(stage, text("new")), ..after })
        .await;
    let of_customer = Filter::Eq(field(interactions, "customer_id"), Value::Id(Uuid::nil()));
    recorder.select("of a customer", filtered(interactions, of_customer)).await;
    let external = field(customers, "external_id");
    recorder.select("by a unique value", filtered(customers, Filter::Eq(external, text("7")))).await;
    recorder
        .select(
            "by several unique values",
            filtered(customers, Filter::In(external, vec![text("7"), text("8")])),
        )
        .await;
    recorder
        .select("by an address", filtered(customers, Filter::Eq(field(customers, "email"), text("a@b.c"))))
        .await;
    recorder
        .select(
            "by a phone number",
            filtered(customers, Filter::Eq(field(customers, "phone"), text("+49301"))),
        )
        .await;
    recorder
        .select("by several ids", filtered(customers, Filter::In(Key::Id, vec![Value::Id(Uuid::nil())])))
        .await;
    let young = Filter::AtLeast(Key::CreatedAt, now.clone());
    recorder.select("since a moment", filtered(customers, young)).await;
    let begins = Select {
        sort: vec![(company, Ascending)],
        ..filtered(customers, Filter::Prefix(company, "ad".into()))
    };
    recorder.select("by a beginning", begins).await;
    let nested = Filter::All(vec![
        Filter::Any(vec![Filter::Eq(stage, text("new")), Filter::IsNull(field(leads, "owner_id"))]),
        Filter::Not(Box::new(Filter::Less(value, Value::Int(100)))),
        Filter::Search(vec!["ad".into(), "lovelace".into()]),
    ]);
    recorder.select("by a nested filter", filtered(leads, nested)).await;
    let search = Filter::Search(vec!["lovelace".into(), "ad".into()]);
    recorder.select("search in a small tenant", filtered(customers, search.clone())).await;
    let (store, scope) = (recorder.bench.store.clone(), recorder.bench.scope.clone());
    let all = Filter::All(Vec::new());
    store.count(&scope, customers, &all, Visibility::Live).await.unwrap();
    recorder.note("count");
    store.count(&scope, leads, &Filter::Eq(stage, text("new")), Visibility::Live).await.unwrap();
    recorder.note("count of a stage");
    let pretended = "INSERT INTO series SELECT tenant_id, 'customers', 1000000, 0, 1000000 FROM heads";
    recorder.bench.connection().execute(pretended, []).unwrap();
    recorder.select("search in a large tenant", filtered(customers, search.clone())).await;
    let after = sorted(customers, &[(company, Descending)], Some(vec![text("m")]));
    recorder
        .select("search in a large tenant, a later page", Select { filter: search.clone(), ..after })
        .await;
    store.count(&scope, customers, &search, Visibility::Live).await.unwrap();
    recorder.note("count of a search in a large tenant");
    fill(&recorder.bench.connection());
    recorder
        .select(
            "search in a large tenant for what many have",
            filtered(customers, Filter::Search(vec!["gmbh".into()])),
        )
        .await;
}

/// Gives every tenant more customers than the search index is asked for.
fn fill(connection: &Connection) {
    let rows = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2100)
         SELECT (tenant_no << 32) + i, 'gmbh', tenant_id, randomblob(16) FROM heads, n ORDER BY 1";
    let customers =
        "INSERT INTO customers (rid, search_text, tenant_id, id, version, created_at, updated_at, is_active)";
    connection
        .execute_batch(&format!(
            "BEGIN;
             {customers} SELECT *, 1, 0, 0, 1 FROM ({rows});
             INSERT INTO customers_fts (rowid, t) SELECT rid, search_text FROM customers ORDER BY rid;
             COMMIT;"
        ))
        .unwrap();
}

async fn reads(recorder: &mut Recorder) {
    let (store, scope) = (recorder.bench.store.clone(), recorder.bench.scope.clone());
    for object in crm_core::objects() {
        store.get(&scope, object, &[Uuid::nil()]).await.unwrap();
        recorder.note(&format!("one of {}", object.name));
    }
    store.get(&scope, Customer::object(), &[Uuid::nil(), Uuid::max()]).await.unwrap();
    recorder.note("several customers");
    let ada = recorder.bench.crm.customers(&scope).create(Customer::company("Ada")).await.unwrap();
    store.get(&scope, Customer::object(), &[ada.id.uuid()]).await.unwrap();
    recorder.statements.take();
    assert_eq!(store.get(&scope, Customer::object(), &[ada.id.uuid()]).await.unwrap().len(), 1);
    recorder.note("one of customers, where it was");
    store.counters(&scope, &CounterQuery::of(&[])).await.unwrap();
    recorder.note("head of the log");
    store.counters(&scope, &CounterQuery::of(&["leads", "customers"])).await.unwrap();
    recorder.note("counters");
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
    let (crm, scope) = (recorder.bench.crm.clone(), recorder.bench.scope.clone());
    let customers = crm.customers(&scope);
    let data = || Customer::company("Ada Ltd").email("ada@example.com").external_id("1");
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
    crm.interactions(&scope).create(Interaction::default().kind("note").lead_id(lead.id)).await.unwrap();
    recorder.note("create an interaction");
    crm.users(&scope).create(User::new("o@acme.test", crm_core::Role::Owner)).await.unwrap();
    recorder.note("create a user");
    crm.leads(&scope).delete(lead.id, None).await.unwrap();
    recorder.note("delete a lead");
    assert!(crm.leads(&scope).erase(lead.id).await.is_err());
    recorder.note("erase a lead that is referred to");
    let query = Query::new().limit(1);
    let interaction = crm.interactions(&scope).list(query).await.unwrap().data.remove(0);
    crm.interactions(&scope).delete(interaction.id, None).await.unwrap();
    recorder.statements.take();
    crm.interactions(&scope).erase(Id::from_uuid(interaction.id.uuid())).await.unwrap();
    recorder.note("erase an interaction");
    let object = Customer::object();
    let row = recorder.bench.store.get(&scope, object, &[ada.id.uuid()]).await.unwrap().remove(0);
    let events =
        recorder.bench.store.events(&scope, &EventQuery { limit: 1, ..EventQuery::default() }).await.unwrap();
    recorder.statements.take();
    recorder.bench.store.erase_tenant(&scope).await.unwrap();
    recorder.note("erase the tenant");
    let part = Intake {
        founds_tenant: true,
        rows: vec![(object, row)],
        events,
        counters: vec![Delta { name: "customers", key: "active".to_owned(), by: 1 }],
        numbers: vec![(Lead::object(), 7)],
    };
    recorder.bench.store.take_in(&scope, part).await.unwrap();
    recorder.note("take in a part of a tenant");
}

/// SQLite's plan for a statement, a step a line.
fn plan(connection: &Connection, sql: &str) -> Vec<String> {
    // The store's own connections have this one as well.
    let any = |_: &Context<'_>| Ok(true);
    connection.create_scalar_function("within_budget", 1, FunctionFlags::SQLITE_UTF8, any).unwrap();
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let mut rows = statement.raw_query();
    let mut plan = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        plan.push(row.get::<_, String>(3).unwrap());
    }
    plan
}

/// Whether a statement has a plan: what begins and ends transactions has none.
fn is_planned(sql: &str) -> bool {
    ["SELECT", "INSERT", "UPDATE", "DELETE"].iter().any(|word| sql.starts_with(word))
}

/// Whether a step reads a table from end to end. Search indexes, lists of values and what was counted already are no
/// tables.
fn is_scan(step: &str) -> bool {
    let scanned = step.strip_prefix("SCAN ").map(|rest| rest.split(' ').next().unwrap_or_default());
    scanned
        .is_some_and(|name| name != "json_each" && !name.ends_with("_fts") && !name.starts_with("(subquery"))
}

fn is_sort(step: &str) -> bool {
    step.contains("TEMP B-TREE")
}

/// Every statement that scans, and how many were looked at.
fn scans(connection: &Connection, calls: &[Call]) -> (Vec<String>, usize) {
    let planned = calls.iter().flat_map(|(_, statements)| statements).filter(|sql| is_planned(sql));
    let planned: BTreeSet<&String> = planned.collect();
    let scans = planned.iter().filter(|sql| plan(connection, sql).iter().any(|step| is_scan(step)));
    (scans.map(|sql| (*sql).clone()).collect(), planned.len())
}

async fn representative() -> [(&'static str, Recorder); 3] {
    let (mut a, mut b, mut c) = (Recorder::new().await, Recorder::new().await, Recorder::new().await);
    lists(&mut a).await;
    reads(&mut b).await;
    writes(&mut c).await;
    [("lists", a), ("reads", b), ("writes", c)]
}

#[tokio::test]
async fn no_representative_call_scans_a_table() {
    let mut looked_at = 0;
    for (name, recorder) in representative().await {
        let (scans, planned) = scans(&recorder.bench.connection(), &recorder.calls);
        assert!(scans.is_empty(), "{name}: {scans:#?}");
        looked_at += planned;
    }
    println!("plans: statements {looked_at}, scans 0");
    assert!(looked_at > 80, "{looked_at}");
}

#[tokio::test]
async fn lists_sort_only_what_is_few() {
    // By what the search index or a condition has found, and by a second key among equals in the first.
    let sorting = [
        "by two keys in two directions, a later page",
        "by number, a later page",
        "by several unique values",
        "by an address",
        "by several ids",
        "search in a large tenant",
        "search in a large tenant, a later page",
    ];
    let mut recorder = Recorder::new().await;
    lists(&mut recorder).await;
    let connection = recorder.bench.connection();
    let sorts = |sql: &String| is_planned(sql) && plan(&connection, sql).iter().any(|step| is_sort(step));
    let found = recorder.calls.iter().filter(|(_, statements)| statements.iter().any(sorts));
    assert_eq!(found.map(|(name, _)| name.as_str()).collect::<Vec<_>>(), sorting);
}

#[tokio::test]
async fn a_row_whose_place_is_known_is_found_without_an_index() {
    let mut recorder = Recorder::new().await;
    reads(&mut recorder).await;
    let known = recorder.calls.iter().find(|(name, _)| name == "one of customers, where it was");
    let [only] = known.unwrap().1.as_slice() else { panic!("{known:?}") };
    let steps = plan(&recorder.bench.connection(), only);
    assert_eq!(steps, ["SEARCH customers USING INTEGER PRIMARY KEY (rowid=?)"]);
}

#[tokio::test]
async fn a_plan_that_scans_or_sorts_is_noticed() {
    let bench = Bench::new().await;
    let connection = bench.connection();
    let scan = "SELECT id FROM customers WHERE notes = ?";
    assert!(plan(&connection, scan).iter().any(|step| is_scan(step)));
    let calls = [("a scan".to_owned(), vec![scan.to_owned()])];
    assert_eq!(scans(&connection, &calls).0, [scan]);
    let sort = "SELECT id FROM customers WHERE tenant_id = ? AND deleted_at IS NULL ORDER BY notes";
    assert!(plan(&connection, sort).iter().any(|step| is_sort(step)));
}

#[tokio::test]
async fn the_sql_is_what_was_checked_in() {
    for (name, recorder) in representative().await {
        let mut text = String::new();
        for (call, statements) in &recorder.calls {
            writeln!(text, "-- {call}").unwrap();
            statements.iter().for_each(|sql| writeln!(text, "{sql};").unwrap());
            text.push('\n');
        }
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/snapshots/{name}.sql"));
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
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

/// A value of each kind.
fn some(kind: Kind) -> Value {
    match kind {
        Kind::Bool => Value::Bool(true),
        Kind::Int | Kind::Money => Value::Int(7),
        Kind::Text | Kind::Json => text("m"),
        Kind::Id => Value::Id(Uuid::from_u128(7)),
        Kind::Time => Value::Time(Utc.timestamp_opt(1_700_000_000, 0).unwrap()),
        Kind::Date => Value::Date(NaiveDate::from_ymd_opt(2026, 3, 1).unwrap()),
    }
}

fn keys(object: &Object) -> impl Iterator<Item = Key> {
    let system = [Key::Id, Key::CreatedAt, Key::UpdatedAt, Key::CreatedBy, Key::Number];
    system.into_iter().chain((0..object.fields.len()).map(Key::Field))
}

/// An index that a statement names must be one that it can use: SQLite refuses it otherwise.
#[tokio::test]
async fn every_sort_and_every_comparison_has_a_plan_without_a_scan() {
    let mut recorder = Recorder::new().await;
    let mut asked = 0;
    let visibilities = [Visibility::Live, Visibility::Deleted, Visibility::Any];
    for object in crm_core::objects() {
        for key in keys(object) {
            let value = some(object.key_kind(key));
            let mut selects = Vec::new();
            if object.is_sortable(key) {
                for direction in [Direction::Ascending, Direction::Descending] {
                    for place in [None, Some(value.clone()), Some(Value::Null)] {
                        let one = |place: Value| vec![place];
                        selects.push(sorted(object, &[(key, direction)], place.clone().map(one)));
                        let two = |place: Value| vec![place, some(Kind::Time)];
                        let sort = [(key, direction), (Key::UpdatedAt, Direction::Descending)];
                        selects.push(sorted(object, &sort, place.map(two)));
                    }
                }
            }
            let prefix = Filter::Prefix(key, "m".into());
            let comparisons = [Filter::Eq, Filter::Less, Filter::AtMost, Filter::More, Filter::AtLeast]
                .map(|compare| compare(key, value.clone()));
            let others = [Filter::In(key, vec![value.clone(); 3]), Filter::IsNull(key), prefix];
            for filter in comparisons.into_iter().chain(others) {
                selects.push(filtered(object, filter.clone()));
                selects.push(filtered(object, Filter::Not(Box::new(filter))));
            }
            for select in selects {
                for visibility in visibilities {
                    let Select { filter, .. } = &select;
                    let (store, scope) = (&recorder.bench.store, &recorder.bench.scope);
                    store.count(scope, object, filter, visibility).await.unwrap();
                    recorder.select("", Select { visibility, ..select.clone() }).await;
                    asked += 2;
                }
            }
        }
    }
    let (scans, planned) = scans(&recorder.bench.connection(), &recorder.calls);
    assert!(scans.is_empty(), "{scans:#?}");
    println!("plans: questions {asked}, statements {planned}, scans 0");
}
