//! On rusqlite.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, OptionalExtension, Params, Row, ToSql, params};
use uuid::Uuid;

use crate::seed;

/// A customer as the hand-written driver reads it.
#[derive(Debug)]
pub struct Customer {
    /// The id.
    pub id: Uuid,
    /// The version.
    pub version: i64,
    /// Microseconds.
    pub created_at: i64,
    /// Microseconds.
    pub updated_at: i64,
    /// A user's id.
    pub created_by: Option<Uuid>,
    /// The text fields, in the order of the columns.
    pub texts: [Option<String>; 14],
    /// Whether it is active.
    pub is_active: bool,
    /// A user's id.
    pub owner_id: Option<Uuid>,
}

const COLUMNS: &str = "id, version, created_at, updated_at, created_by, company, name, email, phone, website, \
    address_line1, address_line2, city, state, postal_code, country, is_active, owner_id, external_id, tags, notes";

fn read(row: &Row<'_>) -> rusqlite::Result<Customer> {
    let uuid = |bytes: Option<[u8; 16]>| bytes.map(Uuid::from_bytes);
    let mut texts: [Option<String>; 14] = Default::default();
    for (slot, column) in texts.iter_mut().zip((5..16).chain(18..21)) {
        *slot = row.get(column)?;
    }
    Ok(Customer {
        id: Uuid::from_bytes(row.get(0)?),
        version: row.get(1)?,
        created_at: row.get(2)?,
        updated_at: row.get(3)?,
        created_by: uuid(row.get(4)?),
        texts,
        is_active: row.get(16)?,
        owner_id: uuid(row.get(17)?),
    })
}

/// A pool of readers, as one would write it: a stack behind a lock.
#[derive(Clone, Debug)]
pub struct Readers(Arc<Mutex<Vec<Connection>>>);

impl Readers {
    /// So many connections to a file.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn open(file: &Path, count: usize) -> rusqlite::Result<Self> {
        let connections = (0..count).map(|_| open(file)).collect::<Result<_, _>>()?;
        Ok(Self(Arc::new(Mutex::new(connections))))
    }

    fn with<R>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<R>) -> rusqlite::Result<R> {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = taken.ok_or(rusqlite::Error::InvalidQuery)?;
        let result = read(&connection);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        result
    }

    /// One customer.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn get(&self, tenant: Uuid, id: Uuid) -> rusqlite::Result<Option<Customer>> {
        self.with(|connection| {
            let sql = format!(
                "SELECT {COLUMNS} FROM customers WHERE tenant_id = ?1 AND id = ?2 AND deleted_at IS NULL"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            statement.query_row(params![tenant.as_bytes(), id.as_bytes()], read).optional()
        })
    }

    /// Fifty customers, newest first, from a place on.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn page(&self, tenant: Uuid, after: Option<(i64, Uuid)>) -> rusqlite::Result<Vec<Customer>> {
        let (time, id) = after.unwrap_or((i64::MAX, Uuid::max()));
        let sql = format!(
            "SELECT {COLUMNS} FROM customers WHERE tenant_id = ?1 AND deleted_at IS NULL AND (created_at, id) < (?2, ?3) \
             ORDER BY created_at DESC, id DESC LIMIT 50"
        );
        self.list(&sql, params![tenant.as_bytes(), time, id.as_bytes()])
    }

    /// Fifty customers whose text has each of these terms, newest first: the index is asked for the rows of the tenant,
    /// and they are looked at in the order in which they were made.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn search(&self, tenant: Uuid, terms: &[&str]) -> rusqlite::Result<Vec<Customer>> {
        let grams = terms.iter().flat_map(|term| {
            let letters: Vec<char> = term.chars().collect();
            let grams = letters.windows(3).map(|gram| format!("\"{}\"", gram.iter().collect::<String>()));
            grams.collect::<Vec<_>>()
        });
        let grams = grams.collect::<Vec<_>>().join(" AND ");
        let has: String =
            (0..terms.len()).map(|nth| format!(" AND instr(search_text, ?{}) > 0", nth + 3)).collect();
        let sql = format!(
            "SELECT {COLUMNS} FROM customers WHERE rid IN (SELECT rowid FROM customers_fts WHERE customers_fts MATCH ?2 \
             AND rowid BETWEEN ((SELECT tenant_no FROM heads WHERE tenant_id = ?1) << 32) \
             AND ((SELECT tenant_no FROM heads WHERE tenant_id = ?1) << 32 | 4294967295) ORDER BY rowid DESC LIMIT 2000) \
             AND tenant_id = ?1 AND deleted_at IS NULL{has} ORDER BY created_at DESC, id DESC LIMIT 50"
        );
        let tenant = tenant.as_bytes();
        let mut parameters: Vec<&dyn ToSql> = vec![tenant, &grams];
        parameters.extend(terms.iter().map(|term| term as &dyn ToSql));
        self.list(&sql, parameters.as_slice())
    }

    fn list(&self, sql: &str, parameters: impl Params) -> rusqlite::Result<Vec<Customer>> {
        self.with(|connection| connection.prepare_cached(sql)?.query_map(parameters, read)?.collect())
    }
}

