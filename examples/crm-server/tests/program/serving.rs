//! Serving: who can sign in after which start, and what is there after the next one.

use serde_json::json;

use crate::{client::Client, process::Folder};

/// What a line says after these words, up to the next space.
fn word_after<'a>(line: &'a str, words: &str) -> &'a str {
    let (_, rest) = line.split_once(words).unwrap_or_else(|| panic!("no `{words}` in {line}"));
    rest.split_whitespace().next().unwrap()
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

#[tokio::test]
async fn a_demo_is_served_with_the_sign_in_that_it_prints() {
    let folder = Folder::new();
    let server = folder.serve(&["--demo"]).await;
    let line = server.out.line("sign in as ").await.unwrap();
    let (email, password) = (word_after(&line, "sign in as "), word_after(&line, "with the password "));
    let login = server.stranger().login(json!({ "email": email, "password": password })).await;
    assert_eq!((login.status, &login.json["tenant"]["slug"]), (200, &json!("acme")));
    assert_eq!(login.json["user"]["email"], email);
    let owner = server.stranger().sign_in(email, password).await;
    for list in ["customers", "leads", "contacts", "interactions", "users"] {
        let page = owner.get(&format!("/api/{list}?limit=3")).await;
        assert_eq!((page.status, page.json["data"].as_array().unwrap().len()), (200, 3), "{list}");
    }
    let open = server.stranger().get("/api/customers").await;
    assert_eq!(open.status, 401);
}

#[tokio::test]
async fn everybody_of_the_demo_can_sign_in() {
    let folder = Folder::new();
    let server = folder.serve(&["--demo"]).await;
    let line = server.out.line("with the same password, as ").await.unwrap();
    for (email, tenant, role) in [
        ("owner@acme.test", "acme", "owner"),
        ("admin@acme.test", "acme", "admin"),
        ("member@acme.test", "acme", "member"),
        ("viewer@acme.test", "acme", "viewer"),
        ("owner@globex.test", "globex", "owner"),
    ] {
        let me = server.user(email).await.get("/api/auth/me").await;
        assert_eq!((&me.json["tenant"]["slug"], &me.json["role"]), (&json!(tenant), &json!(role)));
        assert!(email == "owner@acme.test" || line.contains(email), "{email} is not in {line}");
    }
    let wrong = json!({ "email": "owner@acme.test", "password": "demo-password-2" });
    assert_eq!(server.stranger().login(wrong).await.status, 401);
}

#[tokio::test]
async fn a_person_of_two_tenants_is_asked_for_one() {
    let folder = Folder::new();
    let server = folder.serve(&["--demo"]).await;
    let both = json!({ "email": "both@demo.test", "password": "demo-password-1" });
    let login = server.stranger().login(both.clone()).await;
    assert_eq!((login.status, &login.json["token"]), (200, &json!(null)));
    let slugs: Vec<_> = login.json["tenants"].as_array().unwrap().iter().map(|own| &own["slug"]).collect();
    assert_eq!(slugs, ["acme", "globex"]);
    for tenant in ["acme", "globex"] {
        let mut credentials = both.clone();
        credentials["tenant"] = json!(tenant);
        let login = server.stranger().login(credentials).await;
        assert!(login.json["token"].is_string());
        assert_eq!(login.json["tenant"]["slug"], tenant);
    }
}

#[tokio::test]
async fn a_viewer_reads_and_does_not_write() {
    let folder = Folder::new();
    let server = folder.serve(&["--demo"]).await;
    let viewer = server.user("viewer@acme.test").await;
    let before = viewer.count("/api/customers").await;
    let refused = viewer.post("/api/customers", json!({ "company": "Initech" })).await;
    assert_eq!((refused.status, &refused.json["code"]), (403, &json!("forbidden")));
    assert_eq!(viewer.count("/api/customers").await, before);
    let member = server.user("member@acme.test").await;
    assert_eq!(member.post("/api/customers", json!({ "company": "Initech" })).await.status, 201);
    assert_eq!(viewer.count("/api/customers").await, before + 1);
}

#[tokio::test]
async fn a_second_start_finds_what_the_first_one_left_and_adds_no_demo() {
    let folder = Folder::new();
    let first = folder.serve(&["--demo"]).await;
    let member = first.user("member@acme.test").await;
    let made = member.post("/api/leads", json!({ "company": "Initech", "stage": "new" })).await;
    assert_eq!(made.status, 201);
    let path = format!("/api/leads/{}", made.json["id"].as_str().unwrap());
    first.stop().await;
    let before = folder.done(&["verify"]).await;
    let second = folder.serve(&["--demo"]).await;
    let again = member.at(second.address()).get(&path).await;
    assert_eq!((again.status, &again.json), (200, &made.json), "the sign-in has outlived the server");
    assert!(second.out.line("sign in as owner@acme.test").await.is_some());
    second.stop().await;
    assert_eq!(folder.done(&["verify"]).await, before);
    assert_eq!(folder.done(&["tenant", "list"]).await.lines().count(), 2);
}

