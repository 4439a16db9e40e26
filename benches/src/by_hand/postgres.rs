//! On sqlx, as a role that no policy binds.

use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};
use sqlx::{PgPool, Result, Row, postgres::PgRow};
use uuid::Uuid;

use crate::seed;

/// A customer as the hand-written driver reads it.
#[derive(Debug)]
pub struct Customer {
    /// The id.
    pub id: Uuid,
    /// The version.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was changed.
    pub updated_at: DateTime<Utc>,
    /// A user's id.
    pub created_by: Option<Uuid>,
    /// The text fields, in the order of the columns.
    pub texts: [Option<String>; 13],
    /// Whether it is active.
    pub is_active: bool,
    /// A user's id.
    pub owner_id: Option<Uuid>,
    /// Tags.
    pub tags: Option<Json>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, version, created_at, updated_at, created_by, company, name, email, phone, website, address_line1, ",
            "address_line2, city, state, postal_code, country, external_id, notes, is_active, owner_id, tags ",
            "FROM crm.customers WHERE tenant_id = $1 AND ",
            $rest
        )
    };
}

fn read(row: &PgRow) -> Result<Customer> {
    let mut texts: [Option<String>; 13] = Default::default();
    for (slot, column) in texts.iter_mut().zip(5..) {
        *slot = row.try_get(column)?;
    }
    Ok(Customer {
        id: row.try_get(0)?,
        version: row.try_get(1)?,
        created_at: row.try_get(2)?,
        updated_at: row.try_get(3)?,
        created_by: row.try_get(4)?,
        texts,
        is_active: row.try_get(18)?,
        owner_id: row.try_get(19)?,
        tags: row.try_get(20)?,
    })
}

/// One customer.
///
/// # Errors
/// What sqlx says.
pub async fn get(pool: &PgPool, tenant: Uuid, id: Uuid) -> Result<Option<Customer>> {
    let query = sqlx::query(select!("id = $2 AND deleted_at IS NULL")).bind(tenant).bind(id);
    query.fetch_optional(pool).await?.as_ref().map(read).transpose()
}

/// Fifty customers, newest first, from a place on.
///
/// # Errors
/// What sqlx says.
pub async fn page(
    pool: &PgPool,
    tenant: Uuid,
    after: Option<(DateTime<Utc>, Uuid)>,
) -> Result<Vec<Customer>> {
    let query = match after {
        None => {
            sqlx::query(select!("deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT 50")).bind(tenant)
        }
        Some((at, id)) => sqlx::query(select!(
            "deleted_at IS NULL AND (created_at, id) < ($2, $3) ORDER BY created_at DESC, id DESC LIMIT 50"
        ))
        .bind(tenant)
        .bind(at)
        .bind(id),
    };
    query.fetch_all(pool).await?.iter().map(read).collect()
}

/// A new customer with what belongs to it.
struct New {
    id: Uuid,
    at: DateTime<Utc>,
    customer: crm_core::Customer,
    email_key: Option<String>,
    search: String,
    changes: Json,
}

fn new(number: usize) -> New {
    let customer = seed::customer(number);
    // A phone number is searched as it was entered and as digits.
    let phone = &customer.phone;
    let texts = [&customer.company, &customer.name, &customer.email, phone, &customer.city, phone];
    let search = texts.map(|text| text.as_deref().unwrap_or_default().to_lowercase()).join("\n");
    let fields = [
        ("company", &customer.company),
        ("name", &customer.name),
        ("email", &customer.email),
        ("phone", &customer.phone),
        ("city", &customer.city),
        ("country", &customer.country),
        ("external_id", &customer.external_id),
    ];
    let fields = fields.map(|(field, new)| (field, json!(new)));
    let fields = fields.into_iter().chain([("is_active", json!(true)), ("tags", json!([]))]);
    let changes = fields.map(|(field, new)| json!({ "field": field, "old": null, "new": new }));
    New {
        id: Uuid::now_v7(),
        at: Utc::now(),
        email_key: customer.email.as_deref().map(str::to_lowercase),
        customer,
        search,
        changes: changes.collect(),
    }
}

const HEAD: &str =
    "UPDATE crm.heads SET last_seq = last_seq + $2 WHERE tenant_id = $1 RETURNING last_seq - $2";
