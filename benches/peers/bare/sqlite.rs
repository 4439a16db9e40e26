//! The least that answers: axum and rusqlite, one table, a pool of readers, one writer. There is no sign-in, no log, no
//! counter, no search and no check of what is sent; the tenant is one for all.
//!
//! `bare-sqlite FILE TENANT ADDRESS full|normal`

mod customer;

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json, Router,
    extract::{Path as Segment, Query, State},
    http::StatusCode,
    routing::get,
};
use chrono::DateTime;
use crm_benches::{
    by_hand::sqlite::{self, Readers},
    measure::ok,
};
use customer::{Fields, Page, Place, Shown};
use rusqlite::{Connection, params};
use uuid::Uuid;

/// As many as the runtime has threads on any machine this is likely to run on: a read never waits for a connection.
const READERS: usize = 64;

#[derive(Clone)]
struct Data {
    tenant: Uuid,
    readers: Readers,
    writer: Arc<Mutex<Connection>>,
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, tenant, address, durability] = arguments.as_slice() else {
        panic!("usage: bare-sqlite FILE TENANT ADDRESS full|normal");
    };
    let file = Path::new(file);
    let writer = ok(sqlite::open(file));
    ok(writer.pragma_update(None, "synchronous", durability));
    let data = Data {
        tenant: ok(tenant.parse()),
        readers: ok(Readers::open(file, READERS)),
        writer: Arc::new(Mutex::new(writer)),
    };
    let router = Router::new()
        .route("/customers", get(list).post(create))
        .route("/customers/{id}", get(read))
        .with_state(data);
    let listener = ok(tokio::net::TcpListener::bind(address).await);
    ok(axum::serve(listener, router).await);
}

// A read takes microseconds: it runs where it is asked for, which is faster than a hop to a thread for blocking work.
async fn read(State(data): State<Data>, Segment(id): Segment<Uuid>) -> Result<Json<Shown>, StatusCode> {
    let found = data.readers.get(data.tenant, id).map_err(failed)?;
    found.map(|customer| Json(shown(customer))).ok_or(StatusCode::NOT_FOUND)
}

async fn list(State(data): State<Data>, Query(place): Query<Place>) -> Result<Json<Page>, StatusCode> {
    let page = data.readers.page(data.tenant, place.after()).map_err(failed)?;
    Ok(Json(Page::of(page.into_iter().map(shown).collect())))
}

async fn create(
    State(data): State<Data>,
    Json(fields): Json<Fields>,
) -> Result<(StatusCode, Json<Shown>), StatusCode> {
    let new = Shown::new(fields);
    let insert = move || insert(&data, &new).map(|()| new);
    let new = tokio::task::spawn_blocking(insert).await;
    let new = new.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?.map_err(failed)?;
    Ok((StatusCode::CREATED, Json(new)))
}

fn failed(error: rusqlite::Error) -> StatusCode {
    eprintln!("{error}");
    StatusCode::INTERNAL_SERVER_ERROR
}

fn insert(data: &Data, new: &Shown) -> rusqlite::Result<()> {
    const SQL: &str = "INSERT INTO customers (tenant_id, id, version, created_at, updated_at, company, name, email, phone, \
        website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, \
        notes) VALUES (?1, ?2, 1, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)";
    let fields = &new.fields;
    let writer = data.writer.lock().unwrap_or_else(PoisonError::into_inner);
    let mut statement = writer.prepare_cached(SQL)?;
    let inserted = statement.execute(params![
        data.tenant.as_bytes(),
        new.id.as_bytes(),
        new.created_at.timestamp_micros(),
        fields.company,
        fields.name,
        fields.email,
        fields.phone,
        fields.website,
        fields.address_line1,
        fields.address_line2,
        fields.city,
        fields.state,
        fields.postal_code,
        fields.country,
        fields.is_active,
        fields.owner_id.as_ref().map(Uuid::as_bytes),
        fields.external_id,
        serde_json::Value::from(fields.tags.clone()).to_string(),
        fields.notes,
    ]);
    inserted.map(drop)
}

fn shown(customer: sqlite::Customer) -> Shown {
    let time = |micros| DateTime::from_timestamp_micros(micros).unwrap_or_default();
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
        tags,
        notes,
    ] = customer.texts;
    Shown {
        id: customer.id,
        version: customer.version,
        created_at: time(customer.created_at),
        updated_at: time(customer.updated_at),
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
            tags: tags.and_then(|tags| serde_json::from_str(&tags).ok()).unwrap_or_default(),
            notes,
        },
    }
}
