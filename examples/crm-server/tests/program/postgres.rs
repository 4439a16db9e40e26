//! On PostgreSQL the program does what it does on a file.

use serde_json::json;

use crate::{
    cluster::{Database, Roles, psql},
    process::{Folder, value},
};

/// A folder from which the program uses a database as the role that runs.
fn folder(database: &Database) -> Folder {
    let mut folder = Folder::new();
    folder.set("CRM_DATABASE", &database.app());
    folder
}

#[tokio::test]
async fn a_server_on_postgres_keeps_what_it_is_told() {
    let database = Database::empty(Roles::Two);
    let mut folder = folder(&database);
    folder.set("CRM_DATABASE_OWNER", "crm_owner");
    let server = folder.serve(&["--demo"]).await;
    let owner = server.user("owner@acme.test").await;
    let made = owner.post("/api/customers", json!({ "company": "Solar Ltd" })).await;
    assert_eq!(made.status, 201, "{made:?}");
    let customers = owner.count("/api/customers").await;
    let found = owner.get("/api/customers?search=solar+ltd").await;
    assert_eq!(found.json["data"][0]["company"], "Solar Ltd");
    let figures = owner.get("/api/crm/analytics").await;
    assert_eq!(figures.json["customers"]["total"], json!(customers));
    let globex = server.user("owner@globex.test").await;
    let path = format!("/api/customers/{}", made.json["id"].as_str().unwrap());
    assert_eq!((owner.get(&path).await.status, globex.get(&path).await.status), (200, 404));
    server.stop().await;

    let again = folder.serve(&["--demo", "--no-migrate"]).await;
    let owner = again.user("owner@acme.test").await;
    assert_eq!(owner.count("/api/customers").await, customers);
    again.stop().await;
    let verified = folder.done(&["verify"]).await;
    assert!(verified.lines().count() == 3 && verified.lines().all(|line| line.ends_with("no differences")));
}

#[tokio::test]
async fn the_log_holds_no_person_whose_texts_are_bound_to_statements() {
    let database = Database::empty(Roles::One);
    let server = folder(&database).serve(&["--demo", "--log", "trace"]).await;
    let owner = server.user("owner@acme.test").await;
    let person = json!({ "name": "Planted-Name", "email": "planted@person.test", "role": "member" });
    assert_eq!(owner.post("/api/users", person.clone()).await.status, 201);
    assert_eq!(owner.post("/api/users", person).await.status, 409, "the server refuses it by name");
    assert_eq!(owner.get("/api/users?search=Planted-Name").await.json["data"][0]["name"], "Planted-Name");
    let token = owner.token().to_owned();
    let outcome = server.stop().await;
    assert!(outcome.err.contains("answered") && outcome.err.contains("sqlx"), "it logs at this level");
    for hidden in ["demo-password-1", &token, "owner@acme.test", "planted@person.test", "Planted-Name"] {
        assert!(!outcome.err.to_lowercase().contains(&hidden.to_lowercase()), "{hidden} is in the log");
    }
}

#[tokio::test]
async fn the_figures_tell_of_the_pool() {
    let database = Database::empty(Roles::One);
    let server = folder(&database).serve(&["--demo"]).await;
    let figures = server.figures().await;
    for name in ["crm_postgres_connections", "crm_postgres_idle_connections"] {
        let count = value(&figures, name);
        assert!((0.0..1_000.0).contains(&count), "{name} {count}");
    }
}

#[tokio::test]
async fn commands_work_on_postgres() {
    let database = Database::empty(Roles::One);
    let folder = folder(&database);
    assert!(folder.done(&["migrate"]).await.starts_with("applied 1 foundation\n"));
    assert_eq!(folder.done(&["migrate"]).await.lines().count(), 1);
    folder.done(&["tenant", "create", "acme", "--name", "Acme"]).await;
    assert_eq!(folder.done(&["tenant", "list"]).await, "acme\tactive\tAcme\n");
    folder.done(&["user", "create", "--tenant", "acme", "--email", "ada@acme.test", "--role", "owner"]).await;
    folder.write("leads.csv", "Id,Company,Deal Stage\n1,One,New\n2,Two,Qualified\n3,Three,Nowhere\n");
    let import = ["import", "leads", "leads.csv", "--tenant", "acme"];
    for (created, there) in [(2, 0), (0, 2)] {
        let report = folder.run(&import).await;
        let line = format!("read 3, created {created}, updated 0, already there {there}, refused 1\n");
        assert!(report.code == Some(3) && report.out.ends_with(&line), "{report:?}");
    }
}

