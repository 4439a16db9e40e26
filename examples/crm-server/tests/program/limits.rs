//! The limits of the server and its figures, as its options set them and its clients meet them.

use serde_json::json;

use crate::process::{Folder, Server, value};

#[tokio::test]
async fn the_figures_tell_of_requests_the_writer_and_the_process() {
    let folder = Folder::new();
    let server = folder.serve(&["--demo"]).await;
    let member = server.user("member@acme.test").await;
    let before = value(&server.figures().await, "crm_sqlite_commits_total");
    assert_eq!(member.post("/api/customers", json!({ "company": "Initech" })).await.status, 201);
    let figures = server.figures().await;
    assert!(value(&figures, "crm_sqlite_commits_total") > before);
    let made = "crm_http_requests_total{method=\"POST\",route=\"/api/customers\",status=\"201\"}";
    assert_eq!(value(&figures, made), 1.0);
    if cfg!(target_os = "linux") {
        assert!(value(&figures, "process_resident_memory_bytes") > 1e6, "{figures}");
        assert!(value(&figures, "process_open_fds") > 3.0, "{figures}");
    }
}

#[tokio::test]
async fn a_rate_is_taken_from_the_flag_before_the_environment() {
    let mut folder = Folder::with_demo().await;
    folder.set("CRM_CALLER_RATE", "2");
    for (flags, limited) in [(&[][..], true), (&["--caller-rate=0"], false), (&["--caller-rate", "1"], true)]
    {
        let server = folder.serve(flags).await;
        let member = server.user("member@acme.test").await;
        let mut statuses = Vec::new();
        for _ in 0..3 {
            statuses.push(member.get("/api/auth/me").await.status);
        }
        assert_eq!(statuses.last(), Some(if limited { &429 } else { &200 }), "{flags:?}");
        server.stop().await;
    }
}

#[tokio::test]
async fn listed_origins_may_change_something_and_others_may_not() {
    let mut folder = Folder::new();
    folder.set("CRM_ORIGINS", "https://app.example,http://localhost:3000");
    let server = folder.serve(&[]).await;
    for (origin, status) in
        [("https://app.example", 401), ("http://localhost:3000", 401), ("https://b.example", 403)]
    {
        let request = format!(
            "POST /api/customers HTTP/1.1\r\nhost: x\r\norigin: {origin}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        let answer = server.exchange(&request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{origin}: {answer}");
        let is_told = answer.contains(&format!("access-control-allow-origin: {origin}\r\n"));
        assert_eq!(is_told, status == 401, "{origin}: {answer}");
    }
}

#[tokio::test]
async fn time_outs_and_sizes_are_those_of_the_flags() {
    let folder = Folder::new();
    let flags = ["--head-timeout=0.2", "--body-timeout=0.2", "--body-limit=10", "--head-limit=2048"];
    let server = folder.serve(&flags).await;
    let post = "POST /api/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    for (request, status) in [
        (format!("{post}content-length: 9\r\n\r\n{{"), "408"),
        (format!("{post}content-length: 11\r\n\r\n"), "413"),
        (format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "x".repeat(4_096)), "431"),
        ("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n".to_owned(), "200"),
    ] {
        let answer = server.exchange(&request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request}: {answer}");
    }
    let cut = server.exchange("GET /heal").await;
    assert!(!cut.starts_with("HTTP/1.1 200"), "it is cut");
}

#[tokio::test]
async fn a_limit_may_stand_before_the_command_or_after_it_and_the_later_counts() {
    let folder = Folder::new();
    for (arguments, limit) in [
        (&["--body-limit=10", "serve"][..], 10),
        (&["serve", "--body-limit=20"], 20),
        (&["--body-limit=10", "serve", "--body-limit=20"], 20),
    ] {
        let arguments = [&["--listen", "127.0.0.1:0"], arguments].concat();
        let server = Server::of(folder.command(&arguments)).await;
        let request = "POST /api/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                       content-length: 100\r\nconnection: close\r\n\r\n";
        let answer = server.exchange(request).await;
        assert!(answer.contains(&format!("at most {limit} bytes")), "{arguments:?}: {answer}");
        server.stop().await;
    }
    let outcome = folder.run(&["--body-limit=10", "tenant", "list"]).await;
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.err.contains("--body-limit is for `serve`, not for `tenant`"), "{outcome:?}");
}
