//! The least that answers: axum and sqlx on PostgreSQL, one table. There is no sign-in, no log, no counter, no search,
//! no policy and no check of what is sent; the tenant is one for all.
//!
//! `bare-postgres URL TENANT ADDRESS`

mod customer;

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    routing::get,
};
use chrono::DateTime;
use crm_benches::{by_hand::postgres, measure::ok};
use customer::{Fields, Page, Place, Shown};
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use uuid::Uuid;

/// As many as `crm-server` has.
const CONNECTIONS: u32 = 10;

#[derive(Clone)]
struct Data {
    tenant: Uuid,
    pool: PgPool,
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, tenant, address] = arguments.as_slice() else {
        panic!("usage: bare-postgres URL TENANT ADDRESS");
    };
    let options: PgConnectOptions = ok(url.parse());
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false);
    let data = Data { tenant: ok(tenant.parse()), pool: ok(pool.connect_with(options).await) };
    let router = Router::new()
        .route("/customers", get(list).post(create))
        .route("/customers/{id}", get(read))
        .with_state(data);
    let listener = ok(tokio::net::TcpListener::bind(address).await);
    ok(axum::serve(listener, router).await);
}

async fn read(State(data): State<Data>, Path(id): Path<Uuid>) -> Result<Json<Shown>, StatusCode> {
    let found = postgres::get(&data.pool, data.tenant, id).await.map_err(failed)?;
    found.map(|customer| Json(shown(customer))).ok_or(StatusCode::NOT_FOUND)
}

async fn list(State(data): State<Data>, Query(place): Query<Place>) -> Result<Json<Page>, StatusCode> {
    let after = place.after().and_then(|(time, id)| Some((DateTime::from_timestamp_micros(time)?, id)));
    let page = postgres::page(&data.pool, data.tenant, after).await.map_err(failed)?;
    Ok(Json(Page::of(page.into_iter().map(shown).collect())))
}

async fn create(
    State(data): State<Data>,
    Json(fields): Json<Fields>,
) -> Result<(StatusCode, Json<Shown>), StatusCode> {
    let new = Shown::new(fields);
    insert(&data, &new).await.map_err(failed)?;
    Ok((StatusCode::CREATED, Json(new)))
}

fn failed(error: sqlx::Error) -> StatusCode {
    eprintln!("{error}");
    StatusCode::INTERNAL_SERVER_ERROR
}

async fn insert(data: &Data, new: &Shown) -> sqlx::Result<()> {
    const SQL: &str = "INSERT INTO crm.customers (tenant_id, id, version, created_at, updated_at, company, name, email, \
        phone, website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, \
        external_id, tags, notes) \
        VALUES ($1, $2, 1, $3, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";
    let fields = &new.fields;
    let query = sqlx::query(SQL)
        .bind(data.tenant)
        .bind(new.id)
        .bind(new.created_at)
        .bind(&fields.company)
        .bind(&fields.name)
        .bind(&fields.email)
        .bind(&fields.phone)
        .bind(&fields.website)
        .bind(&fields.address_line1)
        .bind(&fields.address_line2)
        .bind(&fields.city)
        .bind(&fields.state)
        .bind(&fields.postal_code)
        .bind(&fields.country)
        .bind(fields.is_active)
        .bind(fields.owner_id)
        .bind(&fields.external_id)
        .bind(serde_json::Value::from(fields.tags.clone()))
        .bind(&fields.notes);
    query.execute(&data.pool).await.map(drop)
}

fn shown(customer: postgres::Customer) -> Shown {
    let [
        company,
        name,
        email,
        phone,
        website,
        address_line1,
        address_line2,
        city,
        state,
        postal_code,
        country,
        external_id,
        notes,
    ] = customer.texts;
    Shown {
        id: customer.id,
        version: customer.version,
        created_at: customer.created_at,
        updated_at: customer.updated_at,
        created_by: customer.created_by,
        fields: Fields {
            company,
            name,
            email,
            phone,
            website,
            address_line1,
            address_line2,
            city,
            state,
            postal_code,
            country,
            is_active: customer.is_active,
            owner_id: customer.owner_id,
            external_id,
            tags: customer.tags.and_then(|tags| serde_json::from_value(tags).ok()).unwrap_or_default(),
            notes,
        },
    }
}
