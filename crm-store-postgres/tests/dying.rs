//! A server that dies or is restarted under load: whatever was acknowledged is there afterwards, nothing is there twice,
//! and the same store goes on.
//!
//! `immediate` ends the server's processes as a crash does, and what they had not yet written is gone; the pages that the
//! system holds for the disk survive that, so that this shows what an acknowledgement waits for, and not what a disk
//! does. `CRM_IMMEDIATE_CYCLES` sets how often.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use crm_core::{Crm, Customer, Error, Id, Lead, Moved, Once, Query, TenantId, TenantScope};
use crm_store_postgres::PostgresStore;
use support::{
    cluster::{Server, psql},
    found,
};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

const WRITERS: usize = 10;
/// Nothing takes so long, unless it hangs.
const HANGS: Duration = Duration::from_secs(90);

/// What became of the changes that were asked for under one name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Asked {
    times: usize,
    acknowledged: usize,
    /// Whether each time was the same change, which has its effect once.
    once: bool,
}

/// What was asked for, by name.
type Known = BTreeMap<String, Asked>;

/// What is wrong.
#[derive(Debug, Default, PartialEq, Eq)]
struct Findings {
    lost: Vec<String>,
    twice: Vec<String>,
}

/// Compares what was asked for with what is there: per name, how many of its changes.
fn compare(known: &Known, there: &BTreeMap<String, usize>) -> Findings {
    let mut findings = Findings::default();
    for (name, asked) in known {
        let (there, once) = (there.get(name).copied().unwrap_or(0), asked.once);
        let least = if once { asked.acknowledged.min(1) } else { asked.acknowledged };
        if there < least {
            findings.lost.push(name.clone());
        }
        if there > if once { 1 } else { asked.times } {
            findings.twice.push(name.clone());
        }
    }
    let unknown = there.keys().filter(|name| !known.contains_key(*name));
    findings.twice.extend(unknown.cloned());
    findings
}

#[test]
fn one_that_is_lost_and_one_that_is_there_twice_are_noticed() {
    let asked = |times, acknowledged, once| Asked { times, acknowledged, once };
    let known: Known = [
        ("one".to_owned(), asked(1, 1, false)),
        ("again".to_owned(), asked(3, 1, true)),
        ("in doubt".to_owned(), asked(1, 0, false)),
        ("edited".to_owned(), asked(5, 3, false)),
    ]
    .into();
    let sound: BTreeMap<String, usize> =
        [("one", 1), ("again", 1), ("edited", 4)].map(|(name, count)| (name.to_owned(), count)).into();
    assert_eq!(compare(&known, &sound), Findings::default());
    let with = |name: &str, count| {
        let mut there = sound.clone();
        there.insert(name.to_owned(), count);
        let Findings { lost, twice } = compare(&known, &there);
        (lost, twice)
    };
    let one = |name: &str| vec![name.to_owned()];
    assert_eq!(with("one", 0), (one("one"), Vec::new()));
    assert_eq!(with("again", 0), (one("again"), Vec::new()));
    assert_eq!(with("edited", 2), (one("edited"), Vec::new()));
    for (name, count) in [("one", 2), ("again", 2), ("in doubt", 2), ("edited", 6), ("unknown", 1)] {
        assert_eq!(with(name, count), (Vec::new(), one(name)));
    }
}

/// A store on a server of its own, and what was asked of it.
struct Load {
    server: Server,
    store: PostgresStore,
    crm: Crm,
    tenant: TenantId,
    scope: TenantScope,
    known: Arc<Mutex<Known>>,
    doubts: Arc<AtomicUsize>,
    refused: Arc<AtomicUsize>,
    edited: Vec<Id<Customer>>,
}

impl Load {
    async fn new(settings: &[&str]) -> Self {
        let server = Server::new(settings);
        let options = PostgresStore::builder().patience(Duration::from_secs(10));
        let store = options.connect(&server.app()).await.unwrap();
        let (crm, tenant, scope) = found(&store).await;
        let (known, doubts, refused) = Default::default();
        let mut edited = Vec::new();
        for own in 0..WRITERS {
            edited.push(
                crm.customers(&scope).create(Customer::company(format!("edited {own}"))).await.unwrap().id,
            );
        }
        Self { server, store, crm, tenant, scope, known, doubts, refused, edited }
    }

    fn asks(&self, name: &str, once: bool) {
        let mut known = self.known.lock().unwrap();
        let asked = known.entry(name.to_owned()).or_default();
        (asked.times, asked.once) = (asked.times + 1, once);
    }

