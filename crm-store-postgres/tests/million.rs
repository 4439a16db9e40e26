//! Search among a million customers: half of them in one tenant, a thousand in another. The trigram index is reached
//! behind the policies, nobody pays for another tenant, and every page is the right one.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::time::{Duration, Instant};

use crm_core::{Actor, Crm, Query, TenantId, TenantScope};
use crm_store_postgres::PostgresStore;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use support::{
    Database, Roles,
    cluster::psql,
    explain::{Step, explained, faults, tell_plans},
    proxy::Proxy,
};
use uuid::Uuid;

const ROWS: usize = 1_000_000;
/// How often each search is measured.
const TIMES: usize = 15;

/// The tenants: half of all rows, a thousand, and what is left for each of 98 others.
const LARGE: TenantId = TenantId::from_uuid(Uuid::from_u128(1));
const SMALL: TenantId = TenantId::from_uuid(Uuid::from_u128(2));

/// Words, and what has them: `n` counts the rows of all tenants, of which every second one is the large one's, and `h`
/// is a number that looks random. `elder` is in the oldest rows alone, where a list of the newest comes last.
const WORDS: &str = "concat_ws(' ', (ARRAY['solar', 'wind', 'hydro', 'timber', 'cotton'])[1 + h % 5], \
     substr(md5(n::text), 1, 6), CASE WHEN h / 5 % 2 = 0 THEN 'gmbh' ELSE 'ltd' END, \
     CASE WHEN h / 10 % 1000 = 7 THEN 'quokka' END, CASE WHEN h / 10 % 150 = 3 THEN 'walnut' END, \
     CASE WHEN n < 12000 THEN 'elder' END)";

