//! The same customers in one table with the two indexes that reading by id and by time needs, and nothing else: what
//! the handlers without checks are served from.

use std::path::{Path, PathBuf};

use futures_util::StreamExt;
use rusqlite::Connection;
use sqlx::{Connection as _, PgConnection};

use super::{
    folder,
    sqlite::{keep, remove},
};
use crate::{cluster::Cluster, measure::ok};

const COLUMNS: &str = "tenant_id, id, version, created_at, updated_at, created_by, deleted_at, company, name, email, phone, \
    website, address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, \
    notes";

/// Copies the customers of a file of the store, unless that has been done.
pub fn sqlite(seeded: &Path) -> PathBuf {
    let name = seeded.file_stem().unwrap_or_default().to_string_lossy();
    let file = folder().join(format!("bare-{name}.db"));
    if file.exists() {
        return file;
    }
    let part = folder().join(format!("bare-{name}.part"));
    remove(&part);
    let connection = ok(Connection::open(&part));
    ok(connection.execute("ATTACH ?1 AS seeded", [seeded.to_string_lossy()]));
    ok(connection.execute_batch(&format!(
        "CREATE TABLE customers (tenant_id BLOB NOT NULL, id BLOB NOT NULL, version INTEGER NOT NULL, \
         created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, created_by BLOB, deleted_at INTEGER, company TEXT, \
         name TEXT, email TEXT, phone TEXT, website TEXT, address_line1 TEXT, address_line2 TEXT, city TEXT, state TEXT, \
         postal_code TEXT, country TEXT, is_active INTEGER NOT NULL, owner_id BLOB, external_id TEXT, tags TEXT, \
         notes TEXT) STRICT; \
         INSERT INTO customers ({COLUMNS}) SELECT {COLUMNS} FROM seeded.customers; \
         CREATE UNIQUE INDEX customers_id ON customers (tenant_id, id); \
         CREATE INDEX customers_created_at ON customers (tenant_id, created_at, id) WHERE deleted_at IS NULL;"
    )));
    ok(connection.close().map_err(|(_, error)| error));
    keep(&part, &file);
    file
}

/// Copies the customers of a database of the store, unless that has been done.
pub async fn postgres(cluster: &Cluster, seeded: &str) -> String {
    let database = format!("{seeded}_bare");
    if cluster.has(&database).await {
        return database;
    }
    let part = "crm_bench_part";
    cluster.run(&format!("DROP DATABASE IF EXISTS {part} WITH (FORCE)")).await;
    cluster.run(&format!("CREATE DATABASE {part} TEMPLATE template0 OWNER crm_unbound")).await;
    {
        let mut from = ok(PgConnection::connect(&cluster.address("crm_unbound", seeded)).await);
        let mut to = ok(PgConnection::connect(&cluster.address("crm_unbound", part)).await);
        ok(sqlx::raw_sql(
            "CREATE SCHEMA crm; CREATE TABLE crm.customers (tenant_id uuid NOT NULL, id uuid NOT NULL, \
             version bigint NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, created_by uuid, \
             deleted_at timestamptz, company text, name text, email text, phone text, website text, address_line1 text, \
             address_line2 text, city text, state text, postal_code text, country text, is_active boolean NOT NULL, \
             owner_id uuid, external_id text, tags jsonb, notes text)",
        )
        .execute(&mut to)
        .await);
        let out = format!("COPY (SELECT {COLUMNS} FROM crm.customers) TO STDOUT (FORMAT binary)");
        let mut rows = ok(from.copy_out_raw(&out).await);
        let copy = format!("COPY crm.customers ({COLUMNS}) FROM STDIN (FORMAT binary)");
        let mut into = ok(to.copy_in_raw(&copy).await);
        while let Some(chunk) = rows.next().await {
            ok(into.send(ok(chunk)).await);
        }
        ok(into.finish().await);
        drop(rows);
        ok(sqlx::raw_sql(
            "ALTER TABLE crm.customers ADD PRIMARY KEY (tenant_id, id); \
             CREATE INDEX ON crm.customers (tenant_id, created_at, id) WHERE deleted_at IS NULL",
        )
        .execute(&mut to)
        .await);
        ok(from.close().await);
        ok(to.close().await);
    }
    cluster.run_on(part, "VACUUM (ANALYZE)").await;
    cluster.run(&format!("ALTER DATABASE {part} RENAME TO {database}")).await;
    database
}
