//! Settings: flags beat environment variables, which beat defaults.

use tokio::net::TcpListener;

use crate::process::{Folder, Server};

#[tokio::test]
async fn the_address_is_taken_from_the_flag_before_the_environment() {
    let mut folder = Folder::new();
    folder.set("CRM_LISTEN", "127.0.0.1:0");
    Server::of(folder.command(&[])).await.stop().await;
    Server::of(folder.command(&["serve"])).await.stop().await;
    folder.set("CRM_LISTEN", "nowhere");
    folder.run(&[]).await.refused(&["`nowhere` is no address to listen on, such as 127.0.0.1:8005"]);
    folder.serve(&[]).await.stop().await;
    Server::of(folder.command(&["serve", "--listen", "127.0.0.1:0"])).await.stop().await;
    let help = folder.done(&["--help"]).await;
    assert!(
        help.contains("[default: 127.0.0.1:8005]") && help.contains("[default: sqlite://crm.db]"),
        "{help}"
    );
}

#[tokio::test]
async fn the_database_is_taken_from_the_flag_before_the_environment() {
    let mut folder = Folder::new();
    folder.done(&["tenant", "create", "default"]).await;
    assert!(folder.has("crm.db"));
    folder.set("CRM_DATABASE", "sqlite://environment.db");
    folder.done(&["tenant", "create", "environment"]).await;
    assert!(folder.has("environment.db"));
    folder.done(&["tenant", "create", "flag", "--database", "sqlite://flag.db"]).await;
    for (database, slug) in [("crm.db", "default"), ("environment.db", "environment"), ("flag.db", "flag")] {
        let address = format!("sqlite://{database}");
        let tenants = folder.done(&["--database", &address, "tenant", "list"]).await;
        assert_eq!(tenants, format!("{slug}\tactive\t{slug}\n"));
    }
    let server = folder.serve(&["--database", "sqlite://served.db"]).await;
    assert!(folder.has("served.db"));
    server.stop().await;
}

#[tokio::test]
async fn the_demo_is_taken_from_the_flag_before_the_environment() {
    let mut folder = Folder::new();
    for (number, (variable, flag, demo)) in [
        (None, &[][..], false),
        (Some("true"), &[], true),
        (Some("1"), &[], true),
        (Some("false"), &[], false),
        (Some("true"), &["--demo=false"], false),
        (Some("false"), &["--demo"], true),
        (Some("0"), &["--demo=true"], true),
    ]
    .into_iter()
    .enumerate()
    {
        if let Some(variable) = variable {
            folder.set("CRM_DEMO", variable);
        }
        let database = format!("sqlite://{number}.db");
        let arguments = [&["--database", &database], flag].concat();
        folder.serve(&arguments).await.stop().await;
        let tenants = folder.done(&["tenant", "list", "--database", &database]).await;
        assert_eq!(tenants.contains("globex"), demo, "{variable:?} {flag:?}: {tenants}");
        assert_eq!(tenants.contains("main"), !demo, "{variable:?} {flag:?}: {tenants}");
    }
}

#[tokio::test]
async fn migrating_is_taken_from_the_flag_before_the_environment() {
    let mut folder = Folder::new();
    folder.set("CRM_NO_MIGRATE", "true");
    folder.run(&["--listen", "127.0.0.1:0"]).await.refused(&["`crm-server migrate` makes it"]);
    folder.serve(&["--no-migrate=false"]).await.stop().await;
    folder.set("CRM_NO_MIGRATE", "false");
    let arguments = ["--listen", "127.0.0.1:0", "--no-migrate", "--database", "sqlite://other.db"];
    folder.run(&arguments).await.refused(&["`crm-server migrate` makes it"]);
    assert!(!folder.has("other.db"));
}

#[tokio::test]
async fn the_log_is_taken_from_the_flag_before_the_environment() {
    let mut folder = Folder::new();
    assert!(folder.serve(&[]).await.stop().await.err.contains(" INFO "));
    folder.set("CRM_LOG", "warn");
    assert_eq!(folder.serve(&[]).await.stop().await.err, "");
    let log = folder.serve(&["--log", "info"]).await.stop().await.err;
    assert!(log.contains(" INFO "), "{log}");
    folder.run(&["--log", "crm_http=loud"]).await.refused(&["`crm_http=loud` is no log filter"]);
}

#[tokio::test]
async fn how_to_serve_may_stand_before_the_command_but_not_before_another() {
    let folder = Folder::new();
    let server = Server::of(folder.command(&["--listen", "127.0.0.1:0", "--demo", "serve"])).await;
    assert!(server.out.line("sign in as owner@acme.test").await.is_some());
    server.stop().await;
    for (arguments, words) in [
        (&["--demo", "verify"][..], "--demo is for `serve`, not for `verify`"),
        (&["--demo=perhaps"], "perhaps"),
        (&["import", "contacts", "file.csv"], "contacts"),
        (&["nonsense"], "nonsense"),
    ] {
        let outcome = folder.run(arguments).await;
        assert_eq!(outcome.code, Some(2), "{outcome:?}");
        assert!(outcome.err.contains(words), "no `{words}` in {outcome:?}");
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_told() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let words = format!("cannot listen on {address}");
    folder.run(&["--listen", &address, "--demo"]).await.refused(&[&words, "in use"]);
    assert_eq!(folder.done(&["tenant", "list"]).await, "", "no demo was made for nobody");
}
