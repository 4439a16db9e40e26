//! What a quiet tenant waits beside a flood of another one's.
//!
//! `cargo run --release -p crm-benches --bin fairness` serves two tenants on one SQLite file over loopback, and prints
//! the median and the 99th percentile of the quiet one's requests alone and beside 64 connections of the other.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use axum::http::request::Parts;
use crm_benches::measure::ok;
use crm_core::{Actor, Crm, Customer, Id, Role, Tenant, TenantId};
use crm_http::{Limits, Principal, Refusal, Resolver, Settings};
use crm_store_sqlite::SqliteStore;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::sleep,
};
use uuid::Uuid;

const FLOOD: usize = 64;
const ROUNDS: usize = 5;
const REQUESTS: usize = 400;
const CUSTOMERS: usize = 2_000;

/// Lets in whoever names one of the tenants.
struct Named([TenantId; 2]);

#[async_trait]
impl Resolver for Named {
    async fn resolve(&self, request: &Parts) -> Result<Principal, Refusal> {
        let named = request.headers.get("tenant").ok_or_else(Refusal::unauthenticated)?;
        let tenant = self.0[usize::from(named == "quiet")];
        Ok(Principal::new(tenant, Actor::user(Id::from_uuid(Uuid::from_u128(1)), Role::Member)))
    }
}

#[tokio::main(worker_threads = 2)]
async fn main() {
    let folder = std::env::temp_dir().join(format!("crm-fairness-{}", Uuid::now_v7()));
    ok(std::fs::create_dir(&folder));
    let crm = Crm::new(ok(SqliteStore::open(folder.join("crm.db"))));
    let tenants = [filled(&crm, "noisy").await, filled(&crm, "quiet").await];
    println!(
        "| a tenant's requests at work | flood answered/s | p50 alone | p50 beside | p99 alone | p99 beside | ratio of p99 |"
    );
    println!("|---|---|---|---|---|---|---|");
    for places in [Settings::default().tenant_readers, usize::MAX] {
        measure(&crm, tenants, places).await;
    }
    ok(std::fs::remove_dir_all(&folder));
}

async fn filled(crm: &Crm, slug: &str) -> TenantId {
    let maintenance = crm.maintenance();
    let tenant = ok(crm.directory(&maintenance).create_tenant(Tenant::new(slug, slug)).await).id;
    let scope = crm.scope(tenant, Actor::job("fairness"));
    let customers = (0..CUSTOMERS).map(|number| Customer::company(format!("Customer {number}")));
    for customer in customers {
        ok(crm.customers(&scope).create(customer).await);
    }
    tenant
}

/// Prints a row: alone and beside by turns, so that what else the machine does falls on both.
async fn measure(crm: &Crm, tenants: [TenantId; 2], places: usize) {
    let mut settings = Settings::default();
    settings.tenant_readers = places;
    let router = crm_http::service_with(crm.clone(), Named(tenants), settings);
    let listener = ok(TcpListener::bind("127.0.0.1:0").await);
    let address = ok(listener.local_addr()).to_string();
    let server = tokio::spawn(crm_http::serve(listener, router, std::future::pending(), Limits::default()));
    let (mut alone, mut beside, mut answered) = (Vec::new(), Vec::new(), 0.0);
    for _ in 0..ROUNDS {
        alone.extend(quiet(&address).await);
        let flood = Flood::begin(&address).await;
        let begun = Instant::now();
        beside.extend(quiet(&address).await);
        answered += flood.end().await as f64 / begun.elapsed().as_secs_f64() / ROUNDS as f64;
    }
    server.abort();
    let [(alone_50, alone_99), (beside_50, beside_99)] = [alone, beside].map(percentiles);
    let places = if places == usize::MAX { "unbounded".to_owned() } else { places.to_string() };
    println!(
        "| {places} | {answered:.0} | {alone_50:.2?} | {beside_50:.2?} | {alone_99:.2?} | {beside_99:.2?} | {:.2} |",
        beside_99.as_secs_f64() / alone_99.as_secs_f64()
    );
}

fn percentiles(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort_unstable();
    (times[times.len() / 2], times[times.len() * 99 / 100])
}

/// The times of the quiet tenant's requests: three lists and then something new, with pauses as people make them.
async fn quiet(address: &str) -> Vec<Duration> {
    let mut connection = Connection::open(address, "quiet").await;
    let mut times = Vec::new();
    for number in 0..REQUESTS {
        let begun = Instant::now();
        connection.ask(number).await;
        times.push(begun.elapsed());
        sleep(Duration::from_millis(2)).await;
    }
    times
}

struct Flood {
    clients: JoinSet<()>,
    is_over: Arc<AtomicBool>,
    answered: Arc<AtomicU64>,
}

impl Flood {
    async fn begin(address: &str) -> Self {
        let (is_over, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let mut clients = JoinSet::new();
        for first in 0..FLOOD {
            let (is_over, answered) = (Arc::clone(&is_over), Arc::clone(&answered));
            let mut connection = Connection::open(address, "noisy").await;
            clients.spawn(async move {
                for number in first.. {
                    if is_over.load(Ordering::Relaxed) {
                        break;
                    }
                    connection.ask(number).await;
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        sleep(Duration::from_millis(200)).await;
        answered.store(0, Ordering::Relaxed);
        Self { clients, is_over, answered }
    }

    async fn end(self) -> u64 {
        self.is_over.store(true, Ordering::Relaxed);
        self.clients.join_all().await;
        self.answered.load(Ordering::Relaxed)
    }
}

/// A connection that is kept, and asks one thing after the other.
struct Connection {
    stream: TcpStream,
    tenant: &'static str,
    answer: Vec<u8>,
}

impl Connection {
    async fn open(address: &str, tenant: &'static str) -> Self {
        let stream = ok(TcpStream::connect(address).await);
        ok(stream.set_nodelay(true));
        Self { stream, tenant, answer: Vec::new() }
    }

    async fn ask(&mut self, number: usize) {
        let tenant = self.tenant;
        let request = if number % 4 == 3 {
            let body = format!("{{\"company\":\"{tenant} {number}\"}}");
            let head = "POST /api/customers HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
            format!("{head}tenant: {tenant}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
        } else {
            format!("GET /api/customers?limit=50 HTTP/1.1\r\nhost: x\r\ntenant: {tenant}\r\n\r\n")
        };
        ok(self.stream.write_all(request.as_bytes()).await);
        self.answer.clear();
        while !self.is_whole() {
            assert!(ok(self.stream.read_buf(&mut self.answer).await) > 0, "the connection was closed");
        }
        assert!(self.answer.starts_with(b"HTTP/1.1 20"), "{}", String::from_utf8_lossy(&self.answer));
    }

    /// Whether the head is here and as much of a body as it says.
    fn is_whole(&self) -> bool {
        let Some(end) = self.answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return false };
        let head = String::from_utf8_lossy(&self.answer[..end]).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        self.answer.len() >= end + 4 + length.map_or(0, |length| ok(length.trim().parse::<usize>()))
    }
}
