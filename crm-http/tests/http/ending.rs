//! The end of serving: streams end first, who is being served is served, and nothing that was acknowledged is lost.

use std::{io, time::Duration};

use axum::{
    Extension, Router,
    body::Body,
    extract::Request,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use crm_core::{Actor, Customer, Id};
use crm_http::{Limits, Settings, Shutdown, auth::Login};
use serde_json::Value as Json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
    time::timeout,
};

use crate::{
    bodies::pieces,
    serving::{Served, limits, rest, serving},
    world::{World, cheap},
};

const PATIENCE: Duration = Duration::from_secs(30);

/// An answer that has a line at once and another one at the end.
async fn stream(Extension(shutdown): Extension<Shutdown>) -> Body {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        let _ = sender.send("hello\n").await;
        shutdown.begun().await;
        let _ = sender.send("bye\n").await;
    });
    pieces(receiver)
}

/// Leaves HTTP behind, and echoes until the end, which it waits for if it is `polite`.
async fn upgrade(Extension(shutdown): Extension<Shutdown>, mut request: Request) -> Response {
    let polite = request.uri().path() == "/polite";
    let upgraded = hyper::upgrade::on(&mut request);
    let guard = shutdown.guard();
    tokio::spawn(async move {
        let mut io = hyper_util::rt::TokioIo::new(upgraded.await.unwrap());
        let mut byte = [0];
        loop {
            tokio::select! {
                read = io.read_exact(&mut byte) => match read {
                    Ok(_) => io.write_all(&byte).await.unwrap(),
                    Err(_) => break,
                },
                () = shutdown.begun(), if polite => {
                    io.write_all(b"bye").await.unwrap();
                    break;
                }
            }
        }
        drop(guard);
    });
    (StatusCode::SWITCHING_PROTOCOLS, [(header::CONNECTION, "upgrade"), (header::UPGRADE, "echo")])
        .into_response()
}

async fn streaming(limits: Limits) -> Served {
    let router = Router::new()
        .route("/stream", get(stream))
        .route("/polite", get(upgrade))
        .route("/stubborn", get(upgrade))
        .route("/quick", get(async || ()));
    serving(router, limits).await
}

/// Reads until these bytes have come.
async fn until(stream: &mut TcpStream, words: &str) {
    let mut read = Vec::new();
    while !read.ends_with(words.as_bytes()) {
        let byte = timeout(PATIENCE, stream.read_u8()).await;
        read.push(
            byte.unwrap().unwrap_or_else(|_| panic!("no {words} in {}", String::from_utf8_lossy(&read))),
        );
    }
}

async fn upgraded(served: &Served, path: &str) -> TcpStream {
    let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n");
    let mut stream = served.send(&head).await;
    until(&mut stream, "\r\n\r\n").await;
    stream.write_all(b"a").await.unwrap();
    until(&mut stream, "a").await;
    stream
}

#[tokio::test]
async fn streams_and_upgraded_connections_end_themselves_and_are_waited_for() {
    let mut served = streaming(Limits::default()).await;
    let mut stream = served.get("/stream").await;
    until(&mut stream, "hello\n\r\n").await;
    let polite = upgraded(&served, "/polite").await;
    served.stop();
    assert_eq!(rest(stream).await, "4\r\nbye\n\r\n0\r\n\r\n", "it ends well");
    assert_eq!(rest(polite).await, "bye");
    served.end().await.unwrap();
}

#[tokio::test]
async fn an_upgraded_connection_that_does_not_end_is_waited_for_only_so_long() {
    let mut served = streaming(limits(|limits| limits.drain = Duration::from_millis(100))).await;
    let _stubborn = upgraded(&served, "/stubborn").await;
    served.stop();
    let end = timeout(PATIENCE, served.end()).await.unwrap();
    assert_eq!(end.unwrap_err().kind(), io::ErrorKind::TimedOut);
}

