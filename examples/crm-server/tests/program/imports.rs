//! Imports from the command line: exit codes, figures that add up, and company from a server on the same file.

use std::{collections::BTreeSet, process::Stdio};

use rusqlite::{Connection, OpenFlags};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    time::timeout,
};

use crate::process::{Folder, Outcome, PATIENCE};

const CUSTOMERS: &str = include_str!("../data/customers.csv");
const LEADS: &str = include_str!("../data/leads.csv");
const DUPLICATES: &str = include_str!("../data/leads-duplicates.csv");
const CUSTOMERS_IN: &[&str] = &["import", "customers", "file.csv", "--tenant", "acme"];
const LEADS_IN: &[&str] = &["import", "leads", "file.csv", "--tenant", "acme"];
/// What the stages of the sample leads mean that are not the pipeline's.
const STAGES: &[&str] = &[
    "--stage",
    "On Hold=contacted",
    "--stage",
    "Re-engagement=contacted",
    "--stage",
    "Negotiation=proposal",
    "--stage",
    "Disqualified=closed_lost",
];

/// The figures of an import.
#[derive(Debug, Default, PartialEq, Eq)]
struct Figures {
    read: u64,
    created: u64,
    updated: u64,
    already_there: u64,
    refused: u64,
    empty: u64,
}

impl Figures {
    /// From what a command printed: the last line, and the one about empty rows if there is one.
    fn of(out: &str) -> Self {
        let last = out.lines().last().unwrap_or_default();
        let figures = last.strip_prefix("dry run, nothing was written: ").unwrap_or(last);
        let mut numbers = figures.split(", ").map(|part| {
            let number = part.rsplit_once(' ').and_then(|(_, number)| number.parse().ok());
            number.unwrap_or_else(|| panic!("no figures: {out}"))
        });
        let empty = out.lines().find_map(|line| line.strip_suffix(" empty rows were skipped"));
        let mut next = || numbers.next().unwrap();
        Self {
            read: next(),
            created: next(),
            updated: next(),
            already_there: next(),
            refused: next(),
            empty: empty.map_or(0, |number| number.parse().unwrap()),
        }
    }

    /// All rows that are accounted for.
    fn rows(&self) -> u64 {
        self.created + self.updated + self.already_there + self.refused + self.empty
    }
}

/// The first lines of the rows that a command refused.
fn refused_lines(out: &str) -> Vec<u64> {
    let refused = out.lines().filter(|line| line.contains(": refused: "));
    let number = |line: &str| {
        let number = line.split([' ', ':']).nth(1).and_then(|number| number.parse().ok());
        number.unwrap_or_else(|| panic!("no line is named: {line}"))
    };
    refused.map(number).collect()
}

/// The lines of the sample rows with a stage that the pipeline does not have.
fn lines_of_unknown_stages(csv: &str) -> Vec<u64> {
    let known =
        BTreeSet::from(["New Lead", "Qualified", "Proposal Sent", "Closed Lost", "Closed Won", "Contacted"]);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let stage = reader.headers().unwrap().iter().position(|name| name == "Deal Stage").unwrap();
    // Each row of the samples is a line, and the first of them comes after the header.
    let rows = (2..).zip(reader.records().map(Result::unwrap));
    rows.filter(|(_, row)| !known.contains(&row[stage])).map(|(line, _)| line).collect()
}

