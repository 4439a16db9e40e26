//! Tables as they should not be: nothing is lost without a word.

use crm_core::Customer;
use crm_server::import::{MAX_CELL, MAX_COLUMNS, Options};

use crate::bench::{Bench, options};

async fn refused(csv: &str) -> String {
    Bench::new().await.customers(csv, &Options::default()).await.unwrap_err()
}

#[tokio::test]
async fn a_file_that_is_no_table_is_refused_as_a_whole() {
    for (csv, message) in [
        ("", "the file is empty"),
        ("\n\n  \n", "the file has no content"),
        ("PK\u{3}\u{4}...", "this is a spreadsheet or an archive"),
        ("Na\0me,City\nAda,Bonn\n", "the column names hold characters that are no text"),
        (
            "\"Name,City\nAda,Bonn\n",
            "the column names on lines 1 to 3 cannot be read: the quote that opens column 1",
        ),
    ] {
        let refused = refused(csv).await;
        assert!(refused.contains(message), "{refused}");
    }
}

#[tokio::test]
async fn a_header_alone_imports_nothing() {
    let done = Bench::new().await.customers("Name,City\r\n", &Options::default()).await.unwrap();
    assert_eq!(done.report.to_string(), "read 0, created 0, updated 0, already there 0, refused 0");
}

#[tokio::test]
async fn ragged_rows_are_refused_one_by_one() {
    let csv = "Name,City,Zip\nAda,Bonn\nBob,Bonn,1\nCy,Bonn,1,2\nDi,Bonn,1,,\n\n,,\nEd,Bonn,2\n";
    let done = Bench::new().await.customers(csv, &Options::default()).await.unwrap();
    assert_eq!((done.report.created, done.report.refused, done.report.empty), (3, 2, 1));
    assert!(done.has("line 2: refused: it has 2 cells, the header has 3"), "{:?}", done.lines);
    assert!(done.has("line 4: refused: it has 4 cells, the header has 3"));
    assert!(done.has("1 empty rows were skipped"));
}

#[tokio::test]
async fn lines_are_counted_as_they_stand_in_the_file() {
    let csv = "Name,Email\r\n\"Ada\r\nLovelace\",x\r\n\r\nBob,x\nCy,x\rDi,x\r\n\"E\n\n\nd\",x\n";
    let done = Bench::new().await.customers(csv, &Options::default()).await.unwrap();
    let lines: Vec<&str> =
        done.lines.iter().filter_map(|line| line.split_once(": refused")).map(|(line, _)| line).collect();
    assert_eq!(lines, ["lines 2 to 3", "line 5", "line 6", "line 7", "lines 8 to 11"]);
}

#[tokio::test]
async fn quotes_that_do_not_fit_refuse_their_row() {
    let csv = "Name,City\n\"Ada\"x,Bonn\n\"Bob\" ,\"B\"\"onn\"\n 5\" pipe,Kiel\nCy,\"Ulm\nDi,Bonn\n";
    let done = Bench::new().await.customers(csv, &Options::default()).await.unwrap();
    assert_eq!((done.report.created, done.report.refused), (2, 2), "{:?}", done.lines);
    assert!(
        done.has(
            "line 2: refused: column 1 goes on after the quote that closes it (it was opened on line 2)"
        )
    );
    assert!(
        done.has("lines 5 to 7: refused: the quote that opens column 2 on line 5 is never closed"),
        "{:?}",
        done.lines
    );
}

#[tokio::test]
async fn nul_and_other_control_characters_are_refused_and_not_printed() {
    let done = Bench::new()
        .await
        .customers("Name,City\nA\0da,Bonn\nB\u{1b}[31m,x\n", &Options::default())
        .await
        .unwrap();
    assert_eq!(done.report.refused, 2);
    assert!(
        done.has("line 2: refused: Name must not contain the control character U+0000"),
        "{:?}",
        done.lines
    );
    assert!(!done.lines.iter().any(|line| line.contains(char::is_control)));
}

#[tokio::test]
async fn nothing_in_a_file_steers_the_terminal() {
    let names = "Lead Name,Email,Phone,Stage,Amount,Expected Close,Owner,Created,ID";
    let row = vec!["1"; names.split(',').count()].join(",");
    let euros = options(&["currency EUR"]);
    for odd in ["\u{1b}[31m", "\0", "\u{9b}2J", "\u{202e}", "\u{2066}"] {
        let mut files = Vec::new();
        for (column, name) in names.split(',').enumerate() {
            let cell = |own| if own == column { format!("1{odd}2") } else { String::new() };
            let cells: Vec<String> = (0..names.split(',').count()).map(cell).collect();
            files.push(format!("{names}\n{}\n", cells.join(",")));
            // A column that is known in spite of what is in its name, once and twice.
            let strange = names.replace(name, &format!("{odd}{name}"));
            files.push(format!("{strange}\n{row}\n"));
            files.push(format!("{strange},{odd}{name}\n{row},1\n"));
        }
        for csv in files {
            let told = match Bench::new().await.leads(&csv, &euros).await {
                Ok(done) => done.lines.join("\n"),
                Err(refused) => refused,
            };
            let steers = |letter: char| {
                (letter.is_control() && letter != '\n') || matches!(letter, '\u{202e}' | '\u{2066}')
            };
            assert!(!told.contains(steers), "{told:?}");
        }
    }
}

#[tokio::test]
async fn an_id_that_no_record_can_have_refuses_its_row_and_no_other() {
    let csv = "ID,Name\nA,Ada\n\0,Bob\nC\u{1b},Cyd\nD,Dan\n";
    for leads in [false, true] {
        for words in [&["update"][..], &["lenient"], &["dry_run"], &[]] {
            let done = Bench::new().await.import(csv, leads, &options(words)).await.unwrap();
            assert_eq!((done.report.created, done.report.refused), (2, 2), "{words:?} {:?}", done.lines);
            assert!(
                done.has("line 3: refused: ID must not contain the control character U+0000"),
                "{:?}",
                done.lines
            );
        }
    }
}

#[tokio::test]
async fn a_cell_without_end_is_refused_without_being_kept() {
    let bench = Bench::new().await;
    let csv = format!("Name,Notes\nAda,\"{}\"\nBob,ok\n", "x".repeat(9 * MAX_CELL));
    let done = bench.customers(&csv, &Options::default()).await.unwrap();
    assert_eq!((done.report.created, done.report.refused), (1, 1));
    assert!(done.has(
        "line 2: refused: column 2 has more than 1024 KiB; the quote opened on line 2 is probably never"
    ));
    assert_eq!(bench.all::<Customer>().await.len(), 1);
}

#[tokio::test]
async fn more_columns_than_any_export_has_are_refused() {
    let wide = ",x".repeat(1_000_000);
    let header = refused(&format!("Name{wide}\n")).await;
    assert!(header.contains(&format!("it has more than {MAX_COLUMNS} columns")), "{header}");
    let done =
        Bench::new().await.customers(&format!("Name,City\nAda{wide}\nBob,Bonn\n"), &Options::default()).await;
    let done = done.unwrap();
    assert_eq!((done.report.created, done.report.refused), (1, 1));
}

#[tokio::test]
async fn an_address_on_several_lines_becomes_one() {
    let bench = Bench::new().await;
    let csv = "Name,Street\nAda,\"1 High St\r\n Flat 2\n\"\n";
    bench.customers(csv, &Options::default()).await.unwrap();
    assert_eq!(bench.all::<Customer>().await[0].address_line1.as_deref(), Some("1 High St, Flat 2"));
}
