//! Exports from the command line: to a file or to a pipe, whole or not at all.

use crate::process::Folder;

#[tokio::test]
async fn every_kind_is_exported_and_what_import_knows_comes_back() {
    let folder = Folder::with_demo().await;
    for kind in ["customers", "contacts", "leads", "interactions", "projects", "tasks"] {
        let file = format!("{kind}.csv");
        let out = folder.done(&["export", kind, &file, "--tenant", "acme"]).await;
        let csv = String::from_utf8(folder.read(&file)).unwrap();
        let count = csv::Reader::from_reader(csv.as_bytes()).records().map(Result::unwrap).count();
        assert!(count > 0 && csv.starts_with("id,"), "{csv}");
        assert_eq!(out, format!("exported {count} {kind}\n"));
        assert_eq!(folder.done(&["export", kind, "-", "--tenant", "acme"]).await, csv);
        assert!(!folder.has(&format!("{file}.part")));
    }
    for kind in ["customers", "leads"] {
        let file = format!("{kind}.csv");
        let report = folder.done(&["import", kind, &file, "--tenant", "globex"]).await;
        assert!(report.ends_with("already there 0, refused 0\n"), "{report}");
        let again = folder.done(&["import", kind, &file, "--tenant", "globex"]).await;
        assert!(again.contains("created 0, updated 0,"), "{again}");
    }
}

#[tokio::test]
async fn what_cannot_be_exported_is_told_and_leaves_no_file() {
    let folder = Folder::with_demo().await;
    folder.write("there.csv", "mine");
    let export = |file: &'static str, more: &'static [&'static str]| {
        [&["export", "leads", file, "--tenant", "acme"][..], more].concat()
    };
    folder.run(&export("there.csv", &[])).await.refused(&["`there.csv` is there already"]);
    assert_eq!(folder.read("there.csv"), b"mine");
    folder.run(&export("nowhere/leads.csv", &[])).await.refused(&["`nowhere/leads.csv` cannot be written"]);
    for (more, words) in [
        (&["--filter", "color=red"][..], "cannot be filtered by `color`"),
        (&["--filter", "created_at=soon"], "`created_at` must be"),
    ] {
        folder.run(&export("leads.csv", more)).await.refused(&[words]);
    }
    let nowhere = ["export", "leads", "leads.csv", "--tenant", "nowhere"];
    folder.run(&nowhere).await.refused(&["there is no tenant `nowhere`"]);
    assert_eq!(folder.run(&["export", "users", "users.csv", "--tenant", "acme"]).await.code, Some(2));
    assert_eq!(folder.run(&export("leads.csv", &["--filter", "color"])).await.code, Some(2));
    assert!(!folder.has("leads.csv") && !folder.has("leads.csv.part"));
}
