//! Files that cannot be opened, or turn out to be damaged: a clear error each time, and the file as it was.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crm_core::{Customer, Error, Query};
use crm_store_sqlite::{MIGRATIONS, OpenError, SCHEMA, SqliteStore, migrate, schema};
use rusqlite::Connection;
use support::Bench;

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("crm.db");
    (folder, path)
}

/// Opens what cannot be opened; the error. The file must stay as it is.
fn refused(path: &Path) -> OpenError {
    let before = fs::read(path).ok();
    let error = SqliteStore::open(path).unwrap_err();
    assert_eq!(fs::read(path).ok(), before, "the file was changed");
    let message = error.to_string();
    assert!(message.contains(&path.display().to_string()), "{message}");
    error
}

#[test]
fn a_file_of_noise_is_no_database() {
    let (_folder, path) = folder();
    fs::write(&path, b"Dear diary, this is no database. ".repeat(500)).unwrap();
    assert!(matches!(refused(&path), OpenError::Damaged { .. }));
}

#[tokio::test]
async fn a_file_cut_short_is_damaged() {
    let bench = Bench::new().await;
    let (path, folder) = (bench.path(), bench.folder);
    drop((bench.crm, bench.store));
    let whole = fs::read(&path).unwrap();
    for length in [whole.len() / 2, 5_000, 4_096, 600, 90] {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(matches!(refused(&path), OpenError::Damaged { .. }), "{length}");
    }
    drop(folder);
}

/// Each page in turn is filled with noise. Whatever is opened or read of the file then answers rightly or says that it
/// is damaged; that SQLite looks at the sizes of cells makes the difference.
#[tokio::test]
async fn a_damaged_page_is_an_error_and_never_a_wrong_answer() {
    let bench = Bench::new().await;
    let customers = (0..40).map(|nth| Customer::company(format!("Company {nth:03} {}", "x".repeat(150))));
    bench.crm.customers(&bench.scope).create_many(customers.collect()).await.unwrap();
    let query = || Query::<Customer>::new().limit(100);
    let right = bench.crm.customers(&bench.scope).list(query()).await.unwrap();
    let (path, scope, _folder) = (bench.path(), bench.scope, bench.folder);
    drop((bench.crm, bench.store));
    let whole = fs::read(&path).unwrap();
    let (mut unharmed, mut refused, mut corrupt) = (0, 0, 0);
    for page in 0..whole.len() / 4_096 {
        let mut damaged = whole.clone();
        damaged[page * 4_096..(page + 1) * 4_096].fill(0xa5);
        fs::write(&path, &damaged).unwrap();
        match SqliteStore::open(&path) {
            Err(OpenError::Damaged { .. }) => refused += 1,
            Err(error) => panic!("page {page}: {error}"),
            Ok(store) => match crm_core::Crm::new(store).customers(&scope).list(query()).await {
                Ok(page) => {
                    assert_eq!(page, right);
                    unharmed += 1;
                }
                Err(Error::Corrupt(_)) => corrupt += 1,
                Err(error) => panic!("page {page}: {error}"),
            },
        }
    }
    println!(
        "damaged pages: refused at opening {refused}, at reading {corrupt}, of no matter {unharmed}, wrong 0"
    );
    assert!(refused > 10 && corrupt > 0 && unharmed > 0);
}

#[test]
fn a_file_of_another_program_is_left_alone() {
    let (_folder, path) = folder();
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch("CREATE TABLE customers (id INTEGER)").unwrap();
    connection.close().unwrap();
    assert!(matches!(refused(&path), OpenError::Foreign(_)));
    assert!(matches!(migrate(&path), Err(OpenError::Foreign(_))));
    assert!(matches!(schema(&path), Err(OpenError::Foreign(_))));
    fs::remove_file(&path).unwrap();
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch("PRAGMA application_id = 7").unwrap();
    connection.close().unwrap();
    assert!(matches!(refused(&path), OpenError::Foreign(_)));
}

#[test]
fn a_newer_schema_is_left_alone() {
    let (_folder, path) = folder();
    migrate(&path).unwrap();
    let connection = Connection::open(&path).unwrap();
    connection.execute("INSERT INTO migrations VALUES (99, 'later', 0, 0)", []).unwrap();
    connection.close().unwrap();
    assert!(matches!(refused(&path), OpenError::Newer { found: 99, known: SCHEMA, .. }));
}

#[test]
fn a_migration_that_was_another_one_is_noticed() {
    let (_folder, path) = folder();
    migrate(&path).unwrap();
    let connection = Connection::open(&path).unwrap();
    connection.execute("UPDATE migrations SET checksum = checksum + 1", []).unwrap();
    connection.close().unwrap();
    assert!(matches!(refused(&path), OpenError::Altered { number: 1, .. }));
}

#[test]
fn a_missing_table_is_noticed_when_the_file_is_opened() {
    let (_folder, path) = folder();
    migrate(&path).unwrap();
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch("DROP TABLE interactions").unwrap();
    connection.close().unwrap();
    assert!(matches!(refused(&path), OpenError::Damaged { .. }));
}

