//! Tables of any content, quoting and line ends: every good row is found, every other is refused.

use std::collections::HashMap;

use crm_core::Customer;
use crm_server::import::Options;
use proptest::prelude::*;

use crate::bench::Bench;

#[derive(Clone, Debug)]
struct Line {
    name: String,
    notes: String,
    email: Option<bool>,
    quoted: bool,
    end: &'static str,
    short: bool,
}

fn line() -> impl Strategy<Value = Line> {
    let text = "[a-zA-Zäöß0-9,;\t|\" ]{0,12}";
    let notes = "[a-z,;\"\n\r ]{0,20}";
    let end = prop_oneof![Just("\n"), Just("\r\n"), Just("\r"), Just("\n\n")];
    (text, notes, proptest::option::of(any::<bool>()), any::<bool>(), end, prop::bool::weighted(0.05))
        .prop_map(|(name, notes, email, quoted, end, short)| Line { name, notes, email, quoted, end, short })
}

impl Line {
    fn email(&self) -> &'static str {
        match self.email {
            None => "",
            Some(true) => "a@example.com",
            Some(false) => "nope",
        }
    }

    fn is_good(&self) -> bool {
        !self.short
            && !self.name.trim().is_empty()
            && !self.name.trim().contains('\t')
            && self.email != Some(false)
    }
}

fn cell(text: &str, quoted: bool, delimiter: char) -> String {
    let needed = text.trim().starts_with('"') || text.contains([delimiter, '\n', '\r']);
    if quoted || needed { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

fn table(lines: &[Line], delimiter: char) -> String {
    let mut csv = format!("Id{delimiter}Name{delimiter}Notes{delimiter}Email\n");
    for (id, line) in lines.iter().enumerate() {
        let cells = [&id.to_string(), &line.name, &line.notes, line.email()];
        let cells = cells.iter().take(if line.short { 3 } else { 4 });
        let cells: Vec<String> = cells.map(|text| cell(text, line.quoted, delimiter)).collect();
        csv.push_str(&cells.join(&delimiter.to_string()));
        csv.push_str(line.end);
    }
    csv
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_good_row_is_found_and_every_other_refused(
        lines in prop::collection::vec(line(), 0..40),
        delimiter in prop_oneof![Just(','), Just(';'), Just('|')],
    ) {
        let csv = table(&lines, delimiter);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (done, made) = runtime.block_on(async {
            let bench = Bench::new().await;
            let options = Options { delimiter: Some(delimiter), ..Options::default() };
            let done = bench.customers(&csv, &options).await.unwrap();
            (done, bench.all::<Customer>().await)
        });
        let good = lines.iter().filter(|line| line.is_good()).count();
        prop_assert_eq!(done.report.read, lines.len() as u64, "{:?}", csv);
        prop_assert_eq!(done.report.created, good as u64, "{:?} {:?}", csv, done.lines);
        prop_assert_eq!(made.len(), good);
        let made: HashMap<_, _> = made.iter().map(|own| (own.external_id.clone().unwrap(), own)).collect();
        for (id, line) in lines.iter().enumerate().filter(|(_, line)| line.is_good()) {
            let own = made.get(&id.to_string()).unwrap();
            prop_assert_eq!(own.name.as_deref(), Some(line.name.trim()));
            prop_assert_eq!(own.notes.as_deref().unwrap_or_default(), line.notes.trim());
        }
    }

    #[test]
    fn rows_are_split_as_the_csv_crate_splits_them(lines in prop::collection::vec(line(), 1..30)) {
        let csv = table(&lines, ',');
        let mut theirs = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(csv.as_bytes());
        let theirs: Vec<Vec<String>> =
            theirs.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        let text = crm_server::import::Text::new(Box::new(std::io::Cursor::new(csv.clone().into_bytes())), None).unwrap();
        let mut rows = crm_server::import::open(text, Some(',')).unwrap();
        let mut row = crm_server::import::Row::default();
        let mut ours: Vec<Vec<String>> = Vec::new();
        while rows.read(&mut row).unwrap() {
            prop_assert_eq!(&row.fault, &None);
            ours.push(row.cells().map(str::to_owned).collect());
        }
        ours.remove(0);
        prop_assert_eq!(ours, theirs, "{:?}", csv);
    }
}
