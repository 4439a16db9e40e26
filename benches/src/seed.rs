//! The data that is measured on: made once through the engine itself, kept in `target/bench-data` for later runs.

pub mod bare;
pub mod postgres;
pub mod sqlite;

use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta};
use crm_core::{
    Actor, Crm, Customer, Lead, MAX_PAGE, Money, Past, Period, Query, Tenant, TenantId, TenantScope,
};

/// Words of the common kind: each is in a large share of the rows.
const COMMON: [&str; 12] = [
    "solar",
    "energy",
    "systems",
    "trading",
    "partners",
    "holding",
    "logistics",
    "consulting",
    "international",
    "services",
    "building",
    "digital",
];
const GIVEN: [&str; 10] =
    ["Ada", "Grace", "Edsger", "Barbara", "Alan", "Zoë", "Łukasz", "Niklaus", "Frances", "Ken"];
const CITIES: [&str; 8] = ["Berlin", "Łódź", "Zürich", "Oslo", "Lisboa", "Wien", "Gdańsk", "Malmö"];

/// A number that looks random and is the same in every run.
pub fn mix(n: usize) -> usize {
    let mut n = (n as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    usize::try_from((n ^ (n >> 31)) >> 1).unwrap_or(0)
}

fn pick<'a>(words: &[&'a str], n: usize) -> &'a str {
    words.get(mix(n) % words.len()).copied().unwrap_or_default()
}

/// The customer with this number.
pub fn customer(n: usize) -> Customer {
    // A rare word for every thousandth row, a name of its own for each.
    let rare = if n.is_multiple_of(1000) { " quokka" } else { "" };
    Customer::company(format!(
        "{} {} {:06x}{rare}",
        pick(&COMMON, n),
        pick(&COMMON, n + 7),
        mix(n) % 0x00ff_ffff
    ))
    .name(format!("{} {:05x}", pick(&GIVEN, n), mix(n + 3) % 0x000f_ffff))
    .email(format!("person{n}@{}{}.example", pick(&COMMON, n + 1), mix(n) % 5000))
    .phone(format!("+4930{:07}", mix(n) % 10_000_000))
    .city(pick(&CITIES, n))
    .country("Germany")
    .external_id(format!("ext-{n}"))
}

/// The lead with this number.
pub fn lead(n: usize) -> Lead {
    let stages = ["new", "contacted", "qualified", "proposal", "closed_won", "closed_lost"];
    let lead = Lead::company(format!("{} {:06x}", pick(&COMMON, n), mix(n) % 0x00ff_ffff))
        .email(format!("lead{n}@example.com"))
        .source(pick(&["Fair", "Web", "Referral", "Podcast"], n))
        .stage(pick(&stages, n + 11));
    match Money::new(i64::try_from(mix(n) % 5_000_000).unwrap_or(0), pick(&["EUR", "USD"], n)) {
        Some(value) => lead.value(value),
        None => lead,
    }
}

/// What happened to the lead with this number before it came: it was made on some day of the year and a half that ends
/// with June 2026, and closed some weeks later if it is.
pub fn past(n: usize, lead: &Lead) -> Past {
    let start = DateTime::from_timestamp(1_735_689_600, 0).unwrap_or_default();
    let minutes = |minutes: usize| TimeDelta::minutes(i64::try_from(minutes).unwrap_or(0));
    let created_at = start + minutes(mix(n + 5) % (545 * 24 * 60));
    let closed = lead.stage.starts_with("closed");
    Past {
        created_at: Some(created_at),
        closed_at: closed.then(|| created_at + minutes(mix(n + 6) % (60 * 24 * 60))),
    }
}

/// The first year of those leads.
pub fn year() -> Period {
    let day = |text: &str| text.parse().unwrap_or_default();
    Period::new(day("2025-01-01"), day("2025-12-31")).unwrap_or_else(|error| panic!("{error}"))
}

/// Makes the leads with these numbers in a tenant, in batches of 500.
pub async fn fill_leads(crm: &Crm, scope: &TenantScope, numbers: std::ops::Range<usize>) {
    let mut from = numbers.start;
    while from < numbers.end {
        let to = (from + 500).min(numbers.end);
        let one = |n| {
            let lead = lead(n);
            let past = past(n, &lead);
            (lead, past)
        };
        let done = crm.leads(scope).import_many((from..to).map(one).collect()).await;
        done.unwrap_or_else(|error| panic!("cannot seed: {error}"));
        from = to;
    }
}

/// Two tenants that share so many customers; the first has half of them.
pub fn halves(count: usize) -> [(&'static str, usize); 2] {
    [("large", count / 2), ("other", count - count / 2)]
}

/// Where seeded files are kept.
pub fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench-data");
    std::fs::create_dir_all(&folder)
        .unwrap_or_else(|error| panic!("cannot make {}: {error}", folder.display()));
    folder
}

/// Makes a tenant and gives its id.
pub async fn tenant(crm: &Crm, slug: &str) -> TenantId {
    let maintenance = crm.maintenance();
    let made = crm.directory(&maintenance).create_tenant(Tenant::new(slug, slug)).await;
    made.unwrap_or_else(|error| panic!("cannot make the tenant `{slug}`: {error}")).id
}

/// A scope of the benchmark's.
pub fn scope(crm: &Crm, tenant: TenantId) -> TenantScope {
    crm.scope(tenant, Actor::job("bench"))
}

/// The id of a tenant of a seeded file.
pub async fn tenant_of(crm: &Crm, slug: &str) -> TenantId {
    let maintenance = crm.maintenance();
    let found = crm.directory(&maintenance).tenant_by_slug(slug).await;
    match found {
        Ok(Some(tenant)) => tenant.id,
        other => panic!("the seeded file has no tenant `{slug}`: {other:?}"),
    }
}

/// Makes tenants with so many customers each, all at the same time, as tenants live.
pub async fn fill_tenants(crm: &Crm, tenants: &[(&'static str, usize)]) {
    let mut base = 0;
    let mut fills = Vec::new();
    for (slug, count) in tenants {
        let scope = scope(crm, tenant(crm, slug).await);
        let (crm, numbers) = (crm.clone(), base..base + count);
        fills.push(tokio::spawn(async move { fill(&crm, &scope, numbers).await }));
        base += count;
    }
    for filled in fills {
        filled.await.unwrap_or_else(|error| panic!("cannot seed: {error}"));
    }
}

/// Makes the customers with these numbers in a tenant, in batches of 500.
pub async fn fill(crm: &Crm, scope: &TenantScope, numbers: std::ops::Range<usize>) {
    let mut from = numbers.start;
    while from < numbers.end {
        let to = (from + 500).min(numbers.end);
        let done = crm.customers(scope).create_many((from..to).map(customer).collect()).await;
        done.unwrap_or_else(|error| panic!("cannot seed: {error}"));
        from = to;
    }
}

/// The ids of some customers of a tenant, spread over all of them.
pub async fn some_ids(crm: &Crm, scope: &TenantScope) -> Vec<crm_core::Id<Customer>> {
    let mut ids = Vec::new();
    for needle in ["ad", "b1", "c2", "d3", "e4", "f5"] {
        let query = Query::new().search(needle).limit(MAX_PAGE);
        let page = crm.customers(scope).list(query).await;
        ids.extend(page.map(|page| page.data).unwrap_or_default().into_iter().map(|record| record.id));
    }
    ids
}