/// Opens a file as the store does: WAL, synced commits.
///
/// # Errors
/// What SQLite says.
pub fn open(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000; \
         PRAGMA mmap_size = 4294967296;",
    )?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Stores customers in one transaction: for each its row, its search entry, its event; the counter and the head once.
///
/// # Errors
/// What SQLite says.
pub fn create(
    connection: &mut Connection,
    tenant: Uuid,
    numbers: std::ops::Range<usize>,
) -> rusqlite::Result<()> {
    let count = i64::try_from(numbers.len()).unwrap_or(i64::MAX);
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    {
        let (tenant_no, last_seq): (i64, i64) = transaction
            .prepare_cached("UPDATE heads SET last_seq = last_seq + ?2 WHERE tenant_id = ?1 RETURNING tenant_no, last_seq")?
            .query_row(params![tenant.as_bytes(), count], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let last_rid: i64 = transaction
            .prepare_cached(
                "INSERT INTO series (tenant_id, object, last_rid, last_number) VALUES (?1, 'customers', ?2, 0) \
                 ON CONFLICT DO UPDATE SET last_rid = last_rid + ?2 RETURNING last_rid",
            )?
            .query_row(params![tenant.as_bytes(), count], |row| row.get(0))?;
        for (offset, number) in (1..).zip(numbers) {
            let rid = tenant_no << 32 | (last_rid - count + offset);
            insert(&transaction, tenant, rid, tenant_no << 32 | (last_seq - count + offset), number)?;
        }
        let day = chrono::Utc::now().format("%Y-%m-%d").to_string();
        for (name, key) in [("customers", "active"), ("customers.created", day.as_str())] {
            transaction
                .prepare_cached(
                    "INSERT INTO counters (tenant_id, name, key, value) VALUES (?1, ?2, ?3, ?4) \
                     ON CONFLICT DO UPDATE SET value = value + ?4",
                )?
                .execute(params![tenant.as_bytes(), name, key, count])?;
        }
    }
    transaction.commit()
}

fn insert(connection: &Connection, tenant: Uuid, rid: i64, eid: i64, number: usize) -> rusqlite::Result<()> {
    let customer = seed::customer(number);
    let id = Uuid::now_v7();
    let now = chrono::Utc::now().timestamp_micros();
    let texts = [&customer.company, &customer.name, &customer.email, &customer.phone, &customer.city];
    let search = texts.map(|text| text.as_deref().unwrap_or_default().to_lowercase()).join("\n");
    connection
        .prepare_cached(
            "INSERT INTO customers (rid, tenant_id, id, version, created_at, updated_at, search_text, company, name, \
             email, phone, city, country, is_active, external_id, tags, email_key, phone_key) \
             VALUES (?1, ?2, ?3, 1, ?4, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 1, ?12, '[]', ?13, ?14)",
        )?
        .execute(params![
            rid,
            tenant.as_bytes(),
            id.as_bytes(),
            now,
            search,
            customer.company,
            customer.name,
            customer.email,
            customer.phone,
            customer.city,
            customer.country,
            customer.external_id,
            customer.email.as_deref().map(str::to_lowercase),
            customer.phone,
        ])?;
    connection
        .prepare_cached("INSERT INTO customers_fts (rowid, t) VALUES (?1, ?2)")?
        .execute(params![rid, search])?;
    let fields = [
        ("company", &customer.company),
        ("name", &customer.name),
        ("email", &customer.email),
        ("phone", &customer.phone),
        ("city", &customer.city),
        ("country", &customer.country),
        ("external_id", &customer.external_id),
    ];
    let changes = fields.map(|(field, new)| serde_json::json!({ "field": field, "old": null, "new": new }));
    connection
        .prepare_cached(
            "INSERT INTO events (eid, tenant_id, seq, at, actor, actor_type, object, record_id, version, kind, changes) \
             VALUES (?1, ?2, ?1 & 4294967295, ?3, 'bench', 'job', 'customers', ?4, 1, 'created', ?5)",
        )?
        .execute(params![eid, tenant.as_bytes(), now, id.as_bytes(), serde_json::Value::from(changes.to_vec()).to_string()])?;
    Ok(())
}
