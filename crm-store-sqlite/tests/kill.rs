//! `kill -9` in the middle of commits: whatever was acknowledged is there afterwards, and nothing is there by half.
//!
//! A second process, this program once more, commits from several tasks and says so on a pipe after each answer; this
//! one kills it at a random moment, opens the file and looks. `CRM_KILL_CYCLES` sets how often, `CRM_KILL_SEED` when.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    thread,
    time::{Duration, SystemTime},
};

use crm_core::{
    Actor, Conflict, Crm, Customer, Entity, Error, Id, Lead, MAX_IDS, Object, Store, Tenant, TenantId,
    TenantScope,
};
use crm_store_sqlite::SqliteStore;
use rusqlite::Connection;
use support::Random;
use uuid::Uuid;

const FILE: &str = "CRM_KILL_FILE";
const TENANT: TenantId = Id::from_uuid(Uuid::from_u128(1));
const TASKS: u64 = 6;
/// Each record's text has these letters, so that the search index can be held to the rows.
const MARK: &str = "zqx";
/// How many customers a batch makes.
const BATCH: usize = 3;
/// The kills that one file has to live through.
const KILLS_PER_FILE: u64 = 5;

/// Records and the versions that were acknowledged, by object.
type Acknowledged = BTreeMap<(&'static str, Uuid), i64>;

/// What is wrong with a file.
#[derive(Debug, Default)]
struct Findings {
    lost: Vec<String>,
    phantom: Vec<String>,
}

fn scope(crm: &Crm) -> TenantScope {
    crm.scope(TENANT, Actor::job("kill"))
}

async fn found(crm: &Crm) {
    let maintenance = crm.maintenance();
    let tenant = Tenant::new("acme", "Acme");
    match crm.directory(&maintenance).create_tenant_with_id(TENANT, tenant).await {
        Ok(_) | Err(Error::Conflict(_)) => {}
        Err(error) => panic!("{error}"),
    }
}

/// Commits, and says of each record that was answered for: object, id, version. Ends after so many rounds.
async fn work(crm: Crm, task: u64, rounds: u64, mut say: impl FnMut(&str, Uuid, i64)) {
    let scope = scope(&crm);
    let mut random = Random(u64::from(std::process::id()) * 1_000 + task);
    let mut leads: Vec<Id<Lead>> = Vec::new();
    for round in 0..rounds {
        match random.below(4) {
            0 => {
                let batch = Uuid::from_u128(random.next().into());
                let customer = |nth| Customer::company(format!("{MARK} {batch} {nth}"));
                let made =
                    crm.customers(&scope).create_many((0..BATCH).map(customer).collect()).await.unwrap();
                made.iter().for_each(|own| say("customers", own.id.uuid(), own.version));
            }
            1 if !leads.is_empty() => {
                let id = leads[random.below(leads.len() as u64) as usize];
                let edit = |lead: &mut Lead| {
                    lead.company = Some(format!("{MARK} {task} {round}"));
                    lead.stage = if lead.stage == "new" { "contacted" } else { "new" }.to_owned();
                };
                let own = crm.leads(&scope).update(id, edit).await.unwrap();
                say("leads", own.id.uuid(), own.version);
            }
            2 if leads.len() > 3 => {
                let id = leads.swap_remove(random.below(leads.len() as u64) as usize);
                let before = crm.leads(&scope).get(id).await.unwrap();
                crm.leads(&scope).delete(id, None).await.unwrap();
                say("leads", id.uuid(), before.version + 1);
            }
            _ => {
                let own =
                    crm.leads(&scope).create(Lead::company(format!("{MARK} {task} {round}"))).await.unwrap();
                leads.push(own.id);
                say("leads", own.id.uuid(), own.version);
            }
        }
    }
}

/// With a file in the environment, the process to be killed. Without, the same work brought to an end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commits_are_acknowledged_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let killed = std::env::var_os(FILE).map(PathBuf::from);
    let path = killed.clone().unwrap_or_else(|| folder.path().join("crm.db"));
    let crm = Crm::new(opened(&path));
    found(&crm).await;
    let rounds = if killed.is_some() { u64::MAX } else { 20 };
    let acknowledged = Arc::new(std::sync::Mutex::new(Acknowledged::new()));
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let acknowledged = Arc::clone(&acknowledged);
            let say = move |object: &str, id: Uuid, version: i64| {
                // A line is one write, so that what arrives is whole.
                let line = format!("\nack {object} {id} {version}\n");
                std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
                std::io::stdout().flush().unwrap();
                note(&mut acknowledged.lock().unwrap(), &line);
            };
            tokio::spawn(work(crm.clone(), task, rounds, say))
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    drop(crm);
    let acknowledged = acknowledged.lock().unwrap().clone();
    assert!(acknowledged.len() >= 100, "{}", acknowledged.len());
    let findings = look(&path, &acknowledged).await;
    assert!(findings.lost.is_empty() && findings.phantom.is_empty(), "{findings:?}");
}