const COUNT: &str = "INSERT INTO crm.counters AS c (tenant_id, name, key, value) \
    VALUES ($1, 'customers', 'active', $2), \
    ($1, 'customers.created', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD'), $2) \
    ON CONFLICT (tenant_id, name, key) DO UPDATE SET value = c.value + excluded.value";

/// One customer in a transaction of several statements.
///
/// # Errors
/// What sqlx says.
pub async fn create(pool: &PgPool, tenant: Uuid, number: usize) -> Result<()> {
    let new = new(number);
    let own = &new.customer;
    let mut transaction = pool.begin().await?;
    let base: i64 = sqlx::query_scalar(HEAD).bind(tenant).bind(1_i64).fetch_one(&mut *transaction).await?;
    sqlx::query(
        "INSERT INTO crm.customers (tenant_id, id, version, created_at, updated_at, company, name, email, phone, city, \
         country, is_active, external_id, tags, email_key, phone_key) \
         VALUES ($1, $2, 1, $3, $3, $4, $5, $6, $7, $8, $9, true, $10, '[]', $11, $7)",
    )
    .bind(tenant)
    .bind(new.id)
    .bind(new.at)
    .bind(&own.company)
    .bind(&own.name)
    .bind(&own.email)
    .bind(&own.phone)
    .bind(&own.city)
    .bind(&own.country)
    .bind(&own.external_id)
    .bind(&new.email_key)
    .execute(&mut *transaction)
    .await?;
    sqlx::query(
        "INSERT INTO crm.search_texts (tenant_id, object, record_id, body) VALUES ($1, 'customers', $2, $3)",
    )
    .bind(tenant)
    .bind(new.id)
    .bind(&new.search)
    .execute(&mut *transaction)
    .await?;
    sqlx::query(
        "INSERT INTO crm.events (tenant_id, seq, at, actor, actor_type, object, record_id, version, kind, changes) \
         VALUES ($1, $2, $3, 'bench', 'job', 'customers', $4, 1, 'created', $5)",
    )
    .bind(tenant)
    .bind(base + 1)
    .bind(new.at)
    .bind(new.id)
    .bind(&new.changes)
    .execute(&mut *transaction)
    .await?;
    sqlx::query(COUNT).bind(tenant).bind(1_i64).execute(&mut *transaction).await?;
    transaction.commit().await
}

/// The rows of a customer that are its own, in a statement that says what their number in the log is.
macro_rules! rows {
    ($seq:literal) => {
        concat!(
            ", customer AS (INSERT INTO crm.customers (tenant_id, id, version, created_at, updated_at, company, name, email, ",
            "phone, city, country, is_active, external_id, tags, email_key, phone_key) ",
            "SELECT $1, $2, 1, $3, $3, $4, $5, $6, $7, $8, $9, true, $10, '[]', $11, $7 FROM head), ",
            "text AS (INSERT INTO crm.search_texts (tenant_id, object, record_id, body) ",
            "SELECT $1, 'customers', $2, $12 FROM head) ",
            "INSERT INTO crm.events (tenant_id, seq, at, actor, actor_type, object, record_id, version, kind, changes) ",
            "SELECT $1, ", $seq, ", $3, 'bench', 'job', 'customers', $2, 1, 'created', $13 FROM head"
        )
    };
}

async fn create_at_once(pool: &PgPool, tenant: Uuid, number: usize, sql: &'static str) -> Result<()> {
    let new = new(number);
    let own = &new.customer;
    sqlx::query(sql)
        .bind(tenant)
        .bind(new.id)
        .bind(new.at)
        .bind(&own.company)
        .bind(&own.name)
        .bind(&own.email)
        .bind(&own.phone)
        .bind(&own.city)
        .bind(&own.country)
        .bind(&own.external_id)
        .bind(&new.email_key)
        .bind(&new.search)
        .bind(&new.changes)
        .execute(pool)
        .await?;
    Ok(())
}

