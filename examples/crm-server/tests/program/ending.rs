//! The end: what is in flight is answered, what was acknowledged stays, whoever ends it and however.

use rustix::process::Signal;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{
    client::Client,
    process::{Folder, PATIENCE, Server},
};

/// A request whose body is being waited for.
struct InFlight {
    stream: TcpStream,
    body: String,
}

impl InFlight {
    /// Sends the head of a request, and returns when the server has asked for the body: it is in its hands then.
    async fn begin(server: &Server, client: &Client) -> Self {
        let body = json!({ "company": "Initech", "external_id": "in-flight" }).to_string();
        let head = format!(
            "POST /api/customers HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
            server.address(),
            client.token(),
            body.len()
        );
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut asked = [0; 25];
        timeout(PATIENCE, stream.read_exact(&mut asked)).await.unwrap().unwrap();
        assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
        Self { stream, body }
    }

    /// All that is answered once the body is sent, until the server closes the connection.
    async fn finish(mut self) -> String {
        let _ = self.stream.write_all(self.body.as_bytes()).await;
        let mut answer = String::new();
        let end = timeout(PATIENCE, self.stream.read_to_string(&mut answer)).await;
        // A connection that is cut may be reset rather than closed.
        let _ = end.expect("the connection stays open");
        answer
    }
}

#[tokio::test]
async fn a_signal_ends_the_server_well() {
    let folder = Folder::new();
    for signal in [Signal::TERM, Signal::INT] {
        let server = folder.serve(&[]).await;
        let mut idle = TcpStream::connect(server.address()).await.unwrap();
        idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut some = [0; 12];
        timeout(PATIENCE, idle.read_exact(&mut some)).await.unwrap().unwrap();
        assert_eq!(&some, b"HTTP/1.1 200");
        server.signal(signal);
        let outcome = server.end().await;
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        assert!(outcome.err.contains("what was in flight is answered"), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_request_in_flight_is_answered_before_the_end() {
    let folder = Folder::new();
    let server = folder.serve(&["--demo"]).await;
    let member = server.user("member@acme.test").await;
    let request = InFlight::begin(&server, &member).await;
    server.signal(Signal::TERM);
    server.log.line("requests in flight are answered first").await.unwrap();
    let nobody_else = async {
        // The line is written just before the door is closed.
        while TcpStream::connect(server.address()).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, nobody_else).await.expect("others are let in still");
    let answer = request.finish().await;
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert_eq!(server.end().await.code, Some(0));
    let server = folder.serve(&[]).await;
    let found = member.at(server.address()).get("/api/customers?external_id=in-flight").await;
    assert_eq!(found.json["data"][0]["company"], "Initech");
}

#[tokio::test]
async fn a_second_signal_cuts_what_is_in_flight() {
    let folder = Folder::with_demo().await;
    for (first, second) in
        [(Signal::INT, Signal::INT), (Signal::TERM, Signal::TERM), (Signal::TERM, Signal::INT)]
    {
        let server = folder.serve(&[]).await;
        let member = server.user("member@acme.test").await;
        let request = InFlight::begin(&server, &member).await;
        server.signal(first);
        server.log.line("requests in flight are answered first").await.unwrap();
        server.signal(second);
        let outcome = server.end().await;
        assert_eq!(outcome.code, Some(130), "{first:?}, {second:?}: {outcome:?}");
        assert_eq!(request.finish().await, "");
    }
    let server = folder.serve(&[]).await;
    let member = server.user("member@acme.test").await;
    let found = member.get("/api/customers?external_id=in-flight").await;
    assert_eq!(found.json["data"], json!([]));
}

/// Has customers made until the server is gone, and tells of each that it acknowledged.
async fn make_until_the_end(client: Client, acknowledged: tokio::sync::mpsc::UnboundedSender<String>) {
    while let Ok(answer) = client.send("POST", "/api/customers", Some(json!({ "name": "Ada" }))).await {
        // At its end the server may say that it cannot, and then that is no acknowledgement.
        if answer.status == 201 {
            let _ = acknowledged.send(answer.json["id"].as_str().unwrap().to_owned());
        }
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_there_whatever_the_end() {
    let folder = Folder::with_demo().await;
    for killed in [false, true] {
        let server = folder.serve(&[]).await;
        let member = server.user("member@acme.test").await;
        let (sender, mut acknowledged) = tokio::sync::mpsc::unbounded_channel();
        let writers: Vec<_> =
            (0..4).map(|_| tokio::spawn(make_until_the_end(member.clone(), sender.clone()))).collect();
        drop(sender);
        let mut ids = Vec::new();
        while ids.len() < 40 {
            let id = timeout(PATIENCE, acknowledged.recv()).await.expect("nothing is acknowledged");
            ids.push(id.expect("the server is gone"));
        }
        if killed {
            server.kill().await;
        } else {
            server.stop().await;
        }
        for writer in writers {
            timeout(PATIENCE, writer).await.expect("a request has no end").unwrap();
        }
        while let Some(id) = acknowledged.recv().await {
            ids.push(id);
        }
        let server = folder.serve(&[]).await;
        let member = member.at(server.address());
        for id in &ids {
            assert_eq!(member.get(&format!("/api/customers/{id}")).await.status, 200, "{id}, {killed}");
        }
        server.stop().await;
        folder.done(&["verify"]).await;
    }
}

#[tokio::test]
async fn whoever_stops_reading_the_output_and_the_log_ends_nothing() {
    let folder = Folder::new();
    let mut server = folder.serve(&["--demo", "--log", "trace"]).await;
    server.out.line("with the same password").await.unwrap();
    server.out.close().await;
    server.log.close().await;
    let member = server.user("member@acme.test").await;
    assert_eq!(member.get("/api/customers").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn an_error_that_nobody_reads_is_an_error_all_the_same() {
    let folder = Folder::new();
    let mut child = folder.command(&["tenant", "list"]).spawn().unwrap();
    drop(child.stderr.take());
    let status = timeout(PATIENCE, child.wait()).await.unwrap().unwrap();
    assert_eq!(status.code(), Some(1));
}