/// Takes an acknowledgement from a line, if it is one.
fn note(acknowledged: &mut Acknowledged, line: &str) {
    let mut words = line.split_whitespace();
    let ("ack", Some(object), Some(id), Some(version)) =
        (words.next().unwrap_or_default(), words.next(), words.next(), words.next())
    else {
        return;
    };
    let object = crm_core::object(object).unwrap().name;
    let (id, version) = (id.parse().unwrap(), version.parse().unwrap());
    let known = acknowledged.entry((object, id)).or_insert(version);
    *known = version.max(*known);
}

/// Lets the other process work on this file for a while and kills it; what it had acknowledged by then.
fn kill(path: &Path, random: &mut Random, acknowledged: &mut Acknowledged) -> usize {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "commits_are_acknowledged_one_by_one", "--nocapture", "--test-threads=1"])
        .env(FILE, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let pipe = child.stdout.take().unwrap();
    let (started, wait) = std::sync::mpsc::channel();
    let reader = thread::spawn(move || {
        let mut lines = Vec::new();
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if line.starts_with("ack ") {
                let _ = started.send(());
            }
            lines.push(line);
        }
        lines
    });
    if random.below(5) == 0 {
        // While it opens the file, makes the schema, founds the tenant.
        thread::sleep(Duration::from_micros(random.below(60_000)));
    } else {
        let _ = wait.recv_timeout(Duration::from_secs(60));
        thread::sleep(Duration::from_micros(random.below(150_000)));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let lines = reader.join().unwrap();
    lines.iter().for_each(|line| note(acknowledged, line));
    lines.iter().filter(|line| line.starts_with("ack ")).count()
}

/// Opens the file and looks for what was lost and for what is there by half.
async fn look(path: &Path, acknowledged: &Acknowledged) -> Findings {
    let mut findings = Findings::default();
    let store = opened(path);
    let crm = Crm::new(store.clone());
    for object in [Customer::object(), Lead::object()] {
        versions(&store, &scope(&crm), object, acknowledged, &mut findings.lost).await;
    }
    for tenant in [TENANT, Id::from_uuid(Uuid::nil())] {
        let found = crm.verify(&crm.maintenance(), tenant).await.unwrap();
        findings.phantom.extend(found.differences);
    }
    drop((crm, store));
    let connection = Connection::open(path).unwrap();
    findings.phantom.extend(halves(&connection));
    findings
}

async fn versions(
    store: &SqliteStore,
    scope: &TenantScope,
    object: &'static Object,
    acknowledged: &Acknowledged,
    lost: &mut Vec<String>,
) {
    let own: Vec<(Uuid, i64)> = acknowledged
        .iter()
        .filter(|((name, _), _)| *name == object.name)
        .map(|((_, id), version)| (*id, *version))
        .collect();
    for part in own.chunks(MAX_IDS) {
        let ids: Vec<Uuid> = part.iter().map(|(id, _)| *id).collect();
        let rows = store.get(scope, object, &ids).await.unwrap();
        let found: BTreeMap<Uuid, i64> = rows.iter().map(|row| (row.id, row.version)).collect();
        for (id, version) in part {
            let is = found.get(id);
            if is.is_none_or(|is| is < version) {
                lost.push(format!("{object:?} {id} was acknowledged at version {version} and is {is:?}"));
            }
        }
    }
}

/// What a recount cannot see: batches in part, rows without search entries, search entries without rows, a file that
/// contradicts itself.
fn halves(connection: &Connection) -> Vec<String> {
    let mut found = Vec::new();
    let mut parts: BTreeMap<String, usize> = BTreeMap::new();
    for company in strings(connection, "SELECT company FROM customers") {
        let batch = company.split(' ').nth(1).unwrap_or_default().to_owned();
        *parts.entry(batch).or_default() += 1;
    }
    let torn = parts.iter().filter(|(_, parts)| **parts != BATCH);
    found.extend(torn.map(|(batch, parts)| format!("batch {batch} has {parts} of {BATCH} customers")));
    for table in ["customers", "leads"] {
        let filed = format!(
            "SELECT CAST(t.rid AS TEXT) FROM {table} AS t JOIN series AS s ON s.tenant_id = t.tenant_id \
             AND s.object = '{table}' WHERE t.rid & 4294967295 <= s.filed_rid"
        );
        let rows = strings(connection, &filed);
        let asked =
            format!("SELECT CAST(rowid AS TEXT) FROM {table}_fts WHERE {table}_fts MATCH '\"{MARK}\"'");
        let searched = strings(connection, &asked);
        let apart = rows.symmetric_difference(&searched);
        found.extend(apart.map(|rid| format!("row {rid} of {table} and the search index disagree")));
    }
    let checked = strings(connection, "PRAGMA integrity_check");
    found.extend(checked.into_iter().filter(|line| line != "ok"));
    found
}