#[test]
fn without_migrating_an_older_schema_is_an_error() {
    let (_folder, path) = folder();
    let open = || SqliteStore::builder().migrate(false).open(&path);
    assert!(matches!(open().unwrap_err(), OpenError::Missing(_)));
    assert!(matches!(schema(&path), Err(OpenError::Missing(_))));
    assert!(!path.exists());
    fs::write(&path, b"").unwrap();
    assert!(matches!(open().unwrap_err(), OpenError::Outdated { found: 0, needed: SCHEMA, .. }));
    let before = schema(&path).unwrap();
    assert_eq!((before.at, before.pending.as_slice()), (0, MIGRATIONS));
    assert_eq!(migrate(&path).unwrap(), MIGRATIONS);
    assert_eq!(migrate(&path).unwrap(), []);
    let after = schema(&path).unwrap();
    assert_eq!((after.at, after.pending.as_slice()), (SCHEMA, [].as_slice()));
    open().unwrap();
}

#[test]
fn a_path_that_leads_nowhere_is_said_to() {
    let (folder, path) = folder();
    let nowhere = folder.path().join("no/such/crm.db");
    assert!(matches!(SqliteStore::open(&nowhere).unwrap_err(), OpenError::NoFolder(_)));
    assert!(matches!(SqliteStore::open(folder.path()).unwrap_err(), OpenError::Path { .. }));
    assert!(matches!(SqliteStore::open("").unwrap_err(), OpenError::Path { .. }));
    let unreadable = SqliteStore::builder().readers(0).open(&path).unwrap_err();
    assert!(matches!(unreadable, OpenError::Setting(_)));
}

#[test]
fn an_odd_name_is_a_file_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    for name in [":memory:", "file:crm.db?mode=memory", "käse %20#?.db"] {
        let path = folder.path().join(name);
        drop(SqliteStore::open(&path).unwrap());
        assert!(path.is_file(), "{name}");
    }
}

/// Run by a user who may not write, as root may write everywhere.
const READER: &str = "CRM_READ_ONLY_FOLDER";

#[test]
fn what_cannot_be_written_is_said_to() {
    if let Some(folder) = std::env::var_os(READER) {
        return read_only(Path::new(&folder));
    }
    let (folder, path) = folder();
    drop(SqliteStore::open(&path).unwrap());
    let (closed, open) = (folder.path().join("closed"), folder.path().join("open"));
    for (place, mode) in [(&closed, 0o666), (&open, 0o444)] {
        fs::create_dir(place).unwrap();
        let copy = place.join("crm.db");
        fs::copy(&path, &copy).unwrap();
        fs::set_permissions(&copy, fs::Permissions::from_mode(mode)).unwrap();
    }
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let mut reader = Command::new(std::env::current_exe().unwrap());
    reader.args(["--exact", "what_cannot_be_written_is_said_to"]).env(READER, folder.path());
    if fs::metadata(folder.path()).unwrap().uid() == 0 {
        reader.uid(65_534).gid(65_534);
    }
    let done = reader.output().unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
}

fn read_only(folder: &Path) {
    assert!(fs::write(folder.join("closed/probe"), b"").is_err(), "this user can write");
    // The file could be written, but the log beside it cannot be made.
    let error = SqliteStore::open(folder.join("closed/crm.db")).unwrap_err();
    assert!(matches!(error, OpenError::ReadOnly(_)), "{error:?}");
    let error = SqliteStore::open(folder.join("open/crm.db")).unwrap_err();
    assert!(matches!(error, OpenError::ReadOnly(_)), "{error:?}");
    let error = SqliteStore::open(folder.join("closed/new.db")).unwrap_err();
    assert!(matches!(error, OpenError::Path { .. }), "{error:?}");
    assert!(error.to_string().contains("written"), "{error}");
}

#[tokio::test]
async fn a_file_that_another_holds_is_unavailable_and_then_works() {
    let options = SqliteStore::builder().busy_timeout(Duration::from_millis(50));
    let bench = Bench::with(options.clone()).await;
    let customers = bench.crm.customers(&bench.scope);
    let ada = customers.create(Customer::company("Ada")).await.unwrap();
    let other = bench.connection();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = customers.create(Customer::company("Bob")).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    assert_eq!(customers.get(ada.id).await.unwrap(), ada, "reading goes on");
    other.execute_batch("ROLLBACK").unwrap();
    customers.create(Customer::company("Bob")).await.unwrap();
    assert_eq!(customers.count(&Query::new()).await.unwrap(), 2);
    bench.verify().await;

    let fresh = bench.folder.path().join("fresh.db");
    let holder = Connection::open(&fresh).unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let locked = options.open(&fresh).unwrap_err();
    assert!(matches!(locked, OpenError::Locked(_)), "{locked:?}");
}

#[tokio::test]
async fn what_was_erased_is_not_in_the_file_any_more() {
    let bench = Bench::new().await;
    let customers = bench.crm.customers(&bench.scope);
    let secret = "Xylophilia Quetzalcoatl";
    let filler = (0..30).map(|nth| Customer::company(format!("Company {nth}")).notes("n".repeat(3_000)));
    customers.create_many(filler.collect()).await.unwrap();
    let data = Customer::person(secret).notes(format!("{secret} {}", "long ".repeat(1_900)));
    let made = customers.create(data).await.unwrap();
    let is_there = |path: &Path| {
        let bytes = fs::read(path).unwrap();
        let lower = secret.to_lowercase();
        [secret, lower.as_str()]
            .iter()
            .any(|text| bytes.windows(text.len()).any(|own| own == text.as_bytes()))
    };
    customers.delete(made.id, None).await.unwrap();
    bench.connection().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    assert!(is_there(&bench.path()), "a check that finds nothing would not notice anything");
    customers.erase(made.id).await.unwrap();
    bench.verify().await;
    let (path, _folder) = (bench.path(), bench.folder);
    drop((bench.crm, bench.store));
    assert!(!is_there(&path));
}
