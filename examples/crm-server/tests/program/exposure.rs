//! Who may be reached from where: a password that everybody knows opens nothing to the network.

use crate::process::{Folder, Server};

const REFUSAL: &[&str] = &["refusing to listen on", "demo accounts", "127.0.0.1"];

#[tokio::test]
async fn a_demo_is_not_served_to_the_network() {
    let mut folder = Folder::new();
    for listen in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        folder.run(&["--listen", listen, "--demo"]).await.refused(REFUSAL);
        folder.run(&["serve", "--demo", "--listen", listen]).await.refused(REFUSAL);
    }
    folder.set("CRM_LISTEN", "0.0.0.0:0");
    folder.set("CRM_DEMO", "true");
    folder.run(&[]).await.refused(REFUSAL);
    assert!(!folder.has("crm.db"), "nothing was made");
}

#[tokio::test]
async fn a_demo_of_an_earlier_start_is_not_served_to_the_network_either() {
    let folder = Folder::with_demo().await;
    for arguments in
        [&["--listen", "0.0.0.0:0"][..], &["--listen", "0.0.0.0:0", "--demo=false", "--no-migrate"]]
    {
        folder.run(arguments).await.refused(REFUSAL);
    }
    let emails = ["owner@acme.test", "admin@acme.test", "member@acme.test", "viewer@acme.test"];
    for email in emails.iter().chain(&["owner@globex.test"]) {
        folder.done(&["user", "set-password", "--email", email]).await;
    }
    folder.run(&["--listen", "0.0.0.0:0"]).await.refused(REFUSAL);
    folder.done(&["user", "set-password", "--email", "both@demo.test"]).await;
    Server::of(folder.command(&["--listen", "0.0.0.0:0"])).await.stop().await;
}

#[tokio::test]
async fn other_accounts_are_served_to_the_network_with_a_warning() {
    let folder = Folder::new();
    let server = Server::of(folder.command(&["--listen", "0.0.0.0:0"])).await;
    server.log.line("put a proxy that speaks TLS in front").await.unwrap();
    server.stop().await;
}