/// One customer by one statement, which is its own transaction.
///
/// # Errors
/// What sqlx says.
pub async fn create_by_one(pool: &PgPool, tenant: Uuid, number: usize) -> Result<()> {
    const SQL: &str = concat!(
        "WITH head AS (UPDATE crm.heads SET last_seq = last_seq + 1 WHERE tenant_id = $1 RETURNING last_seq), ",
        "count AS (INSERT INTO crm.counters AS c (tenant_id, name, key, value) ",
        "SELECT $1, v.name, v.key, 1 FROM head, (VALUES ('customers', 'active'), ",
        "('customers.created', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD'))) AS v (name, key) ",
        "ON CONFLICT (tenant_id, name, key) DO UPDATE SET value = c.value + excluded.value)",
        rows!("head.last_seq")
    );
    create_at_once(pool, tenant, number, SQL).await
}

/// What [`create_unordered`] takes the numbers of events from.
pub const SEQUENCE: &str =
    "CREATE SEQUENCE crm.unordered START 1000000000000; GRANT USAGE ON SEQUENCE crm.unordered TO crm_unbound";

/// One customer by one statement that touches no row of the tenant: its log has gaps and no order, and nothing is counted.
///
/// # Errors
/// What sqlx says.
pub async fn create_unordered(pool: &PgPool, tenant: Uuid, number: usize) -> Result<()> {
    const SQL: &str =
        concat!("WITH head AS (SELECT nextval('crm.unordered') AS last_seq)", rows!("head.last_seq"));
    create_at_once(pool, tenant, number, SQL).await
}

/// Many customers in one transaction, each table by one statement.
///
/// # Errors
/// What sqlx says.
pub async fn import(pool: &PgPool, tenant: Uuid, numbers: std::ops::Range<usize>) -> Result<()> {
    let all: Vec<New> = numbers.map(new).collect();
    let count = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let texts = |text: fn(&New) -> &Option<String>| all.iter().map(text).collect::<Vec<_>>();
    let ids: Vec<Uuid> = all.iter().map(|new| new.id).collect();
    let at: Vec<DateTime<Utc>> = all.iter().map(|new| new.at).collect();
    let mut transaction = pool.begin().await?;
    let base: i64 = sqlx::query_scalar(HEAD).bind(tenant).bind(count).fetch_one(&mut *transaction).await?;
    sqlx::query(
        "INSERT INTO crm.customers (tenant_id, id, version, created_at, updated_at, company, name, email, phone, city, \
         country, is_active, external_id, tags, email_key, phone_key) \
         SELECT $1, u.id, 1, u.at, u.at, u.company, u.name, u.email, u.phone, u.city, u.country, true, u.external_id, \
         '[]', u.email_key, u.phone FROM unnest($2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], \
         $7::text[], $8::text[], $9::text[], $10::text[], $11::text[]) \
         AS u (id, at, company, name, email, phone, city, country, external_id, email_key)",
    )
    .bind(tenant)
    .bind(&ids)
    .bind(&at)
    .bind(texts(|new| &new.customer.company))
    .bind(texts(|new| &new.customer.name))
    .bind(texts(|new| &new.customer.email))
    .bind(texts(|new| &new.customer.phone))
    .bind(texts(|new| &new.customer.city))
    .bind(texts(|new| &new.customer.country))
    .bind(texts(|new| &new.customer.external_id))
    .bind(texts(|new| &new.email_key))
    .execute(&mut *transaction)
    .await?;
    sqlx::query(
        "INSERT INTO crm.search_texts (tenant_id, object, record_id, body) \
         SELECT $1, 'customers', u.id, u.body FROM unnest($2::uuid[], $3::text[]) AS u (id, body)",
    )
    .bind(tenant)
    .bind(&ids)
    .bind(all.iter().map(|new| &new.search).collect::<Vec<_>>())
    .execute(&mut *transaction)
    .await?;
    sqlx::query(
        "INSERT INTO crm.events (tenant_id, seq, at, actor, actor_type, object, record_id, version, kind, changes) \
         SELECT $1, $2 + u.nth, u.at, 'bench', 'job', 'customers', u.id, 1, 'created', u.changes \
         FROM unnest($3::uuid[], $4::timestamptz[], $5::jsonb[]) WITH ORDINALITY AS u (id, at, changes, nth)",
    )
    .bind(tenant)
    .bind(base)
    .bind(&ids)
    .bind(&at)
    .bind(all.iter().map(|new| &new.changes).collect::<Vec<_>>())
    .execute(&mut *transaction)
    .await?;
    sqlx::query(COUNT).bind(tenant).bind(count).execute(&mut *transaction).await?;
    transaction.commit().await
}
