//! Which character separates the cells of a file.

use std::io;

use super::{
    decode::Text,
    rows::{Row, Rows},
};

/// The characters that may.
pub const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

/// How much text the choice is made from.
const SAMPLE: usize = 64 * 1024;
/// How many rows of it are looked at.
const SAMPLE_ROWS: usize = 50;

/// Opens a table: finds its delimiter unless it is given, and stands before its first row.
///
/// A first line `sep=;`, as spreadsheets write it, decides. Else it is the character that splits the most rows into
/// as many cells as the first.
///
/// # Errors
/// If the file cannot be read.
pub fn open(mut text: Text, delimiter: Option<char>) -> io::Result<Rows> {
    let mut begun = String::new();
    let mut more = true;
    while more && begun.len() < SAMPLE {
        more = text.read(&mut begun)?;
    }
    let first_line = begun.lines().next().unwrap_or_default().trim_matches('"');
    let named = first_line.get(..4).filter(|word| word.eq_ignore_ascii_case("sep="));
    let named = named.and_then(|word| first_line.get(word.len()..)).and_then(only_char);
    let found = delimiter.or(named).unwrap_or_else(|| detect(&begun, more));
    let mut rows = Rows::new(text, begun, u8::try_from(found).unwrap_or(b','));
    if named.is_some() {
        rows.skip_line()?;
    }
    Ok(rows)
}

fn only_char(text: &str) -> Option<char> {
    let mut chars = text.chars();
    chars.next().filter(|found| chars.next().is_none() && DELIMITERS.contains(found))
}

fn detect(sample: &str, is_cut: bool) -> char {
    let scores = DELIMITERS.map(|delimiter| (score(sample, is_cut, delimiter), delimiter));
    // Of equals the first in the list stands.
    let best = scores.into_iter().rev().max_by_key(|(score, _)| *score);
    best.filter(|(score, _)| *score > (0, 0)).map_or(',', |(_, delimiter)| delimiter)
}

/// How well a delimiter fits: the share of rows, in percent, that are as wide as the first, then that width.
fn score(sample: &str, is_cut: bool, delimiter: char) -> (usize, usize) {
    let text = Text::of(sample.to_owned());
    let mut rows = Rows::new(text, String::new(), u8::try_from(delimiter).unwrap_or(b','));
    let mut widths = Vec::new();
    let mut row = Row::default();
    while widths.len() <= SAMPLE_ROWS && rows.read(&mut row).unwrap_or(false) {
        widths.push(if row.fault.is_some() { 0 } else { row.len() });
    }
    if is_cut && widths.len() > 1 && widths.len() <= SAMPLE_ROWS {
        widths.pop();
    }
    match widths.first() {
        Some(first) if *first > 1 => {
            let fitting = widths.iter().filter(|width| *width == first).count();
            (100 * fitting / widths.len(), *first)
        }
        _ => (0, 0),
    }
}