/// Every row of a tenant that the catalog knows of, counted by table, and what the rows are.
fn rows(database: &Database, tenant: &str) -> Vec<String> {
    let of_tenants = "SELECT DISTINCT c.relname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid \
         WHERE c.relnamespace = 'crm'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname = 'tenant_id'";
    let tables = psql(&database.superuser(), of_tenants);
    let asked = tables.lines().filter(|line| !line.is_empty()).map(|table| {
        format!(
            "SELECT '{table}', count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM crm.{table} AS t \
             WHERE t.tenant_id = '{tenant}' HAVING count(*) > 0"
        )
    });
    let found = psql(&database.superuser(), &asked.collect::<Vec<_>>().join(";\n"));
    found.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[tokio::test]
async fn an_erased_tenant_has_no_row_in_any_table() {
    let database = Database::empty(Roles::Two);
    let mut folder = folder(&database);
    folder.set("CRM_DATABASE_OWNER", "crm_owner");
    let server = folder.serve(&["--demo"]).await;
    let owner = server.user("owner@acme.test").await;
    let id = |slug| {
        let found = psql(&database.superuser(), &format!("SELECT id FROM crm.tenants WHERE slug = '{slug}'"));
        found.trim().to_owned()
    };
    let (acme, globex) = (id("acme"), id("globex"));
    let before = rows(&database, &globex);
    assert!(before.len() > 10 && rows(&database, &acme).len() > 10, "{before:?}");
    folder.done(&["tenant", "erase", "acme", "--confirm", "acme"]).await;
    assert_eq!(rows(&database, &acme), [""; 0]);
    assert_eq!(rows(&database, &globex), before);
    let directory = psql(
        &database.superuser(),
        "SELECT row_to_json(t)::text FROM crm.tenants AS t; SELECT row_to_json(t)::text FROM crm.accounts AS t; \
         SELECT row_to_json(t)::text FROM crm.memberships AS t; SELECT row_to_json(t)::text FROM crm.sessions AS t; \
         SELECT row_to_json(t)::text FROM crm.events AS t WHERE t.object IN ('tenants', 'accounts', 'memberships')",
    );
    assert!(!directory.contains("acme") && directory.contains("globex"), "{directory}");
    assert_eq!(owner.get("/api/auth/me").await.status, 401);
    println!(
        "rows of the erased tenant in the catalog's tables: 0; tables of the other compared: {}",
        before.len()
    );
}

#[tokio::test]
async fn a_tenant_moves_from_a_file_to_a_server_and_back() {
    let file = Folder::with_demo().await;
    file.done(&["tenant", "export", "acme", "acme.jsonl"]).await;
    let archive = file.read("acme.jsonl");
    let database = Database::empty(Roles::Two);
    let mut folder = folder(&database);
    folder.set("CRM_DATABASE_OWNER", "crm_owner");
    folder.write("acme.jsonl", &archive);
    folder.done(&["tenant", "import", "acme.jsonl"]).await;
    let verified = folder.done(&["verify"]).await;
    assert!(verified.lines().count() == 2 && verified.lines().all(|line| line.ends_with("no differences")));
    let exported = folder.done(&["tenant", "export", "acme", "-"]).await;
    assert!(exported.as_bytes() == archive, "the archive is another one");
    folder.done(&["tenant", "erase", "acme", "--confirm", "acme"]).await;
    folder.done(&["tenant", "import", "acme.jsonl", "--slug", "acme-again"]).await;
    assert!(folder.done(&["tenant", "list"]).await.starts_with("acme-again\tactive\t"));
}

#[tokio::test]
async fn what_would_not_keep_tenants_apart_is_refused_with_what_mends_it() {
    let database = Database::empty(Roles::Two);
    let mut folder = folder(&database);
    folder.run(&["tenant", "list"]).await.refused(&["there is no schema `crm`", "crm-server migrate"]);
    folder.set("CRM_DATABASE_OWNER", "crm_owner");
    folder.done(&["migrate"]).await;
    folder.set("CRM_DATABASE", &database.superuser());
    folder.run(&["tenant", "list"]).await.refused(&["superuser"]);
    folder.set("CRM_DATABASE", "sqlite://crm.db");
    folder.run(&["tenant", "list"]).await.refused(&["--database-owner is for --database postgres://"]);
    assert!(!folder.has("crm.db"));
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_told_without_the_password() {
    let mut folder = Folder::new();
    folder.set("CRM_DATABASE", "postgres://crm:hunter2@127.0.0.1:1/crm");
    for command in [&["migrate"][..], &["tenant", "list"]] {
        let outcome = folder.run(command).await;
        assert_eq!(outcome.code, Some(1), "{outcome:?}");
        assert!(outcome.err.starts_with("error: ") && !outcome.err.contains("hunter2"), "{outcome:?}");
    }
}