    /// Notes an answer; whether it was done.
    fn answered<R>(&self, name: &str, answer: Result<R, Error>) -> bool {
        match answer {
            Ok(_) => {
                self.known.lock().unwrap().get_mut(name).unwrap().acknowledged += 1;
                return true;
            }
            Err(Error::Unavailable(told)) if told.to_string().contains("may be committed or not") => {
                self.doubts.fetch_add(1, Ordering::SeqCst);
            }
            Err(Error::Unavailable(_)) => {}
            Err(other) => panic!("`{name}` may be done or unavailable, and is {other:?}"),
        }
        self.refused.fetch_add(1, Ordering::SeqCst);
        false
    }

    /// One change: a lead under a key, again and again until it is acknowledged; a lead that is asked for once; or an
    /// edit of the writer's own customer.
    async fn change(&self, cycle: usize, own: usize, nth: usize) {
        match nth % 3 {
            0 => {
                let (name, key) = (format!("again {cycle} {own} {nth}"), Uuid::now_v7());
                loop {
                    self.asks(&name, true);
                    let once = Once { key, content: Uuid::nil() };
                    let made = self.crm.leads(&self.scope).once(once).create(Lead::company(&name)).await;
                    if self.answered(&name, made) {
                        return;
                    }
                    sleep(Duration::from_millis(20)).await;
                }
            }
            1 => {
                let name = format!("one {cycle} {own} {nth}");
                self.asks(&name, false);
                let made = self.crm.leads(&self.scope).create(Lead::company(&name)).await;
                self.answered(&name, made);
            }
            _ => {
                let name = format!("edited {own}");
                self.asks(&name, false);
                let text = Some(format!("{cycle} {nth}"));
                let customers = self.crm.customers(&self.scope);
                let edited = customers.update(self.edited[own], |own| own.notes = text.clone()).await;
                self.answered(&name, edited);
            }
        }
    }

    /// Writers at work while something happens, and for a moment after.
    async fn under(self: &Arc<Self>, cycle: usize, happens: impl FnOnce(&Server) + Send + 'static) {
        let ended = Arc::new(AtomicBool::new(false));
        let writers = (0..WRITERS).map(|own| {
            let (load, ended) = (Arc::clone(self), Arc::clone(&ended));
            tokio::spawn(async move {
                let mut nth = 0;
                while !ended.load(Ordering::SeqCst) {
                    load.change(cycle, own, nth).await;
                    nth += 1;
                }
            })
        });
        let writers: Vec<_> = writers.collect();
        sleep(Duration::from_millis(150 + 37 * (cycle as u64 % 7))).await;
        let load = Arc::clone(self);
        tokio::task::spawn_blocking(move || happens(&load.server)).await.unwrap();
        sleep(Duration::from_millis(150)).await;
        ended.store(true, Ordering::SeqCst);
        for writer in writers {
            timeout(HANGS, writer).await.expect("no call hangs").unwrap();
        }
    }

    /// What the database has, as the superuser sees it.
    fn there(&self) -> BTreeMap<String, usize> {
        let counted = psql(
            &self.server.superuser("crm"),
            "SELECT company, count(*) FROM crm.leads GROUP BY company UNION ALL \
             SELECT company, version - 1 FROM crm.customers WHERE version > 1",
        );
        let line = |line: &str| {
            let (name, count) = line.split_once('|').unwrap();
            (name.to_owned(), count.parse().unwrap())
        };
        counted.lines().map(line).collect()
    }

    fn findings(&self) -> Findings {
        compare(&self.known.lock().unwrap(), &self.there())
    }

    /// How many leads are there that were asked for once and never acknowledged.
    fn unacknowledged(&self) -> usize {
        let (known, there) = (self.known.lock().unwrap(), self.there());
        let silent = known.iter().filter(|(_, asked)| !asked.once && asked.acknowledged == 0);
        silent.filter(|(name, _)| there.contains_key(*name)).count()
    }

    fn acknowledged(&self) -> usize {
        self.known.lock().unwrap().values().map(|asked| asked.acknowledged).sum()
    }