#[tokio::test]
async fn a_demo_is_not_mixed_with_data_that_is_there() {
    let folder = Folder::with_tenant("initech").await;
    let server = folder.serve(&["--demo"]).await;
    assert!(server.out.line("no demo data was added").await.is_some());
    server.stop().await;
    assert_eq!(folder.done(&["tenant", "list"]).await, "initech\tactive\tinitech\n");
}

#[tokio::test]
async fn an_empty_database_gets_an_owner_whose_password_is_printed_once() {
    let folder = Folder::new();
    let first = folder.serve(&[]).await;
    let line = first.out.line("created tenant main").await.unwrap();
    let (email, password) = (word_after(&line, "sign in as "), word_after(&line, "with the password "));
    let owner = first.stranger().sign_in(email, password).await;
    assert_eq!(owner.get("/api/auth/me").await.json["role"], "owner");
    assert_eq!(owner.post("/api/customers", json!({ "name": "Ada" })).await.status, 201);
    first.stop().await;
    let second = folder.serve(&[]).await;
    assert!(second.out.line("crm-server user create").await.is_some());
    let owner = second.stranger().sign_in(email, password).await;
    assert_eq!(owner.count("/api/customers").await, 1);
    let outcome = second.stop().await;
    assert!(!outcome.out.contains("password is") && !outcome.out.contains(password), "{outcome:?}");
}

#[tokio::test]
async fn neither_the_file_nor_the_log_holds_a_secret_and_the_log_holds_no_person() {
    let folder = Folder::new();
    let server = folder.serve(&["--log", "trace"]).await;
    let line = server.out.line("created tenant main").await.unwrap();
    let password = word_after(&line, "with the password ");
    let owner = server.stranger().sign_in("owner@localhost.test", password).await;
    assert_eq!(owner.count("/api/users").await, 1);
    let wrong = json!({ "email": "owner@localhost.test", "password": "a wrong one!" });
    assert_eq!(server.stranger().login(wrong).await.status, 401);
    let person = json!({ "name": "Planted-Name", "email": "planted@person.test", "phone": "+4930987654321" });
    let made = owner.post("/api/customers", person).await;
    let path = format!("/api/customers/{}", made.json["id"].as_str().unwrap());
    assert_eq!(owner.get("/api/customers?search=Planted-Name").await.json["data"], json!([made.json]));
    let broken = json!({ "name": "Planted-Name", "email": "planted@person.test broken" });
    assert_eq!(owner.post("/api/customers", broken).await.status, 422);
    let secrets = [password, owner.token(), "a wrong one!"];
    let personal = ["owner@localhost.test", "planted@person.test", "Planted-Name", "30987654321", &path];
    let holds_none = |moment: &str| {
        for entry in std::fs::read_dir(folder.path(".")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let bytes = folder.read(&name);
            assert!(secrets.iter().all(|secret| !contains(&bytes, secret)), "{name}, {moment}");
        }
    };
    assert!(contains(&folder.read("crm.db-wal"), "owner@localhost.test"), "what is looked for would be seen");
    holds_none("while it is served");
    let outcome = server.stop().await;
    assert!(contains(&folder.read("crm.db"), "owner@localhost.test"));
    holds_none("afterwards");
    assert!(outcome.err.contains("answered"), "it logs at this level: {}", outcome.err);
    for hidden in secrets.into_iter().chain(personal) {
        assert!(!outcome.err.contains(hidden), "{hidden}: {}", outcome.err);
    }
}

#[tokio::test]
async fn what_is_in_memory_is_served_and_gone_at_the_end() {
    let folder = Folder::new();
    let serve = async || folder.serve(&["--database", "memory:", "--demo"]).await;
    let mut before = None;
    for _ in 0..2 {
        let server = serve().await;
        let member: Client = server.user("member@acme.test").await;
        let count = member.count("/api/customers").await;
        assert_eq!(*before.get_or_insert(count), count);
        assert_eq!(member.post("/api/customers", json!({ "name": "Ada" })).await.status, 201);
        assert_eq!(member.count("/api/customers").await, count + 1);
        server.stop().await;
    }
    let left: Vec<_> = std::fs::read_dir(folder.path(".")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}
