//! What a quiet tenant waits beside a flood of another one's.
//!
//! `cargo run --release -p crm-benches --bin fairness` serves two tenants on one SQLite file over loopback, and prints
//! the median and the 99th percentile of the quiet one's requests alone and beside 64 connections of the other. The flood comes
//! from `wrk` at the lowest priority: those who flood a server have processors of their own.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use axum::http::request::Parts;
use crm_benches::measure::ok;
use crm_core::{Actor, Crm, Customer, Id, Role, Tenant, TenantId};
use crm_http::{Limits, Principal, Refusal, Resolver, Settings};
use crm_store_sqlite::SqliteStore;
use tokio::{net::TcpListener, runtime::Runtime};
use uuid::Uuid;

const FLOOD: &str = "64";
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

fn main() {
    let server = ok(Runtime::new());
    let folder = std::env::temp_dir().join(format!("crm-fairness-{}", Uuid::now_v7()));
    ok(std::fs::create_dir(&folder));
    let script = folder.join("flood.lua");
    ok(std::fs::write(&script, SCRIPT));
    let crm = Crm::new(ok(SqliteStore::open(folder.join("crm.db"))));
    let tenants = ["noisy", "quiet"].map(|slug| server.block_on(filled(&crm, slug)));
    println!("| places of a tenant | p50 alone | p50 beside | ratio | p99 alone | p99 beside | ratio |");
    println!("|---|---|---|---|---|---|---|");
    let mut unbounded = Settings::default();
    (unbounded.tenant_readers, unbounded.tenant_readers_beside) = (usize::MAX, usize::MAX);
    (unbounded.tenant_writers, unbounded.tenant_writers_beside) = (usize::MAX, usize::MAX);
    for (name, settings) in [("the defaults", Settings::default()), ("unbounded", unbounded)] {
        let router = crm_http::service_with(crm.clone(), Named(tenants), settings);
        measure(&server, router, name, &script);
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
fn measure(server: &Runtime, router: axum::Router, name: &str, script: &Path) {
    let listener = ok(server.block_on(TcpListener::bind("127.0.0.1:0")));
    let address = ok(listener.local_addr());
    let serving = server.spawn(crm_http::serve(listener, router, std::future::pending(), Limits::default()));
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        alone.extend(quiet(address));
        let _flood = Flood::begin(address, script);
        beside.extend(quiet(address));
    }
    serving.abort();
    let [(alone_50, alone_99), (beside_50, beside_99)] = [alone, beside].map(percentiles);
    let ratio = |beside: Duration, alone: Duration| beside.as_secs_f64() / alone.as_secs_f64();
    println!(
        "| {name} | {alone_50:.2?} | {beside_50:.2?} | {:.1} | {alone_99:.2?} | {beside_99:.2?} | {:.1} |",
        ratio(beside_50, alone_50),
        ratio(beside_99, alone_99)
    );
}

fn percentiles(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort_unstable();
    (times[times.len() / 2], times[times.len() * 99 / 100])
}

/// The times of the quiet tenant's requests: three lists and then something new, with pauses as people make them.
fn quiet(address: SocketAddr) -> Vec<Duration> {
    let mut connection = Connection::open(address);
    let mut times = Vec::new();
    for number in 0..REQUESTS {
        let begun = Instant::now();
        connection.ask(number);
        times.push(begun.elapsed());
        sleep(Duration::from_millis(2));
    }
    times
}

struct Flood(Child);

impl Flood {
    fn begin(address: SocketAddr, script: &Path) -> Self {
        let mut command = Command::new("nice");
        command.args(["-n", "19", "wrk", "--threads", "2", "--connections", FLOOD, "--duration", "60"]);
        command.arg("--script").arg(script).arg(format!("http://{address}"));
        let flood = Self(ok(command.stdout(Stdio::null()).spawn()));
        sleep(Duration::from_millis(400));
        flood
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        ok(self.0.kill());
        ok(self.0.wait());
    }
}

/// What each connection of the flood asks: the same.
const SCRIPT: &str = r#"local number = 0
request = function()
    number = number + 1
    if number % 4 == 3 then
        local headers = { tenant = "noisy", ["content-type"] = "application/json" }
        return wrk.format("POST", "/api/customers", headers, '{"company":"noisy ' .. number .. '"}')
    end
    return wrk.format("GET", "/api/customers?limit=50", { tenant = "noisy" })
end
"#;

/// The connection of the quiet tenant, which is kept, and asks one thing after the other.
struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Connection {
    fn open(address: SocketAddr) -> Self {
        let stream = ok(TcpStream::connect(address));
        ok(stream.set_nodelay(true));
        Self { stream, answer: Vec::new() }
    }

    fn ask(&mut self, number: usize) {
        let request = if number % 4 == 3 {
            let body = format!("{{\"company\":\"quiet {number}\"}}");
            let head = "POST /api/customers HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
            format!("{head}tenant: quiet\r\ncontent-length: {}\r\n\r\n{body}", body.len())
        } else {
            "GET /api/customers?limit=50 HTTP/1.1\r\nhost: x\r\ntenant: quiet\r\n\r\n".to_owned()
        };
        ok(self.stream.write_all(request.as_bytes()));
        self.answer.clear();
        let mut part = [0; 65_536];
        while !self.is_whole() {
            let read = ok(self.stream.read(&mut part));
            assert!(read > 0, "the connection was closed");
            self.answer.extend_from_slice(&part[..read]);
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
