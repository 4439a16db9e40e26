//! A tenant goes into a file and comes back, here or elsewhere.

use serde_json::json;

use crate::process::Folder;

const EXPORT: &[&str] = &["tenant", "export", "acme", "acme.jsonl"];
const IMPORT: &[&str] = &["tenant", "import", "acme.jsonl"];
const ERASE: &[&str] = &["tenant", "erase", "acme", "--confirm", "acme"];

async fn assert_verified(folder: &Folder, tenants: usize) {
    let verified = folder.done(&["verify"]).await;
    assert!(verified.lines().all(|line| line.ends_with(": no differences")), "{verified}");
    assert_eq!(verified.lines().count(), tenants + 1, "{verified}");
}

#[tokio::test]
async fn a_tenant_comes_back_from_its_archive() {
    let folder = Folder::with_demo().await;
    let server = folder.serve(&[]).await;
    let before = folder.done(&["verify", "--tenant", "acme"]).await;
    let out = folder.done(EXPORT).await;
    assert!(out.starts_with("exported tenant acme: ") && out.ends_with(" events\n"), "{out}");
    let archive = folder.read("acme.jsonl");
    assert!(!folder.has("acme.jsonl.part"));
    let printed = folder.done(&["tenant", "export", "acme", "-"]).await;
    assert!(printed.as_bytes() == archive, "the standard output gets the same");
    for hidden in ["argon2", "password_hash", "token_hash"] {
        assert!(!printed.contains(hidden), "{hidden} is in the archive");
    }
    folder.run(EXPORT).await.refused(&["`acme.jsonl` is there already"]);
    folder.run(IMPORT).await.refused(&["there is a tenant `acme` already", "nothing was imported"]);
    let other = [IMPORT, &["--slug", "other"]].concat();
    folder.run(&other).await.refused(&["as `acme`, already", "nothing was imported"]);

    let customers = server.user("owner@acme.test").await.get("/api/customers?limit=200").await.json;
    folder.done(ERASE).await;
    let out = folder.done(IMPORT).await;
    assert!(out.starts_with("imported tenant acme\n") && out.contains("user set-password"), "{out}");
    assert_eq!(folder.done(&["verify", "--tenant", "acme"]).await, before);
    assert_verified(&folder, 2).await;
    assert!(folder.done(&["tenant", "export", "acme", "-"]).await.as_bytes() == archive);
    let set = ["user", "set-password", "--email", "owner@acme.test", "--password-stdin"];
    folder.run_with(&set, "demo-password-1").await.done();
    let owner = server.user("owner@acme.test").await;
    assert_eq!(owner.get("/api/customers?limit=200").await.json, customers);
    let both = json!({ "email": "both@demo.test", "password": "demo-password-1", "tenant": "acme" });
    assert_eq!(server.stranger().login(both).await.status, 200, "who has an account here keeps the password");
}

#[tokio::test]
async fn a_tenant_moves_into_another_database() {
    let folder = Folder::with_demo().await;
    folder.done(EXPORT).await;
    let archive = folder.read("acme.jsonl");
    let mut elsewhere = Folder::new();
    elsewhere.set("CRM_DATABASE", "sqlite://new.db");
    elsewhere.write("acme.jsonl", &archive);
    elsewhere.done(&[IMPORT, &["--slug", "acme-solar"]].concat()).await;
    assert_verified(&elsewhere, 1).await;
    assert!(elsewhere.done(&["tenant", "list"]).await.starts_with("acme-solar\tactive\t"));
    elsewhere.done(&["tenant", "erase", "acme-solar", "--confirm", "acme-solar"]).await;
    elsewhere.done(IMPORT).await;
    assert!(elsewhere.done(&["tenant", "export", "acme", "-"]).await.as_bytes() == archive);
}

#[tokio::test]
async fn what_is_no_whole_archive_is_refused_and_leaves_nothing() {
    let folder = Folder::with_demo().await;
    folder
        .run(&["tenant", "export", "nowhere", "nowhere.jsonl"])
        .await
        .refused(&["there is no tenant `nowhere`"]);
    let nowhere = ["tenant", "export", "acme", "nowhere/acme.jsonl"];
    folder.run(&nowhere).await.refused(&["the archive cannot be written"]);
    folder.run(&["tenant", "import", "missing.jsonl"]).await.refused(&["`missing.jsonl` cannot be opened"]);
    folder.run(&["tenant", "import", "."]).await.refused(&["`.` cannot be read"]);
    folder.done(EXPORT).await;
    folder.done(ERASE).await;
    let before = folder.done(&["verify"]).await;
    let archive = folder.read("acme.jsonl");
    let mut flipped = archive.clone();
    let place = flipped.len() / 2;
    flipped[place] = flipped[place].wrapping_add(1);
    for (damaged, word) in [
        (Vec::new(), "it is no archive of a tenant"),
        (b"Id,Name\n1,Ada\n".to_vec(), "it is no archive of a tenant"),
        (folder.read("crm.db"), "it is no archive of a tenant"),
        (archive[..archive.len() / 2].to_vec(), "the archive is cut here"),
        (archive[..archive.len() - 1].to_vec(), "the archive is cut here"),
        (flipped, "line "),
        ([&archive[..], b"\n"].concat(), "something follows"),
    ] {
        folder.write("acme.jsonl", damaged);
        folder.run(IMPORT).await.refused(&["`acme.jsonl`, line ", word, "nothing was imported"]);
        assert_eq!(folder.done(&["verify"]).await, before);
    }
    folder.write("acme.jsonl", archive);
    let slug = [IMPORT, &["--slug", "Acme & Co"]].concat();
    folder.run(&slug).await.refused(&["`slug`", "a-z"]);
    folder.done(IMPORT).await;
    assert_verified(&folder, 2).await;
}