    /// The log and the numbers have no gap, and the tenant is whole.
    async fn whole(&self) {
        let gaps = psql(
            &self.server.superuser("crm"),
            &format!(
                "SELECT count(*) - max(seq), max(seq) - (SELECT last_seq FROM crm.heads AS h WHERE h.tenant_id = '{0}'), \
                 (SELECT max(number) - count(DISTINCT number) FROM crm.leads) FROM crm.events WHERE tenant_id = '{0}'",
                self.tenant
            ),
        );
        assert_eq!(gaps, "0|0|0", "events without a number, beyond the head, numbers without a lead");
        let verified = self.crm.verify(&self.crm.maintenance(), self.tenant).await.unwrap();
        assert!(verified.differences.is_empty() && !verified.unsettled, "{verified:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_acknowledged_survives_a_server_that_dies_and_is_there_once() {
    let cycles = std::env::var("CRM_IMMEDIATE_CYCLES").map_or(20, |cycles| cycles.parse().unwrap());
    let load = Arc::new(Load::new(&[]).await);
    for cycle in 0..cycles {
        load.under(cycle, |server| {
            server.stop("immediate");
            server.start();
        })
        .await;
        let findings = load.findings();
        assert_eq!(findings, Findings::default(), "after cycle {cycle}");
        load.whole().await;
    }
    let (acknowledged, doubts) = (load.acknowledged(), load.doubts.load(Ordering::SeqCst));
    let refused = load.refused.load(Ordering::SeqCst);
    println!(
        "immediate: cycles {cycles}, acknowledged {acknowledged}, lost 0, twice 0, unavailable {refused}, \
         of these in doubt {doubts}, there without an answer {}",
        load.unacknowledged()
    );
    assert!(acknowledged > 5 * cycles && refused >= cycles, "{acknowledged} {refused}");
}

/// The control: a server that acknowledges before it has written loses what it acknowledged, and that is seen.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_acknowledges_too_early_is_noticed() {
    let load = Arc::new(
        Load::new(&["synchronous_commit=off", "wal_writer_delay=10s", "wal_writer_flush_after=1GB"]).await,
    );
    let mut lost = 0;
    for cycle in 0..20 {
        load.under(cycle, |server| {
            server.stop("immediate");
            server.start();
        })
        .await;
        lost += load.findings().lost.len();
        if lost > 0 {
            break;
        }
    }
    println!("immediate: without waiting for the log, acknowledged {}, lost {lost}", load.acknowledged());
    assert!(lost > 0);
}

fn note(longest: &Mutex<Duration>, took: Duration) {
    let mut longest = longest.lock().unwrap();
    *longest = took.max(*longest);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_restart_is_unavailable_for_a_while_and_the_same_store_goes_on() {
    const RESTARTS: usize = 3;
    let load = Arc::new(Load::new(&[]).await);
    drop(load.store.changes());
    let longest = Arc::new(Mutex::new(Duration::ZERO));
    let (reads, unread) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let ended = Arc::new(AtomicBool::new(false));
    let readers = (0..4).map(|_| {
        let (load, ended, longest) = (Arc::clone(&load), Arc::clone(&ended), Arc::clone(&longest));
        let (reads, unread) = (Arc::clone(&reads), Arc::clone(&unread));
        tokio::spawn(async move {
            while !ended.load(Ordering::SeqCst) {
                let begun = Instant::now();
                match load.crm.leads(&load.scope).list(Query::new().limit(10)).await {
                    Ok(_) => reads.fetch_add(1, Ordering::SeqCst),
                    Err(Error::Unavailable(_)) => unread.fetch_add(1, Ordering::SeqCst),
                    Err(other) => panic!("a read may be unavailable, and is {other:?}"),
                };
                note(&longest, begun.elapsed());
                sleep(Duration::from_millis(5)).await;
            }
        })
    });
    let readers: Vec<_> = readers.collect();
    for cycle in 0..RESTARTS {
        load.under(cycle, |server| {
            server.stop("fast");
            // Long enough that calls are made while there is no server.
            std::thread::sleep(Duration::from_millis(500));
            server.start();
        })
        .await;
        // At the first try, without being opened again.
        load.crm.leads(&load.scope).list(Query::new()).await.unwrap();
        let name = format!("afterwards {cycle}");
        load.asks(&name, false);
        let made = load.crm.leads(&load.scope).create(Lead::company(&name)).await.unwrap();
        load.answered(&name, Ok(made));
        assert_eq!(load.findings(), Findings::default(), "after restart {cycle}");
    }
    ended.store(true, Ordering::SeqCst);
    for reader in readers {
        timeout(HANGS, reader).await.expect("no call hangs").unwrap();
    }
    load.whole().await;
    // What another one commits is heard again: what was told before is left aside.
    let mut changes = load.store.changes();
    let other = Crm::new(PostgresStore::connect(&load.server.app()).await.unwrap());
    let heard = timeout(HANGS, async {
        loop {
            other.leads(&load.scope).create(Lead::company("heard")).await.unwrap();
            let told = timeout(Duration::from_millis(500), async {
                while changes.next().await != Some(Moved::Tenant(load.tenant)) {}
            });
            if told.await.is_ok() {
                return;
            }
        }
    });
    heard.await.expect("a change is told");
    let (acknowledged, longest) = (load.acknowledged(), *longest.lock().unwrap());
    println!(
        "fast: restarts {RESTARTS}, acknowledged {acknowledged}, lost 0, twice 0, reads {}, unavailable {}, longest {longest:?}",
        reads.load(Ordering::SeqCst),
        unread.load(Ordering::SeqCst) + load.refused.load(Ordering::SeqCst)
    );
    assert!(acknowledged > 5 * RESTARTS && longest < HANGS);
}
