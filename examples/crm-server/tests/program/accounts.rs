//! Tenants, users and their passwords, as the person at the machine makes them.

use serde_json::json;

use crate::process::Folder;

const ADA: &str = "ada@acme.test";

/// The command that makes a user of acme.
fn create<'a>(email: &'a str, role: &'a str) -> Vec<&'a str> {
    vec!["user", "create", "--tenant", "acme", "--email", email, "--role", role]
}

/// The password that a command made up and printed.
fn made_up(out: &str) -> &str {
    let line = out.lines().find_map(|line| line.strip_prefix("password: "));
    line.and_then(|line| line.strip_suffix(" (shown this once)")).unwrap_or_else(|| panic!("{out}"))
}

#[tokio::test]
async fn tenants_are_created_and_listed_by_slug() {
    let folder = Folder::new();
    assert_eq!(folder.done(&["tenant", "create", "globex"]).await, "created tenant globex\n");
    folder.done(&["tenant", "create", "acme", "--name", "Acme Solar"]).await;
    let list = folder.done(&["tenant", "list"]).await;
    assert_eq!(list, "acme\tactive\tAcme Solar\nglobex\tactive\tglobex\n");
    folder.run(&["tenant", "create", "acme"]).await.refused(&["there is a tenant `acme` already"]);
    folder.run(&["tenant", "create", "Acme & Co"]).await.refused(&["`slug`", "a-z"]);
    assert_eq!(folder.done(&["tenant", "list"]).await, list);
}

#[tokio::test]
async fn more_tenants_than_a_page_holds_are_all_listed() {
    let folder = Folder::with_tenant("t").await;
    let server = folder.serve(&[]).await;
    let slugs: Vec<String> = (0..205).map(|number| format!("t{number:03}")).collect();
    for slug in &slugs {
        folder.done(&["tenant", "create", slug]).await;
    }
    let list = folder.done(&["tenant", "list"]).await;
    let listed: Vec<&str> = list.lines().map(|line| line.split('\t').next().unwrap()).collect();
    assert_eq!(listed[0], "t");
    assert_eq!(listed[1..], slugs);
    server.stop().await;
}

#[tokio::test]
async fn a_new_user_signs_in_with_the_password_from_wherever_it_came() {
    let mut folder = Folder::with_tenant("acme").await;
    let server = folder.serve(&[]).await;
    let out = folder.done(&create(ADA, "owner")).await;
    assert!(out.starts_with("created user ada@acme.test, owner of acme\n"), "{out}");
    let made_up = made_up(&out).to_owned();
    let line = [&create("bob@acme.test", "viewer")[..], &["--password-stdin", "--name", "Bob"]].concat();
    let read = folder.run_with(&line, "correct horse, battery\r\nanother line\n").await.done();
    assert_eq!(read, "created user bob@acme.test, viewer of acme\n");
    folder.set("CRM_PASSWORD", "out of the environment");
    let told = folder.done(&create("cy@acme.test", "admin")).await;
    assert_eq!(told, "created user cy@acme.test, admin of acme\n");
    for (email, password, role) in [
        (ADA, made_up.as_str(), "owner"),
        ("bob@acme.test", "correct horse, battery", "viewer"),
        ("cy@acme.test", "out of the environment", "admin"),
    ] {
        let user = server.stranger().sign_in(email, password).await;
        let me = user.get("/api/auth/me").await.json;
        assert_eq!((&me["role"], &me["tenant"]["slug"]), (&json!(role), &json!("acme")));
    }
}

#[tokio::test]
async fn what_makes_no_user_is_told_and_makes_none() {
    let folder = Folder::with_tenant("acme").await;
    folder.done(&create(ADA, "owner")).await;
    let before = folder.done(&["verify"]).await;
    folder.run(&create(ADA, "viewer")).await.refused(&["`acme` has a user `ada@acme.test` already"]);
    folder.run(&create("ADA@Acme.test", "viewer")).await.refused(&["already"]);
    folder.run(&create("nonsense", "viewer")).await.refused(&["`email`", "e-mail address"]);
    let elsewhere = ["user", "create", "--tenant", "nowhere", "--email", ADA, "--role", "viewer"];
    folder.run(&elsewhere).await.refused(&["there is no tenant `nowhere`", "tenant list"]);
    let short = [&create("bob@acme.test", "viewer")[..], &["--password-stdin"]].concat();
    for password in ["short\n", "", "\n"] {
        folder.run_with(&short, password).await.refused(&["10 to 1000 characters"]);
    }
    folder
        .run(&["user", "set-password", "--email", "bob@acme.test"])
        .await
        .refused(&["there is no user `bob@acme.test` in any tenant", "user create"]);
    assert_eq!(folder.run(&create("bob@acme.test", "emperor")).await.code, Some(2));
    assert_eq!(folder.done(&["verify"]).await, before);
}

#[tokio::test]
async fn a_person_of_a_second_tenant_keeps_the_password() {
    let folder = Folder::with_tenant("acme").await;
    folder.done(&["tenant", "create", "globex"]).await;
    let password = folder.done(&create(ADA, "owner")).await;
    let also = ["user", "create", "--tenant", "globex", "--email", ADA, "--role", "viewer"];
    let out = folder.done(&also).await;
    assert_eq!(
        out,
        "created user ada@acme.test, viewer of globex\npassword: as before, through another tenant\n"
    );
    let server = folder.serve(&[]).await;
    let login = json!({ "email": ADA, "password": made_up(&password), "tenant": "globex" });
    let login = server.stranger().login(login).await;
    assert_eq!((login.status, &login.json["user"]["role"]), (200, &json!("viewer")));
}

#[tokio::test]
async fn a_new_password_ends_the_sign_ins_of_the_old_one() {
    let folder = Folder::with_tenant("acme").await;
    let first = folder.done(&create(ADA, "owner")).await;
    folder.done(&create("bob@acme.test", "member")).await;
    let server = folder.serve(&[]).await;
    let (ada, stranger) = (server.stranger().sign_in(ADA, made_up(&first)).await, server.stranger());
    assert_eq!(ada.get("/api/auth/me").await.status, 200);
    let second = folder.done(&["user", "set-password", "--email", ADA]).await;
    assert!(second.starts_with("new password for ada@acme.test\n"), "{second}");
    assert_eq!(ada.get("/api/auth/me").await.status, 401);
    let old = stranger.login(json!({ "email": ADA, "password": made_up(&first) })).await;
    assert_eq!(old.status, 401);
    let ada = stranger.sign_in(ADA, made_up(&second)).await;
    let third = ["user", "set-password", "--email", ADA, "--password-stdin"];
    folder.run_with(&third, "by hand, this time").await.done();
    assert_eq!(ada.get("/api/auth/me").await.status, 401);
    stranger.sign_in(ADA, "by hand, this time").await;
}

#[tokio::test]
async fn a_password_is_set_even_if_nobody_reads_that_it_was() {
    let folder = Folder::with_tenant("acme").await;
    let mut user = folder.command(&[&create(ADA, "owner")[..], &["--password-stdin"]].concat());
    let mut child = user.stdin(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stdin, b"unheard but set\n").await.unwrap();
    crate::process::Outcome::of(child).await.refused(&["the output cannot be written"]);
    let server = folder.serve(&[]).await;
    server.stranger().sign_in(ADA, "unheard but set").await;
}
