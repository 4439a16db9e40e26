//! What comes over a real socket and should not: too much, broken, or packed.

use std::time::Duration;

use crm_http::{Limits, Settings, auth::Login};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use crate::{
    serving::{Served, limits, serving},
    world::{World, cheap},
};

const PATIENCE: Duration = Duration::from_secs(60);
const MIB: usize = 1 << 20;

/// A service that takes bodies of a mebibyte, and somebody's token.
async fn service(limits: Limits) -> (Served, String) {
    let world = World::new().await;
    let token = world.member().await.token().to_owned();
    let mut settings = Settings::default();
    settings.body_limit = MIB;
    settings.body_timeout = Duration::from_secs(30);
    let login = Login::with(world.crm.clone(), cheap());
    (serving(crm_http::service_with(world.crm, login, settings), limits).await, token)
}

/// Sends a head and as many pieces of a body as the server lets it send; the whole answer.
async fn exchange(served: &Served, head: &str, pieces: impl Iterator<Item = Vec<u8>>) -> String {
    let (mut read, mut write) = served.send(head).await.into_split();
    let sending = async move {
        for piece in pieces {
            if write.write_all(&piece).await.is_err() {
                break;
            }
        }
        let _ = write.shutdown().await;
    };
    let mut answer = Vec::new();
    let reading = async { read.read_to_end(&mut answer).await.unwrap() };
    timeout(PATIENCE, async { tokio::join!(sending, reading) }).await.unwrap();
    String::from_utf8(answer).unwrap()
}

fn head(token: &str, fields: &str) -> String {
    format!(
        "POST /api/customers HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\n{fields}\r\n"
    )
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

#[track_caller]
fn answers(answer: &str, status: u16, code: &str) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    assert!(answer.contains(&format!("\"code\":\"{code}\"")), "{answer}");
}

#[tokio::test]
async fn whoever_sends_too_much_sees_why_it_is_refused_while_still_sending() {
    let (served, token) = service(Limits::default()).await;
    let piece = vec![b' '; MIB];
    // Much more than the buffers of two sockets hold, so that the client cannot have done with it.
    let announced = head(&token, &format!("content-length: {}\r\n", 64 * MIB));
    let pieces = std::iter::repeat_n(piece.clone(), 64);
    answers(&exchange(&served, &announced, pieces.clone()).await, 413, "too_large");
    let chunked = head(&token, "transfer-encoding: chunked\r\n");
    let chunks = pieces.map(|piece| chunk(&piece)).chain([b"0\r\n\r\n".to_vec()]);
    answers(&exchange(&served, &chunked, chunks).await, 413, "too_large");
}

#[tokio::test]
async fn a_packed_body_is_refused_unread() {
    let (served, token) = service(Limits::default()).await;
    for encoding in ["gzip", "br", "zstd", "deflate", "identity, gzip"] {
        let packed =
            head(&token, &format!("content-encoding: {encoding}\r\ncontent-length: {}\r\n", 8 * MIB));
        let pieces = std::iter::repeat_n(vec![0x1f; MIB], 8);
        answers(&exchange(&served, &packed, pieces).await, 415, "unsupported_media_type");
    }
}

#[tokio::test]
async fn a_body_that_is_broken_on_the_wire_is_refused_and_changes_nothing() {
    let (served, token) = service(Limits::default()).await;
    let record = br#"{"company":"Ada"}"#;
    // It ends before it is complete, in each of the ways to say how long it is.
    let short = head(&token, "content-length: 1000\r\n");
    answers(&exchange(&served, &short, [record.to_vec()].into_iter()).await, 400, "incomplete_body");
    let chunked = head(&token, "transfer-encoding: chunked\r\n");
    for broken in [
        chunk(record),
        b"zz\r\n".to_vec(),
        b"-1\r\nx\r\n".to_vec(),
        b"ffffffffffffffffff\r\n".to_vec(),
        [b"3\r\n".as_slice(), record].concat(),
    ] {
        let answer = exchange(&served, &chunked, [broken].into_iter()).await;
        answers(&answer, 400, "incomplete_body");
    }
    let whole = exchange(&served, &chunked, [chunk(record), b"0\r\n\r\n".to_vec()].into_iter()).await;
    assert!(whole.starts_with("HTTP/1.1 201"), "{whole}");
    let list = format!(
        "GET /api/customers?count=true HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
    );
    let list = exchange(&served, &list, std::iter::empty()).await;
    assert!(list.contains("\"total\":1}"), "{list}");
}

#[tokio::test]
async fn a_head_that_is_no_http_or_says_two_lengths_is_refused() {
    let (served, token) = service(Limits::default()).await;
    for fields in [
        "content-length: 5\r\ncontent-length: 6\r\n",
        "content-length: -5\r\n",
        "content-length: 5x\r\n",
        "transfer-encoding: chunked, identity\r\n",
        "broken\r\n",
        "bro ken: x\r\n",
    ] {
        let answer = exchange(&served, &head(&token, fields), [b"hello".to_vec()].into_iter()).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{fields}: {answer}");
    }
    for nonsense in ["\u{16}\u{3}\u{1}", "GET\r\n\r\n", "GET / HTTP/9\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n"] {
        let answer = exchange(&served, nonsense, std::iter::empty()).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{nonsense}: {answer}");
    }
}

#[tokio::test]
async fn a_head_beyond_the_limit_is_refused() {
    let (served, token) = service(limits(|limits| limits.head_size = 4 * 1024)).await;
    let long = |length: usize| {
        format!(
            "GET /api/customers HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\
             x-long: {}\r\n\r\n",
            "x".repeat(length)
        )
    };
    let fitting = exchange(&served, &long(2 * 1024), std::iter::empty()).await;
    assert!(fitting.starts_with("HTTP/1.1 200"), "{fitting}");
    let beyond = exchange(&served, &long(8 * 1024), std::iter::empty()).await;
    assert!(beyond.starts_with("HTTP/1.1 431"), "{beyond}");
}