/// Fills a database by SQL: without indexes at first, which is sooner.
fn fill(database: &Database) {
    let sql = format!(
        "SET maintenance_work_mem = '256MB';
         CREATE TEMP TABLE later AS SELECT i.indexdef FROM pg_indexes AS i WHERE i.schemaname = 'crm'
             AND i.tablename IN ('customers', 'search_texts') AND i.indexname NOT LIKE '%_pkey';
         DO $$ DECLARE own text; BEGIN FOR own IN SELECT i.indexname FROM pg_indexes AS i JOIN later USING (indexdef)
             LOOP EXECUTE 'DROP INDEX crm.' || own; END LOOP; END $$;
         INSERT INTO crm.heads SELECT lpad(to_hex(t), 32, '0')::uuid, 0 FROM generate_series(1, 100) AS t;
         INSERT INTO crm.customers (tenant_id, id, version, created_at, updated_at, company, email, email_key, is_active, tags)
             SELECT lpad(to_hex(CASE WHEN n % 2 = 0 THEN 1 WHEN n % 1000 = 1 THEN 2 ELSE 3 + n / 2 % 98 END), 32, '0')::uuid,
             (lpad(to_hex((1700000000000 + n)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8' ||
              substr(md5(n::text), 4, 15))::uuid,
             1, to_timestamp(1700000000 + n / 1000.0), to_timestamp(1700000000 + n / 1000.0), {WORDS},
             'person' || n || '@example.com', 'person' || n || '@example.com', true, '[]'
             FROM (SELECT n, ('x' || substr(md5(n::text), 25, 7))::bit(28)::int AS h FROM generate_series(0, {ROWS} - 1) AS n) AS n;
         INSERT INTO crm.search_texts SELECT tenant_id, 'customers', id, company || E'\\n' || email FROM crm.customers;
         SET search_path = crm;
         DO $$ DECLARE own text; BEGIN FOR own IN SELECT indexdef FROM later LOOP EXECUTE own; END LOOP; END $$;
         ANALYZE;"
    );
    psql(&database.superuser(), &sql);
}

fn scope(crm: &Crm, tenant: TenantId) -> TenantScope {
    crm.scope(tenant, Actor::job("test"))
}

/// The first page of a search, newest first, as the superuser sees it, who looks at every row.
fn due(database: &Database, tenant: TenantId, search: &str) -> Vec<Uuid> {
    let terms: String = search.split(' ').map(|term| format!(" AND strpos(s.body, '{term}') > 0")).collect();
    let sql = format!(
        "SELECT s.record_id FROM crm.search_texts AS s JOIN crm.customers AS c ON c.tenant_id = s.tenant_id
             AND c.id = s.record_id WHERE s.tenant_id = '{tenant}' {terms}
             ORDER BY c.created_at DESC, c.id DESC LIMIT 50"
    );
    psql(&database.superuser(), &sql).lines().map(|id| id.parse().unwrap()).collect()
}

async fn page(crm: &Crm, scope: &TenantScope, search: &str) -> Vec<Uuid> {
    let page = crm.customers(scope).list(Query::new().search(search).limit(50)).await.unwrap();
    page.data.iter().map(|own| own.id.uuid()).collect()
}

async fn median(crm: &Crm, scope: &TenantScope, search: &str) -> Duration {
    page(crm, scope, search).await;
    let mut took = Vec::new();
    for _ in 0..TIMES {
        let begun = Instant::now();
        page(crm, scope, search).await;
        took.push(begun.elapsed());
    }
    took.sort_unstable();
    took[TIMES / 2]
}

/// The kinds of searches: what is special about it, in which tenant, the terms, and whether the trigram index is asked
/// for them. It is not where a page is soon full, nor can it be for one or two letters.
const SEARCHES: [(&str, TenantId, &str, bool); 17] = [
    ("rare", LARGE, "quokka", true),
    ("one", LARGE, "person123456", true),
    ("none", LARGE, "zzzqq", true),
    ("two words", LARGE, "quokka gmbh", true),
    ("common", LARGE, "solar", false),
    ("half", LARGE, "gmbh", false),
    ("all", LARGE, "example", false),
    ("two common", LARGE, "gmbh timber", false),
    ("middle", LARGE, "walnut", true),
    ("old", LARGE, "elder", true),
    ("rare, small", SMALL, "quokka", false),
    ("common, small", SMALL, "gmbh", false),
    ("none, small", SMALL, "zzzqq", true),
    ("short, common", LARGE, "so", false),
    ("short, rare", LARGE, "qu", false),
    ("one letter", LARGE, "q", false),
    ("short, none", LARGE, "zz", false),
];
/// So many rows of half a million are looked at for three letters or more, at most.
const ENOUGH: i64 = 100_000;

/// Whether the trigram index was asked for a text.
fn asks_the_index(steps: &[Step]) -> bool {
    let asked = |step: &Step| {
        step.index.as_deref() == Some("search_texts_body") && step.condition.contains("body ~~")
    };
    steps.iter().any(asked)
}

fn rows(steps: &[Step]) -> i64 {
    steps.iter().map(|step| step.rows).sum()
}

/// The steps of everything that was asked since the last call; each plan is without a fault.
fn sound(proxy: &Proxy, name: &str) -> Vec<Step> {
    let asked = explained(proxy);
    assert!(!asked.is_empty(), "{name}: no plan was told");
    for own in &asked {
        assert!(faults(own).is_empty(), "{name}: {:?} in {}", faults(own), own.text);
    }
    asked.into_iter().flat_map(|own| own.steps).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_among_a_million_reaches_its_index_behind_the_policies() {
    let database = Database::new(Roles::Two);
    let begun = Instant::now();
    fill(&database);
    let filled = begun.elapsed();
    let crm = Crm::new(PostgresStore::connect(&database.app()).await.unwrap());
    let mut medians = Vec::new();
    for (name, tenant, search, _) in SEARCHES {
        let scope = scope(&crm, tenant);
        let (found, due) = (page(&crm, &scope, search).await, due(&database, tenant, search));
        assert_eq!(found, due, "{name}");
        assert_eq!(found.is_empty(), search.starts_with("zz"), "{name}");
        medians.push(format!("{name} {:.1}", median(&crm, &scope, search).await.as_secs_f64() * 1e3));
    }
    println!("million: rows {ROWS}, filled in {filled:.0?}, median ms: {}", medians.join(", "));

    // The same on connections that tell their plans.
    tell_plans(&database);
    let proxy = Proxy::before(&database.app()).await;
    let url = proxy.address(&database.app());
    let crm = Crm::new(PostgresStore::connect(&url).await.unwrap());
    proxy.notices();
    let (mut most, mut indexed) = (0, 0);
    for (name, tenant, search, by_index) in SEARCHES {
        page(&crm, &scope(&crm, tenant), search).await;
        let steps = sound(&proxy, name);
        assert_eq!(asks_the_index(&steps), by_index, "{name}: {steps:#?}");
        indexed += usize::from(by_index);
        if search.len() > 2 {
            most = most.max(rows(&steps));
            assert!(rows(&steps) < ENOUGH, "{name}: {} rows", rows(&steps));
        }
    }
    // What is common is counted by the index, too.
    let large = scope(&crm, LARGE);
    let count = crm.customers(&large).count(&Query::new().search("gmbh")).await.unwrap();
    let counted = format!(
        "SELECT count(*) FROM crm.search_texts WHERE tenant_id = '{LARGE}' AND strpos(body, 'gmbh') > 0"
    );
    assert_eq!(count.to_string(), psql(&database.superuser(), &counted));
    assert!(asks_the_index(&sound(&proxy, "count")));

    // The control: what the application asks the guarded table itself reaches no index by its text.
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let begin = format!("BEGIN; SET LOCAL crm.tenant = '{LARGE}'");
    sqlx::raw_sql(AssertSqlSafe(begin)).execute(&mut connection).await.unwrap();
    proxy.notices();
    let asked = format!(
        "SELECT record_id FROM crm.search_texts WHERE tenant_id = '{LARGE}' AND object = 'customers' \
         AND body LIKE '%quokka%'"
    );
    let found = sqlx::raw_sql(AssertSqlSafe(asked)).fetch_all(&mut connection).await.unwrap().len();
    let steps: Vec<Step> = explained(&proxy).into_iter().flat_map(|own| own.steps).collect();
    assert!(found > 0 && !asks_the_index(&steps) && rows(&steps) > ENOUGH, "{steps:#?}");
    println!(
        "million: searches {}, by the trigram index {indexed}, most rows for three letters or more {most}; \
         without the function {}",
        SEARCHES.len(),
        rows(&steps)
    );
}