/// A store that files search texts often.
fn opened(path: &Path) -> SqliteStore {
    SqliteStore::builder().filed_every(7).open(path).unwrap()
}

fn strings(connection: &Connection, sql: &str) -> BTreeSet<String> {
    let mut statement = connection.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().expect(name))
}

#[tokio::test]
async fn a_killed_process_loses_nothing_that_it_acknowledged() {
    let cycles = setting("CRM_KILL_CYCLES").unwrap_or(50);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let seed = setting("CRM_KILL_SEED").unwrap_or(now.as_nanos() as u64 | 1);
    let mut random = Random(seed);
    let (mut answers, mut lost, mut phantom) = (0, 0, 0);
    let mut folder = tempfile::tempdir().unwrap();
    let mut acknowledged = Acknowledged::new();
    for cycle in 0..cycles {
        if cycle % KILLS_PER_FILE == 0 {
            (folder, acknowledged) = (tempfile::tempdir().unwrap(), Acknowledged::new());
        }
        let path = folder.path().join("crm.db");
        answers += kill(&path, &mut random, &mut acknowledged);
        let findings = look(&path, &acknowledged).await;
        if !findings.lost.is_empty() || !findings.phantom.is_empty() {
            println!("cycle {cycle}: {findings:#?}");
        }
        lost += findings.lost.len();
        phantom += findings.phantom.len();
    }
    println!("kill9: cycles {cycles}, acknowledged {answers}, lost {lost}, phantom {phantom} (seed {seed})");
    assert!(lost == 0 && phantom == 0, "seed {seed}");
    assert!(answers as u64 >= cycles, "the process was killed before it did anything; seed {seed}");
}

#[tokio::test]
async fn a_lost_row_and_a_half_one_would_be_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("crm.db");
    let mut acknowledged = Acknowledged::new();
    {
        let crm = Crm::new(opened(&path));
        found(&crm).await;
        let say = |object: &str, id: Uuid, version: i64| {
            note(&mut acknowledged, &format!("ack {object} {id} {version}"))
        };
        work(crm, 0, 60, say).await;
    }
    let whole = look(&path, &acknowledged).await;
    assert!(whole.lost.is_empty() && whole.phantom.is_empty(), "{whole:?}");
    let mut caught = 0;
    for (damage, loses) in [
        ("DELETE FROM leads WHERE rid = (SELECT max(rid) FROM leads)", true),
        ("UPDATE leads SET version = version - 1 WHERE rid = (SELECT max(rid) FROM leads)", true),
        ("DELETE FROM customers WHERE rid = (SELECT max(rid) FROM customers)", true),
        ("DELETE FROM events WHERE eid = (SELECT max(eid) FROM events WHERE object = 'leads')", false),
        ("UPDATE counters SET value = value + 1 WHERE name = 'leads' AND key = 'new'", false),
        ("DELETE FROM leads_fts WHERE rowid = (SELECT min(rid) FROM leads)", false),
        ("INSERT INTO customers_fts (rowid, t) VALUES (5, 'zqx')", false),
    ] {
        let copy = folder.path().join("copy.db");
        std::fs::copy(&path, &copy).unwrap();
        let connection = Connection::open(&copy).unwrap();
        connection.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        assert_eq!(connection.execute(damage, []).unwrap(), 1, "{damage}");
        connection.close().unwrap();
        let findings = look(&copy, &acknowledged).await;
        assert!(!findings.phantom.is_empty(), "{damage}: {findings:?}");
        assert_eq!(!findings.lost.is_empty(), loses, "{damage}: {findings:?}");
        caught += 1;
        std::fs::remove_file(&copy).unwrap();
    }
    println!("kill9: canaries {caught}, caught {caught}");
}

#[tokio::test]
async fn founding_a_tenant_twice_is_a_conflict() {
    let crm = Crm::new(SqliteStore::in_memory().unwrap());
    found(&crm).await;
    let maintenance = crm.maintenance();
    let again =
        crm.directory(&maintenance).create_tenant_with_id(TENANT, Tenant::new("other", "Other")).await;
    assert!(matches!(again, Err(Error::Conflict(Conflict::Tenant))), "{again:?}");
}
