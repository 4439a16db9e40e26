//! The schema, step by step: numbered SQL files. They can be run, run in the host's transaction, printed, and compared
//! with what a database has.
//!
//! What a schema went through it says itself, by the function `migrations()`: a table of that would be the one table
//! without a tenant.

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

use crate::{
    OpenError,
    name::SchemaName,
    validate::{encoding, look, plain_role},
};

/// A step of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Its number: 1, 2, 3, ...
    pub number: u32,
    /// What it is about.
    pub name: &'static str,
    /// What it does; `__schema__` stands for the schema.
    pub sql: &'static str,
}

/// Every migration, in order.
pub const MIGRATIONS: &[Migration] = &[
    Migration { number: 1, name: "foundation", sql: include_str!("../migrations/0001_foundation.sql") },
    Migration { number: 2, name: "keys", sql: include_str!("../migrations/0002_keys.sql") },
    Migration { number: 3, name: "invitations", sql: include_str!("../migrations/0003_invitations.sql") },
    Migration { number: 4, name: "owner", sql: include_str!("../migrations/0004_owner.sql") },
    Migration { number: 5, name: "filing", sql: include_str!("../migrations/0005_filing.sql") },
];

/// The version of the schema that this program needs.
pub const SCHEMA: u32 = MIGRATIONS.len() as u32;

impl Migration {
    /// A number that changes with the text: FNV-1a. It finds slips, not forgery; whoever can forge owns the schema.
    pub(crate) fn checksum(&self) -> i64 {
        let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        self.sql.bytes().fold(0xcbf2_9ce4_8422_2325, step).cast_signed()
    }
}

/// Brings a schema up to date, as the role that owns it.
///
/// ```no_run
/// # async fn set_up(connection: &mut sqlx::PgConnection) -> Result<(), Box<dyn std::error::Error>> {
/// use crm_store_postgres::Migrate;
/// // The connection is of the role that owns; `app` is the one that runs.
/// Migrate::new().role("app").run(connection).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Migrate {
    schema: String,
    role: Option<String>,
}

impl Default for Migrate {
    fn default() -> Self {
        Self::new()
    }
}

impl Migrate {
    /// The schema `crm`, and one role that owns and runs.
    pub fn new() -> Self {
        Self { schema: SchemaName::default().bare().to_owned(), role: None }
    }

