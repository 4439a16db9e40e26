//! Verification: silence about what is sound, and a word for each counter that is not.

use rusqlite::Connection;

use crate::process::Folder;

#[tokio::test]
async fn what_is_sound_is_said_tenant_by_tenant() {
    let folder = Folder::with_demo().await;
    let out = folder.done(&["verify"]).await;
    let places: Vec<&str> = out.lines().map(|line| line.split_once(": ").unwrap().0).collect();
    assert_eq!(places, ["(directory)", "acme", "globex"]);
    assert!(out.lines().all(|line| line.ends_with(": no differences")), "{out}");
    let one = folder.done(&["verify", "--tenant", "globex"]).await;
    assert_eq!(one, format!("{}\n", out.lines().last().unwrap()));
    folder.run(&["verify", "--tenant", "nowhere"]).await.refused(&["there is no tenant `nowhere`"]);
}

#[tokio::test]
async fn a_counter_that_was_changed_by_hand_is_named() {
    let folder = Folder::with_demo().await;
    let file = Connection::open(folder.path("crm.db")).unwrap();
    let acme = "(SELECT id FROM tenants WHERE slug = 'acme')";
    let sql = format!(
        "UPDATE counters SET value = value + 3 WHERE name = 'leads' AND key = 'new' AND tenant_id = {acme}"
    );
    assert_eq!(file.execute(&sql, []).unwrap(), 1);
    let stored: i64 = file
        .query_row(
            &format!(
                "SELECT value FROM counters WHERE name = 'leads' AND key = 'new' AND tenant_id = {acme}"
            ),
            [],
            |row| row.get(0),
        )
        .unwrap();
    file.close().unwrap();
    let outcome = folder.run(&["verify"]).await;
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    let named = format!("acme: counter leads `new` is {stored}, the rows make {}", stored - 3);
    assert!(outcome.out.lines().any(|line| line == named), "no `{named}` in {outcome:?}");
    assert!(
        outcome.out.lines().any(|line| line.starts_with("acme: ") && line.ends_with("DIFFERENCES FOUND"))
    );
    assert_eq!(folder.run(&["verify", "--tenant", "acme"]).await.code, Some(1));
    folder.done(&["verify", "--tenant", "globex"]).await;
    let again = folder.run(&["verify"]).await;
    assert_eq!(again.out, outcome.out, "it changes nothing");
}

#[tokio::test]
async fn a_record_that_was_taken_out_by_hand_is_named() {
    let folder = Folder::with_demo().await;
    let file = Connection::open(folder.path("crm.db")).unwrap();
    assert_eq!(
        file.execute("DELETE FROM interactions WHERE rid = (SELECT max(rid) FROM interactions)", []).unwrap(),
        1
    );
    file.close().unwrap();
    let outcome = folder.run(&["verify"]).await;
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.out.contains("globex: counter interactions"), "{outcome:?}");
}
