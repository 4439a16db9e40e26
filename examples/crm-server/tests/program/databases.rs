//! Databases: which are made, which are brought up to date, and which are left alone.

use rusqlite::Connection;

use crate::process::Folder;

const SERVE: &[&str] = &["--listen", "127.0.0.1:0"];

/// Every command that needs a database, on this one.
fn commands(database: &str) -> Vec<Vec<&str>> {
    let commands: [&[&str]; 11] = [
        SERVE,
        &["serve", "--listen", "127.0.0.1:0", "--no-migrate"],
        &["migrate"],
        &["tenant", "create", "acme"],
        &["tenant", "list"],
        &["tenant", "erase", "acme", "--confirm", "acme"],
        &["tenant", "export", "acme", "acme.jsonl"],
        &["tenant", "import", "customers.csv"],
        &["export", "leads", "leads.csv", "--tenant", "acme"],
        &["verify"],
        &["import", "customers", "customers.csv", "--tenant", "acme"],
    ];
    commands.iter().map(|command| [command, &["--database", database][..]].concat()).collect()
}

/// That no command does anything with a file, and that each says why.
async fn left_alone(folder: &Folder, name: &str, words: &[&str]) {
    let before = folder.read(name);
    folder.write("customers.csv", "Id,Name\n1,Ada\n");
    for command in commands(&format!("sqlite://{name}")) {
        folder.run(&command).await.refused(words);
        assert!(folder.read(name) == before, "{command:?} has written to {name}");
    }
    for beside in ["-wal", "-shm", "-journal"] {
        assert!(!folder.has(&format!("{name}{beside}")), "{beside} is left");
    }
}

#[tokio::test]
async fn only_serving_migrating_and_creating_a_tenant_make_a_database() {
    let folder = Folder::new();
    folder.write("customers.csv", "Id,Name\n1,Ada\n");
    for command in [
        &["--listen", "127.0.0.1:0", "--no-migrate"][..],
        &["tenant", "list"],
        &["tenant", "erase", "acme", "--confirm", "acme"],
        &["tenant", "export", "acme", "acme.jsonl"],
        &["verify"],
        &["user", "create", "--tenant", "acme", "--email", "ada@acme.test", "--role", "owner"],
        &["user", "set-password", "--email", "ada@acme.test"],
        &["import", "customers", "customers.csv", "--tenant", "acme"],
    ] {
        folder.run(command).await.refused(&["there is no file", "crm.db", "`crm-server migrate` makes it"]);
        assert!(!folder.has("crm.db"), "{command:?}");
    }
    folder.done(&["migrate"]).await;
    folder.done(&["tenant", "create", "acme", "--database", "sqlite://other.db"]).await;
    assert!(folder.has("crm.db") && folder.has("other.db"));
    folder.serve(&["--no-migrate"]).await.stop().await;
}

#[tokio::test]
async fn migrate_says_what_it_did_and_does_it_once() {
    let folder = Folder::new();
    let first = folder.done(&["migrate"]).await;
    assert!(
        first.starts_with("applied 1 foundation\n") && first.contains("is up to date, at schema"),
        "{first}"
    );
    folder.done(&["tenant", "create", "acme"]).await;
    let before = folder.done(&["verify"]).await;
    let second = folder.done(&["migrate"]).await;
    assert!(!second.contains("applied") && second.contains("is up to date, at schema"), "{second}");
    assert_eq!(folder.done(&["verify"]).await, before);
}

#[tokio::test]
async fn an_older_schema_is_refused_where_it_may_not_be_migrated() {
    let folder = Folder::new();
    folder.write("crm.db", "");
    folder.write("customers.csv", "Id,Name\n1,Ada\n");
    for command in [
        &["--listen", "127.0.0.1:0", "--no-migrate"][..],
        &["tenant", "list"],
        &["verify"],
        &["import", "customers", "customers.csv", "--tenant", "acme"],
    ] {
        folder.run(command).await.refused(&["has schema 0", "with `crm-server migrate`"]);
        assert_eq!(folder.read("crm.db"), b"", "{command:?}");
    }
    folder.done(&["migrate"]).await;
    folder.serve(&["--no-migrate"]).await.stop().await;
}

#[tokio::test]
async fn a_file_of_another_program_is_left_alone() {
    let folder = Folder::new();
    let other = Connection::open(folder.path("other.db")).unwrap();
    other.execute_batch("CREATE TABLE tenants (name TEXT); INSERT INTO tenants VALUES ('acme')").unwrap();
    other.close().unwrap();
    left_alone(&folder, "other.db", &["other.db", "belongs to another program"]).await;
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_alone() {
    let folder = Folder::new();
    folder.write("letter.txt", "Dear Ada,\n".repeat(500));
    left_alone(&folder, "letter.txt", &["letter.txt", "is no SQLite database"]).await;
}

#[tokio::test]
async fn a_schema_of_a_newer_program_is_left_alone() {
    let folder = Folder::with_tenant("acme").await;
    let newer = Connection::open(folder.path("crm.db")).unwrap();
    newer
        .execute_batch("INSERT INTO migrations SELECT 999, 'later', 0, 0; PRAGMA journal_mode = DELETE")
        .unwrap();
    newer.close().unwrap();
    left_alone(&folder, "crm.db", &["schema 999", "use a newer version of the program"]).await;
}

#[tokio::test]
async fn an_unknown_database_is_refused_without_repeating_its_password() {
    let folder = Folder::new();
    for (address, words) in [
        ("mysql://root:secret@localhost/crm", "names no database: use sqlite://FILE"),
        #[cfg(not(feature = "postgres"))]
        ("postgres://crm:secret@localhost/crm", "built without PostgreSQL"),
        ("crm.db", "use sqlite://FILE"),
        ("", "use sqlite://FILE"),
        ("sqlite://crm.db?mode=ro", "--database takes none"),
        ("sqlite://nowhere/crm.db", "nowhere` is no folder"),
        ("sqlite://.", "is a folder"),
    ] {
        for command in commands(address) {
            let outcome = folder.run(&command).await;
            outcome.refused(&[words]);
            assert!(!outcome.err.contains("secret"), "{outcome:?}");
        }
    }
    let left: Vec<_> = std::fs::read_dir(folder.path(".")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_command_on_memory_would_be_pointless_and_says_so() {
    let folder = Folder::new();
    for command in
        commands("memory:").iter().filter(|command| command.iter().all(|word| !word.contains("listen")))
    {
        folder.run(command).await.refused(&["memory:", "gone when the command ends", "sqlite://FILE"]);
    }
}