#[tokio::test]
async fn no_time_out_cuts_a_stream() {
    let brief = Duration::from_millis(50);
    let mut served = streaming(limits(|limits| (limits.head, limits.stall) = (brief, brief))).await;
    let mut stream = served.get("/stream").await;
    until(&mut stream, "hello\n\r\n").await;
    let mut polite = upgraded(&served, "/polite").await;
    tokio::time::sleep(brief * 10).await;
    polite.write_all(b"b").await.unwrap();
    until(&mut polite, "b").await;
    served.stop();
    assert_eq!(rest(stream).await, "4\r\nbye\n\r\n0\r\n\r\n");
    served.end().await.unwrap();
}

#[tokio::test]
async fn an_upgraded_connection_keeps_its_place() {
    let mut served = streaming(limits(|limits| limits.connections = 1)).await;
    let polite = upgraded(&served, "/polite").await;
    let waiting = served.get("/quick").await;
    let early = timeout(Duration::from_millis(200), waiting.peek(&mut [0])).await;
    assert!(early.is_err(), "there is no place for it");
    drop(polite);
    assert!(rest(waiting).await.starts_with("HTTP/1.1 200"));
    served.stop();
    served.end().await.unwrap();
}

#[tokio::test]
async fn the_service_is_not_ready_once_the_end_has_begun() {
    let world = World::new().await;
    assert_eq!(world.stranger().get("/readyz").await.status, 200);
    let mut settings = Settings::default();
    settings.shutdown = Shutdown::new();
    let shutdown = settings.shutdown.clone();
    let login = Login::with(world.crm.clone(), cheap());
    let client = crate::world::Client::of(crm_http::service_with(world.crm.clone(), login, settings));
    assert_eq!(client.get("/readyz").await.status, 200);
    shutdown.begin();
    client.get("/readyz").await.is_problem(503, "unavailable");
    assert_eq!(client.get("/healthz").await.status, 200, "it lives all the same");
    assert_eq!(world.stranger().get("/readyz").await.status, 200, "another service goes on");
}

/// Makes customers by one connection after another until the server is gone; the ids that were acknowledged.
async fn make_until_the_end(address: std::net::SocketAddr, token: String) -> Vec<uuid::Uuid> {
    let mut acknowledged = Vec::new();
    let body = r#"{"name":"Ada"}"#;
    let head = format!(
        "POST /api/customers HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    while let Ok(mut stream) = TcpStream::connect(address).await {
        let mut answer = String::new();
        let asked = async {
            stream.write_all(head.as_bytes()).await?;
            stream.read_to_string(&mut answer).await
        };
        if timeout(PATIENCE, asked).await.unwrap().is_err() {
            // It was in the queue of the socket when that was closed.
            continue;
        }
        if answer.starts_with("HTTP/1.1 201") {
            let (_, json) = answer.split_once("\r\n\r\n").unwrap();
            let json: Json = serde_json::from_str(json).unwrap();
            acknowledged.push(json["id"].as_str().unwrap().parse().unwrap());
        }
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_was_acknowledged_under_load_is_lost_at_the_end() {
    let world = World::new().await;
    let token = world.member().await.token().to_owned();
    let mut served = serving(world.router.clone(), Limits::default()).await;
    let writers: Vec<_> =
        (0..16).map(|_| tokio::spawn(make_until_the_end(served.address, token.clone()))).collect();
    let scope = world.crm.scope(world.acme.id, Actor::job("test"));
    let count = async || world.crm.customers(&scope).count(&crm_core::Query::new()).await.unwrap();
    while count().await < 200 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    served.stop();
    served.end().await.unwrap();
    let mut acknowledged = Vec::new();
    for writer in writers {
        acknowledged.extend(writer.await.unwrap());
    }
    assert!(acknowledged.len() >= 200 - 16, "{}", acknowledged.len());
    for id in &acknowledged {
        world.crm.customers(&scope).get(Id::<Customer>::from_uuid(*id)).await.unwrap();
    }
    assert_eq!(count().await, acknowledged.len() as u64, "who was being served was answered");
}