/// The number of the last event of each tenant, which any change raises.
fn heads(folder: &Folder) -> Vec<i64> {
    let file = Connection::open_with_flags(folder.path("crm.db"), OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    file.busy_timeout(PATIENCE).unwrap();
    let mut statement = file.prepare("SELECT last_seq FROM heads ORDER BY tenant_no").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// A file of so many customers, each on a line.
fn many(rows: usize) -> String {
    let lines = (0..rows).map(|row| format!("{row},Person {row},person{row}@example.com\n"));
    std::iter::once("Id,Name,Email\n".to_owned()).chain(lines).collect()
}

#[tokio::test]
async fn every_row_of_the_samples_is_accounted_for() {
    let folder = Folder::with_tenant("acme").await;
    folder.write("file.csv", CUSTOMERS);
    let out = folder.done(CUSTOMERS_IN).await;
    assert_eq!(Figures::of(&out), Figures { read: 15, created: 15, ..Figures::default() }, "{out}");
    for (csv, refused) in [(LEADS, 9), (DUPLICATES, 11)] {
        folder.write("file.csv", csv);
        let outcome = folder.run(LEADS_IN).await;
        assert_eq!(outcome.code, Some(3), "{outcome:?}");
        let figures = Figures::of(&outcome.out);
        assert_eq!((figures.read, figures.rows(), figures.refused), (15, 15, refused), "{outcome:?}");
        assert_eq!(refused_lines(&outcome.out).len() as u64, refused);
    }
    folder.done(&["verify"]).await;
}

#[tokio::test]
async fn refused_rows_are_named_by_line_and_taken_once_their_stages_are_told() {
    let folder = Folder::with_tenant("acme").await;
    folder.write("file.csv", LEADS);
    let outcome = folder.run(LEADS_IN).await;
    assert_eq!(outcome.code, Some(3));
    assert_eq!(refused_lines(&outcome.out), lines_of_unknown_stages(LEADS), "{}", outcome.out);
    let told = folder.done(&[LEADS_IN, STAGES].concat()).await;
    let rest = Figures { read: 15, created: 9, already_there: 6, ..Figures::default() };
    assert_eq!(Figures::of(&told), rest, "{told}");
    let server = folder.serve(&[]).await;
    folder
        .run_with(
            &[
                "user",
                "create",
                "--tenant",
                "acme",
                "--email",
                "ada@acme.test",
                "--role",
                "viewer",
                "--password-stdin",
            ],
            "looks at leads",
        )
        .await
        .done();
    let ada = server.stranger().sign_in("ada@acme.test", "looks at leads").await;
    assert_eq!(ada.count("/api/leads").await, 15);
    let brett = ada.get("/api/leads?external_id=XQGObRgcb9").await.json;
    assert_eq!(
        (&brett["data"][0]["name"], &brett["data"][0]["stage"]),
        (&json!("Brett Mendoza"), &json!("contacted"))
    );
}

#[tokio::test]
async fn a_second_import_changes_nothing() {
    let folder = Folder::with_tenant("acme").await;
    for (command, csv) in [(CUSTOMERS_IN, CUSTOMERS), (LEADS_IN, LEADS), (LEADS_IN, DUPLICATES)] {
        folder.write("file.csv", csv);
        let first = folder.run(command).await;
        let (before, events) = (folder.done(&["verify"]).await, heads(&folder));
        let second = folder.run(command).await;
        assert_eq!((folder.done(&["verify"]).await, heads(&folder)), (before, events));
        let (first, figures) = (Figures::of(&first.out), Figures::of(&second.out));
        assert_eq!((figures.created, figures.updated), (0, 0), "{second:?}");
        assert_eq!((figures.already_there, figures.refused), (first.created, first.refused), "{second:?}");
    }
}

#[tokio::test]
async fn a_dry_run_says_what_would_happen_and_writes_nothing() {
    let folder = Folder::with_tenant("acme").await;
    let (before, events) = (folder.done(&["verify"]).await, heads(&folder));
    for (command, csv) in [(CUSTOMERS_IN, CUSTOMERS), (LEADS_IN, LEADS)] {
        folder.write("file.csv", csv);
        let dry = folder.run(&[command, &["--dry-run"]].concat()).await;
        assert_eq!((folder.done(&["verify"]).await, heads(&folder)), (before.clone(), events.clone()));
        assert!(dry.out.lines().last().unwrap().starts_with("dry run, nothing was written: "), "{dry:?}");
        let clone = Folder::with_tenant("acme").await;
        clone.write("file.csv", csv);
        let real = clone.run(command).await;
        assert_eq!(dry.code, real.code);
        assert_eq!(dry.out.replace("dry run, nothing was written: ", ""), real.out);
    }
}

#[tokio::test]
async fn columns_are_mapped_by_hand_and_read_from_the_standard_input() {
    let folder = Folder::with_tenant("acme").await;
    let csv = "Nr;Wer;Was\n7;Ada;ada@example.com\n\n;;\n8;Bob;\n9;;\n";
    let piped = ["import", "customers", "-", "--tenant", "acme"];
    let unmapped = folder.run_with(&piped, csv).await;
    assert_eq!(unmapped.code, Some(1), "{unmapped:?}");
    let maps = ["--map", "Nr=external_id", "--map", "Wer=name", "--map", "Was=email"];
    let outcome = folder.run_with(&[&piped[..], &maps].concat(), csv).await;
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    let figures = Figures::of(&outcome.out);
    assert_eq!((figures.read, figures.created, figures.refused), (3, 2, 1), "{outcome:?}");
    assert_eq!(refused_lines(&outcome.out), [6]);
    let unknown = folder.run_with(&[&piped[..], &["--map", "Nr=shoe_size"]].concat(), csv).await;
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    assert!(unknown.err.contains("shoe_size"), "{unknown:?}");
}

#[tokio::test]
async fn what_cannot_be_imported_is_told() {
    let folder = Folder::with_tenant("acme").await;
    folder.write("file.csv", CUSTOMERS);
    folder.write("empty.csv", "");
    let events = heads(&folder);
    for (arguments, words) in [
        (&["customers", "file.csv", "--tenant", "nowhere"][..], "there is no tenant `nowhere`"),
        (&["customers", "missing.csv", "--tenant", "acme"], "`missing.csv` cannot be opened"),
        (&["customers", ".", "--tenant", "acme"], "`.` is a folder"),
        (&["customers", "empty.csv", "--tenant", "acme"], "the file is empty"),
        (&["customers", "file.csv", "--tenant", "acme", "--stage", "a=new"], "--stage is for leads"),
        (&["leads", "file.csv", "--tenant", "acme", "--stage", "a=nothing"], "nothing"),
    ] {
        folder.run(&[&["import"], arguments].concat()).await.refused(&[words]);
    }
    assert_eq!(heads(&folder), events);
}

#[tokio::test]
async fn a_file_is_imported_while_the_server_writes() {
    const ROWS: usize = 3_000;
    let folder = Folder::with_demo().await;
    folder.write("file.csv", many(ROWS));
    let server = folder.serve(&[]).await;
    let member = server.user("member@acme.test").await;
    let before = member.count("/api/customers").await;
    let import = folder.run(CUSTOMERS_IN);
    let writes = async {
        let mut made = 0;
        for _ in 0..60 {
            let answer = member.post("/api/customers", json!({ "name": "Ada" })).await;
            assert_eq!(answer.status, 201, "{answer:?}");
            made += 1;
        }
        made
    };
    let (outcome, made) = tokio::join!(import, writes);
    let out = outcome.done();
    assert_eq!(Figures::of(&out), Figures { read: 3_000, created: 3_000, ..Figures::default() }, "{out}");
    assert_eq!(member.count("/api/customers").await, before + 3_000 + made);
    let second = folder.done(CUSTOMERS_IN).await;
    assert_eq!(Figures::of(&second), Figures { read: 3_000, already_there: 3_000, ..Figures::default() });
    server.stop().await;
    folder.done(&["verify"]).await;
}

#[tokio::test]
async fn an_import_that_was_killed_is_finished_by_the_next_one() {
    const ROWS: usize = 6_000;
    let folder = Folder::with_tenant("acme").await;
    let csv = many(ROWS);
    let (most, _) = csv.split_at(csv.len() * 2 / 3);
    let events = heads(&folder);
    let mut import = folder.command(&["import", "customers", "-", "--tenant", "acme"]);
    let mut child = import.stdin(Stdio::piped()).spawn().unwrap();
    // It never sees the end of the file, so that it cannot have finished when it is killed.
    let mut stdin = child.stdin.take().unwrap();
    timeout(PATIENCE, stdin.write_all(most.as_bytes())).await.unwrap().unwrap();
    let written = async {
        while heads(&folder) == events {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, written).await.expect("nothing is written");
    child.start_kill().unwrap();
    timeout(PATIENCE, child.wait()).await.unwrap().unwrap();
    folder.done(&["verify"]).await;
    folder.write("file.csv", &csv);
    let out = folder.done(CUSTOMERS_IN).await;
    let figures = Figures::of(&out);
    assert!(figures.already_there > 0 && figures.created > 0, "{out}");
    assert_eq!((figures.read, figures.rows()), (ROWS as u64, ROWS as u64), "{out}");
    folder.done(&["verify"]).await;
}

#[tokio::test]
async fn an_import_whose_report_nobody_reads_any_more_says_how_far_it_came() {
    let folder = Folder::with_tenant("acme").await;
    // More refusals than a pipe holds, between rows that are fine.
    let rows = (0..8_000).map(|row| {
        let email = if row % 2 == 0 { "broken" } else { "ada@example.com" };
        format!("{row},Person {row},{email}\n")
    });
    folder.write("file.csv", std::iter::once("Id,Name,Email\n".to_owned()).chain(rows).collect::<String>());
    let mut child = folder.command(CUSTOMERS_IN).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut heard = String::new();
    while !heard.contains(": refused: ") {
        let more = timeout(PATIENCE, out.read_line(&mut heard)).await.unwrap().unwrap();
        assert!(more > 0, "{heard}");
    }
    drop(out);
    let outcome = Outcome::of(child).await;
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    let told = outcome.err.lines().find_map(|line| line.strip_prefix("error: stopped after ")).unwrap();
    let (told, reason) = told.split_once(": ").unwrap();
    assert!(reason.starts_with("the output cannot be written"), "{outcome:?}");
    let (told, again) = (Figures::of(told), folder.run(CUSTOMERS_IN).await);
    assert!(told.created > 0 && told.rows() == told.read, "{outcome:?}");
    assert_eq!(Figures::of(&again.out).already_there, told.created);
    folder.done(&["verify"]).await;
}
