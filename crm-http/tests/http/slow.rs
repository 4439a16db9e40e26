//! Clients that are slow to send or to read do not hold anything for long, and nobody else waits for them.

use std::time::Duration;

use axum::{Router, body::Bytes, routing::get};
use crm_http::Limits;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    serving::{Served, limits, rest, serving},
    world::{PASSWORD, World},
};

/// Much longer than any time-out that is set here.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a client sends a byte now and then, and goes on until it is cut.
async fn drip(mut stream: TcpStream) {
    let (mut read, mut write) = stream.split();
    let dripping = async {
        while write.write_all(b"a").await.is_ok() {
            sleep(Duration::from_millis(100)).await;
        }
    };
    let cut = async { while matches!(read.read(&mut [0; 1024]).await, Ok(1..)) {} };
    tokio::select! {
        () = dripping => {}
        () = cut => {}
    }
}

/// The beginnings of requests that take as long as their sender likes.
async fn slow_clients(served: &Served, count: usize) -> JoinSet<()> {
    let login = "POST /api/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    let beginnings = [
        String::new(),
        "GET /".to_owned(),
        "GET /readyz HTTP/1.1\r\nhost: x\r\nx-slow: ".to_owned(),
        format!("{login}content-length: 1000\r\n\r\n"),
        format!("{login}transfer-encoding: chunked\r\n\r\n3e8\r\n"),
    ];
    let mut clients = JoinSet::new();
    for beginning in beginnings.iter().cycle().take(count) {
        clients.spawn(drip(served.send(beginning).await));
    }
    clients
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_clients_that_send_byte_by_byte_are_cut_while_others_are_served() {
    let world = World::new().await;
    let mut settings = crm_http::Settings::default();
    settings.body_timeout = Duration::from_secs(1);
    let login = crm_http::auth::Login::with(world.crm.clone(), crate::world::cheap());
    let router = crm_http::service_with(world.crm.clone(), login, settings);
    let served = serving(router, limits(|limits| limits.head = Duration::from_secs(1))).await;
    let mut slow = slow_clients(&served, 500).await;
    let credentials = format!("{{\"email\":\"member@acme.test\",\"password\":\"{PASSWORD}\"}}");
    let request = format!(
        "POST /api/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{credentials}",
        credentials.len()
    );
    let mut served_meanwhile = 0;
    let all_cut = async { while slow.join_next().await.is_some() {} };
    tokio::pin!(all_cut);
    timeout(PATIENCE, async {
        loop {
            tokio::select! {
                () = &mut all_cut => break,
                () = async {
                    let answer = rest(served.send(&request).await).await;
                    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
                } => served_meanwhile += 1,
            }
        }
    })
    .await
    .expect("some are served still");
    assert!(served_meanwhile > 0);
}

/// A server whose one answer is larger than what the system keeps for a reader.
async fn generous(limits: Limits) -> Served {
    let much = Bytes::from(vec![b'x'; 64 << 20]);
    let much = move || {
        let much = much.clone();
        async move { much }
    };
    serving(Router::new().route("/much", get(much)).route("/quick", get(async || "done")), limits).await
}

#[tokio::test]
async fn a_client_that_reads_nothing_gives_up_its_place() {
    let served = generous(limits(|limits| {
        (limits.connections, limits.stall) = (1, Duration::from_millis(200));
    }))
    .await;
    let idler = served.get("/much").await;
    let next = timeout(PATIENCE, rest(served.get("/quick").await)).await.unwrap();
    assert!(next.ends_with("done"), "{next}");
    drop(idler);
}

#[tokio::test]
async fn a_client_that_reads_slowly_gets_everything() {
    let served = generous(limits(|limits| limits.stall = Duration::from_secs(5))).await;
    let mut reader = served.get("/much").await;
    let (mut piece, mut count) = (vec![0; 8 << 20], 0);
    loop {
        let read = reader.read(&mut piece).await.unwrap();
        if read == 0 {
            break;
        }
        count += read;
        sleep(Duration::from_millis(20)).await;
    }
    assert!(count > 64 << 20, "{count}");
}
