//! The promises of a store: as a role that row-level security binds, as the role that owns, in both ways to set the
//! tenant, and inside a transaction of the host's.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::sync::Arc;

use async_trait::async_trait;
use crm_core::{Store, conformance::Harness};
use crm_store_postgres::{Isolation, Options, PostgresStore, PostgresTx};
use sqlx::{Connection, PgConnection};
use support::{Database, Roles};

/// A database, and how it is opened.
struct Place {
    database: Database,
    options: Options,
}

impl Place {
    fn new(roles: Roles, isolation: Isolation) -> Self {
        let options = PostgresStore::builder().isolation(isolation);
        // Of one, texts are filed while the next thing happens; of the other, hardly ever.
        let options = if isolation == Isolation::Transaction { options.filed_every(1) } else { options };
        Self { database: Database::lent(roles), options }
    }
}

#[async_trait]
impl Harness for Place {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.options.clone().connect(&self.database.app()).await.expect("the store opens"))
    }
}

/// A database, and one transaction in it that is never committed.
struct Joined(Database);

#[async_trait]
impl Harness for Joined {
    async fn open(&self) -> Arc<dyn Store> {
        let mut connection = PgConnection::connect(&self.0.app()).await.expect("the server answers");
        sqlx::raw_sql("BEGIN").execute(&mut connection).await.expect("a transaction begins");
        Arc::new(PostgresTx::own(Box::new(connection)))
    }
}

mod with_two_roles {
    crm_core::store_conformance!(super::Place::new(super::Roles::Two, super::Isolation::Statement));
}

mod with_one_role_in_transactions {
    crm_core::store_conformance!(super::Place::new(super::Roles::One, super::Isolation::Transaction));
}

mod joined {
    crm_core::store_conformance!(super::Joined(super::Database::lent(super::Roles::Two)));
}
