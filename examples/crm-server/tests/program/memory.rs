//! Whatever clients send, the server's memory stays as it is.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::process::{Folder, PATIENCE, value};

/// Sends the whole of a body that is too large, whatever is answered meanwhile.
async fn flood(address: String, head: String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut piece = format!("{:x}\r\n", 1 << 20).into_bytes();
    piece.extend(std::iter::repeat_n(b' ', 1 << 20));
    piece.extend(b"\r\n");
    for _ in 0..32 {
        if stream.write_all(&piece).await.is_err() {
            break;
        }
    }
    let mut answer = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 413") || answer.starts_with(b"HTTP/1.1 415"));
}

#[tokio::test]
async fn a_gigabyte_of_bodies_that_are_too_large_leaves_the_memory_flat() {
    let folder = Folder::new();
    let server = folder.serve(&["--demo"]).await;
    let member = server.user("member@acme.test").await;
    let memory = async || value(&server.figures().await, "process_resident_memory_bytes");
    let before = memory().await;
    let mut clients = JoinSet::new();
    for encoding in ["", "content-encoding: gzip\r\n"].repeat(16) {
        let head = format!(
            "POST /api/customers HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\n{encoding}transfer-encoding: chunked\r\n\r\n",
            member.token()
        );
        clients.spawn(flood(server.address().to_owned(), head));
    }
    let mut most = before;
    while !clients.is_empty() {
        tokio::select! {
            ended = clients.join_next() => ended.unwrap().unwrap(),
            () = sleep(Duration::from_millis(20)) => most = most.max(memory().await),
        }
    }
    let grown = most.max(memory().await) - before;
    // Each of the 32 may have a whole body of 1 MiB that fits, and its buffers; not 32 of them.
    assert!(grown < 128e6, "{grown} bytes of 1 GiB");
}
