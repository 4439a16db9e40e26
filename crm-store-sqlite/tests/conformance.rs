//! The promises of a store, kept in a file and in memory.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use crm_core::{Store, conformance::Harness};
use crm_store_sqlite::SqliteStore;
use tempfile::TempDir;

/// A folder with one file.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder can be made"))
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("crm.db")
    }
}

#[async_trait]
impl Harness for Folder {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(self.path()).expect("the file can be opened"))
    }
}

mod in_a_file {
    crm_core::store_conformance!(super::Folder::new());
}

mod in_memory {
    crm_core::store_conformance!(|| async {
        crm_store_sqlite::SqliteStore::in_memory().expect("memory can be had")
    });
}
