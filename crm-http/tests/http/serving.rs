//! Serving on a socket: slow clients are cut, many are queued, and those who are being served are served to the end.

use std::{
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use axum::{Router, extract::ConnectInfo, http::request::Parts, routing::get};
use crm_core::{Actor, Crm, Id, MemoryStore, Role, Tenant, TenantId};
use crm_http::{Limits, Principal, Refusal, Resolver};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

/// A server that runs beside the test.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<io::Result<()>>,
}

async fn served(limits: Limits) -> Served {
    let router = Router::new()
        .route("/quick", get(async |ConnectInfo(client): ConnectInfo<SocketAddr>| client.ip().to_string()))
        .route("/slow", get(async || tokio::time::sleep(Duration::from_millis(400)).await))
        .route("/endless", get(async || std::future::pending::<()>().await));
    serving(router, limits).await
}

pub(crate) async fn serving(router: Router, limits: Limits) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let shutdown = async move {
        let _ = stopped.await;
    };
    let task = tokio::spawn(crm_http::serve(listener, router, shutdown, limits));
    Served { address, stop: Some(stop), task }
}

impl Served {
    pub(crate) async fn send(&self, bytes: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(bytes.as_bytes()).await.unwrap();
        stream
    }

    pub(crate) async fn get(&self, path: &str) -> TcpStream {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).await
    }

    /// Begins the shutdown.
    pub(crate) fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// What serving came to.
    pub(crate) async fn end(self) -> io::Result<()> {
        self.task.await.unwrap()
    }
}

/// All that a connection says until it is closed, which must not take long.
pub(crate) async fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    let end = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut bytes)).await;
    // A connection that is cut may be reset rather than closed.
    let _ = end.unwrap_or_else(|_| panic!("it is still open after {:?}", String::from_utf8_lossy(&bytes)));
    String::from_utf8(bytes).unwrap()
}

pub(crate) fn limits(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}

#[tokio::test]
async fn a_request_is_answered_and_knows_its_client() {
    let served = served(Limits::default()).await;
    let answer = rest(served.get("/quick").await).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("127.0.0.1"), "{answer}");
}

#[tokio::test]
async fn half_sent_requests_and_idle_connections_are_cut() {
    let served = served(limits(|limits| limits.head = Duration::from_millis(200))).await;
    let start = Instant::now();
    let mut slow = Vec::new();
    for half in ["", "GET", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nhost: x\r\nx: "] {
        for _ in 0..25 {
            slow.push(served.send(half).await);
        }
    }
    let idle = served.send("GET /quick HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let quick = rest(served.get("/quick").await).await;
    assert!(quick.starts_with("HTTP/1.1 200"), "others are served meanwhile");
    for stream in slow {
        let answer = rest(stream).await;
        assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    assert!(rest(idle).await.starts_with("HTTP/1.1 200"));
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_client_that_sends_byte_by_byte_is_cut_all_the_same() {
    let served = served(limits(|limits| limits.head = Duration::from_millis(200))).await;
    let mut stream = served.send("GET / HTTP/1.1\r\nx: ").await;
    let start = Instant::now();
    while stream.write_all(b"a").await.is_ok() {
        assert!(start.elapsed() < Duration::from_secs(3), "it is still served");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_body_that_is_too_slow_or_too_large_ends_the_connection() {
    let crm = Crm::new(MemoryStore::new());
    let tenant = crm.directory(&crm.maintenance()).create_tenant(Tenant::new("acme", "Acme")).await.unwrap();
    let mut settings = crm_http::Settings::default();
    settings.body_timeout = Duration::from_millis(200);
    let router = crm_http::service_with(crm, Anybody(tenant.id), settings);
    let served = serving(router, Limits::default()).await;
    let head = |length: u64| {
        format!(
            "POST /api/customers HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        )
    };
    let start = Instant::now();
    let slow = rest(served.send(&format!("{}{{", head(100))).await).await;
    assert!(slow.starts_with("HTTP/1.1 408"), "{slow}");
    let large = rest(served.send(&head(1 << 40)).await).await;
    assert!(large.starts_with("HTTP/1.1 413"), "{large}");
    let chunk = format!("{:x}\r\n{}\r\n", 1 << 20, " ".repeat(1 << 20));
    let head = head(1).replace("content-length: 1", "transfer-encoding: chunked");
    let mut stream = served.send(&head).await;
    // The service answers and closes before it has read all of this, so that writing may fail.
    for _ in 0..3 {
        let _ = stream.write_all(chunk.as_bytes()).await;
    }
    let mut first = [0; 12];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 413");
    assert!(start.elapsed() < Duration::from_secs(3));
}

/// Lets everybody in as a member.
struct Anybody(TenantId);

#[async_trait]
impl Resolver for Anybody {
    async fn resolve(&self, _: &Parts) -> Result<Principal, Refusal> {
        Ok(Principal::new(self.0, Actor::user(Id::from_uuid(uuid::Uuid::from_u128(1)), Role::Member)))
    }
}

#[tokio::test]
async fn beyond_the_cap_connections_wait_for_their_turn() {
    let served = served(limits(|limits| limits.connections = 1)).await;
    let start = Instant::now();
    let slow = served.get("/slow").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let waiting = served.get("/quick").await;
    assert!(rest(waiting).await.starts_with("HTTP/1.1 200"));
    assert!(start.elapsed() >= Duration::from_millis(390), "{:?}", start.elapsed());
    assert!(rest(slow).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_shutdown_lets_requests_in_flight_finish_and_closes_idle_connections() {
    let mut served = served(Limits::default()).await;
    let slow = served.get("/slow").await;
    let mut idle = served.send("GET /quick HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let mut some = [0; 12];
    idle.read_exact(&mut some).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    served.stop();
    let answer = rest(slow).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    rest(idle).await;
    let address = served.address;
    served.end().await.unwrap();
    assert!(TcpStream::connect(address).await.is_err(), "nobody else is let in");
}

#[tokio::test]
async fn a_shutdown_waits_only_so_long() {
    let mut served = served(limits(|limits| limits.drain = Duration::from_millis(200))).await;
    let endless = served.get("/endless").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    served.stop();
    let start = Instant::now();
    assert_eq!(served.end().await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    assert_eq!(rest(endless).await, "", "it is cut");
    assert!(start.elapsed() < Duration::from_secs(2));
}
