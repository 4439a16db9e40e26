//! Any file is refused as a whole, or each of its rows is made a record, skipped or refused; and importing it again makes
//! nothing.

#![no_main]

use std::io::{self, Cursor};

use crm_core::{Customer, Entity, Error, Lead, Query};
use crm_fuzz::World;
use crm_server::import::{Listener, Options, Report, Row, Text, import, open};
use libfuzzer_sys::{Corpus, fuzz_target};

/// The most bytes that a report may have for each byte of the file, and beside that.
const TOLD: (usize, usize) = (400, 10_000);

struct Told(usize);

impl Listener for Told {
    fn line(&mut self, line: &str) -> io::Result<()> {
        steers_nothing(line);
        self.0 += line.len() + 1;
        Ok(())
    }
}

fn steers_nothing(line: &str) {
    assert!(!line.contains(|letter: char| letter.is_control()), "a line that steers the terminal: {line:?}");
}

fn text(file: &[u8]) -> Option<Text> {
    Text::new(Box::new(Cursor::new(file.to_vec())), None).ok()
}

fn options(flags: u8) -> Options {
    let mut options = Options::default();
    options.lenient = flags & 2 != 0;
    options.keep_unmapped = flags & 4 != 0;
    options.update = flags & 8 != 0;
    options.dry_run = flags & 16 != 0;
    options
}

/// What became of the rows; `None` if the file was refused as a whole.
fn bring_in<T: Entity>(world: &World, file: &[u8], options: &Options) -> Option<Report> {
    let mut told = Told(0);
    let done = world.run(import::<T>(&world.crm, &world.tenants[0], text(file)?, options, &mut told));
    assert!(told.0 <= TOLD.0 * file.len() + TOLD.1, "{} bytes told of a file of {}", told.0, file.len());
    match done {
        Ok(report) => {
            assert!(report.adds_up(), "{report}");
            Some(report)
        }
        Err(error) => {
            let of_store = error.chain().filter_map(|cause| cause.downcast_ref::<Error>()).next();
            assert!(of_store.is_none(), "the engine failed: {error:#}");
            steers_nothing(&format!("{error:#}"));
            None
        }
    }
}

/// How many rows the file has below its header.
fn rows(file: &[u8]) -> u64 {
    let mut rows = open(text(file).expect("text, as before"), None).expect("rows, as before");
    let (mut row, mut count) = (Row::default(), 0_u64);
    while rows.read(&mut row).expect("rows, as before") {
        count += 1;
    }
    count.saturating_sub(1)
}

fn check<T: Entity>(file: &[u8], options: &Options) {
    let world = World::new();
    let Some(first) = bring_in::<T>(&world, file, options) else { return };
    assert_eq!(first.read + first.empty, rows(file), "rows are lost: {first}");
    let query = Query::<T>::new();
    let there = world.run(world.crm.records::<T>(&world.tenants[0]).count(&query)).expect("a count");
    let made = if options.dry_run { 0 } else { first.created };
    assert_eq!(there, made, "records without a row, or rows without a record: {first}");
    world.verify(0);
    if !options.dry_run {
        let second = bring_in::<T>(&world, file, options).expect("a file that was taken before");
        assert_eq!((second.created, second.updated), (0, 0), "the second time: {second}, the first: {first}");
        assert_eq!(second.refused, first.refused, "the second time: {second}, the first: {first}");
    }
}

fuzz_target!(|input: &[u8]| -> Corpus {
    let Some((flags, file)) = input.split_first() else { return Corpus::Reject };
    if flags & 1 == 0 {
        check::<Customer>(file, &options(*flags));
    } else {
        check::<Lead>(file, &options(*flags));
    }
    Corpus::Keep
});