    /// The schema.
    #[must_use]
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = schema.into();
        self
    }

    /// The role that runs, if it is not the one that owns. It is granted exactly what it needs.
    #[must_use]
    pub fn role(mut self, role: impl Into<String>) -> Self {
        self.role = Some(role.into());
        self
    }

    /// Runs what is missing in a transaction of its own; the version that the schema had before. Whoever does the same
    /// at the same time waits, and finds nothing left to do.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn run(&self, connection: &mut PgConnection) -> Result<u32, OpenError> {
        let mut transaction = connection.begin().await?;
        let before = self.run_within(&mut transaction).await?;
        transaction.commit().await?;
        Ok(before)
    }

    /// Runs what is missing in the transaction that is under way on this connection; the version that the schema had
    /// before.
    ///
    /// # Errors
    /// See [`OpenError`]. The transaction is to be rolled back then.
    pub async fn run_within(&self, connection: &mut PgConnection) -> Result<u32, OpenError> {
        let schema = SchemaName::new(&self.schema)?;
        encoding(connection).await?;
        let key = format!("crm migrations of {}", schema.bare());
        sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
            .bind(key)
            .execute(&mut *connection)
            .await?;
        let before = version(connection, &schema).await?;
        let path: String =
            sqlx::query_scalar("SELECT current_setting('search_path')").fetch_one(&mut *connection).await?;
        let (text, roles) = (self.steps(&schema, before), self.roles(&schema)?);
        if before < SCHEMA {
            extensions(connection, &schema).await?;
            sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut *connection).await?;
        }
        sqlx::raw_sql(AssertSqlSafe(roles)).execute(&mut *connection).await?;
        sqlx::query("SELECT set_config('search_path', $1, true)")
            .bind(path)
            .execute(&mut *connection)
            .await?;
        Ok(before)
    }

    /// What [`Migrate::run`] would run on an empty database, as one script for `psql`.
    ///
    /// # Errors
    /// [`OpenError::SchemaName`], [`OpenError::RoleName`].
    pub fn sql(&self) -> Result<String, OpenError> {
        let schema = SchemaName::new(&self.schema)?;
        let extensions: String = EXTENSIONS
            .map(|name| format!("CREATE EXTENSION IF NOT EXISTS {name} SCHEMA {schema};\n"))
            .concat();
        let create = format!("CREATE SCHEMA IF NOT EXISTS {schema};\n{extensions}");
        Ok(format!("BEGIN;\n{create}{}{}COMMIT;\n", self.steps(&schema, 0), self.roles(&schema)?))
    }

    fn steps(&self, schema: &SchemaName, after: u32) -> String {
        // The extensions may be anywhere, and their operator classes are named without a schema.
        let mut text = format!(
            "SELECT set_config('search_path', concat_ws(', ', '{schema}', (SELECT string_agg(DISTINCT \
             quote_ident(n.nspname), ', ') FROM pg_extension AS x JOIN pg_namespace AS n ON n.oid = x.extnamespace \
             WHERE x.extname IN ('pg_trgm', 'btree_gin'))), true);\n"
        );
        for migration in MIGRATIONS.iter().filter(|migration| migration.number > after) {
            text.push_str(&schema.fill(migration.sql));
        }
        let known = MIGRATIONS
            .iter()
            .map(|own| format!("({}, '{}', {}::bigint)", own.number, own.name, own.checksum()));
        let known: Vec<String> = known.collect();
        text.push_str(&format!(
            "CREATE OR REPLACE FUNCTION {schema}.migrations() RETURNS TABLE (number integer, name text, checksum bigint)\n    \
             LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp\n    AS $body$ VALUES {} $body$;\n",
            known.join(", ")
        ));
        text
    }

    /// What the role that runs may do, and that one who owns as well is bound by the policies.
    fn roles(&self, schema: &SchemaName) -> Result<String, OpenError> {
        let Some(role) = &self.role else {
            return Ok(format!("ALTER TABLE {schema}.search_texts FORCE ROW LEVEL SECURITY;\n"));
        };
        let role = plain_role(role)?;
        let objects: Vec<String> =
            crm_core::objects().into_iter().map(|object| format!("{schema}.{}", object.name)).collect();
        let objects = objects.join(", ");
        let log = ["heads", "series", "counters", "events", "once"].map(|table| format!("{schema}.{table}"));
        let log = log.join(", ");
        Ok(format!(
            "GRANT USAGE ON SCHEMA {schema} TO {role};\n\
             GRANT SELECT, INSERT, UPDATE, DELETE ON {objects}, {schema}.search_texts TO {role};\n\
             REVOKE ALL ON {log} FROM {role};\n\
             GRANT SELECT, INSERT ON {log} TO {role};\n\
             GRANT UPDATE ON {schema}.heads, {schema}.series, {schema}.counters TO {role};\n\
             GRANT EXECUTE ON FUNCTION {schema}.found(text, text[], bigint), {schema}.blank(text, uuid), \
             {schema}.forget(), {schema}.tidy(), {schema}.migrations() TO {role};\n\
             ALTER TABLE {schema}.search_texts NO FORCE ROW LEVEL SECURITY;\n"
        ))
    }
}

const EXTENSIONS: [&str; 2] = ["btree_gin", "pg_trgm"];

/// Both are trusted: whoever may create in the database may make them.
async fn extensions(connection: &mut PgConnection, schema: &SchemaName) -> Result<(), OpenError> {
    let create = format!("CREATE SCHEMA IF NOT EXISTS {schema}");
    sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut *connection).await?;
    for name in EXTENSIONS {
        let there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = $1)")
            .bind(name)
            .fetch_one(&mut *connection)
            .await?;
        if there {
            continue;
        }
        let role: String =
            sqlx::query_scalar("SELECT current_user::text").fetch_one(&mut *connection).await?;
        let create = format!("CREATE EXTENSION IF NOT EXISTS {name} SCHEMA {schema}");
        let made = sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut *connection).await;
        made.map_err(|error| match crate::error::code(&error) {
            Some("42501" | "58P01") => OpenError::Extension { name, role },
            _ => OpenError::Failed(error),
        })?;
    }
    Ok(())
}

/// The version of a schema, 0 if there is none; all that it went through must be known.
pub(crate) async fn version(connection: &mut PgConnection, schema: &SchemaName) -> Result<u32, OpenError> {
    let function = format!("{schema}.migrations()");
    let asked = format!("SELECT to_regprocedure('{function}') IS NOT NULL");
    let there = look(connection, &asked).await?.first().map_or(Ok(false), |row| row.try_get(0))?;
    if !there {
        return Ok(0);
    }
    let applied = format!("SELECT number, checksum FROM {function} ORDER BY number");
    let mut last = 0;
    for row in look(connection, &applied).await? {
        let (number, checksum): (i32, i64) = (row.try_get(0)?, row.try_get(1)?);
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        let known = MIGRATIONS.iter().find(|known| known.number == number);
        if known.is_some_and(|known| known.checksum() != checksum) {
            return Err(OpenError::Altered { schema: schema.bare().to_owned(), number });
        }
        last = number;
    }
    Ok(last)
}
