//! Files for the SQLite store.

use std::path::{Path, PathBuf};

use crm_core::Crm;
use crm_store_sqlite::{Durability, SqliteStore};

use super::{fill_leads, fill_tenants, folder, scope, tenant};

/// The tenants of the large file, by how many customers each has: a million in all.
pub const TENANTS: [(&str, usize); 4] =
    [("large", 600_000), ("middle", 100_000), ("other", 299_000), ("small", 1_000)];

/// The file with a million customers in several tenants, made if it is not there.
pub async fn customers() -> PathBuf {
    seeded("customers-1m", &TENANTS).await
}

/// A file with so many customers, half of them one tenant's, made if it is not there.
pub async fn halves(count: usize) -> PathBuf {
    seeded(&format!("halves-{count}"), &super::halves(count)).await
}

async fn seeded(name: &str, tenants: &[(&'static str, usize)]) -> PathBuf {
    let file = folder().join(format!("{name}.db"));
    if is_ready(&file) {
        return file;
    }
    let part = folder().join(format!("{name}.part"));
    remove(&part);
    eprintln!("seeding {} (once)", file.display());
    {
        let crm = Crm::new(open(&part, Durability::Normal));
        fill_tenants(&crm, tenants).await;
    }
    keep(&part, &file);
    file
}

/// A file with so many leads in one tenant, made if it is not there.
pub async fn leads(count: usize) -> PathBuf {
    let file = folder().join(format!("leads-{count}.db"));
    if is_ready(&file) {
        return file;
    }
    let part = folder().join(format!("leads-{count}.part"));
    remove(&part);
    eprintln!("seeding {} (once)", file.display());
    {
        let crm = Crm::new(open(&part, Durability::Normal));
        let tenant = tenant(&crm, "only").await;
        let scope = scope(&crm, tenant);
        fill_leads(&crm, &scope, 0..count).await;
    }
    keep(&part, &file);
    file
}

/// Whether a file is there. One of an older schema is brought up to date by opening it.
fn is_ready(file: &Path) -> bool {
    file.exists() && {
        drop(open(file, Durability::Normal));
        true
    }
}

/// Opens a file as the benchmarks do.
pub fn open(file: &Path, durability: Durability) -> SqliteStore {
    let opened = SqliteStore::builder().durability(durability).open(file);
    opened.unwrap_or_else(|error| panic!("cannot open {}: {error}", file.display()))
}

/// Removes a database with its companions.
pub fn remove(file: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        // What is not there need not go.
        let _ = std::fs::remove_file(PathBuf::from(name));
    }
}

/// Gives a file that is complete its name.
pub(super) fn keep(part: &Path, file: &Path) {
    std::fs::rename(part, file).unwrap_or_else(|error| panic!("cannot keep {}: {error}", file.display()));
}
