//! Texts that a spreadsheet would run when a CSV file is opened, made harmless on the way out and whole on the way in.
//!
//! A cell is run if it begins with `=`, `+`, `-` or `@`, be it after white space, control characters or quotes. Such a
//! cell gets an apostrophe in front, which spreadsheets take for "this is text". The same happens inside a text after
//! whatever another program may take for the end of a cell. A text that has such an apostrophe already gets one more,
//! so that taking one away gives back exactly what was.

use std::borrow::Cow;

const APOSTROPHE: char = '\'';

/// What may end a cell for a program that takes another delimiter than the file's.
const ENDS: [char; 5] = [';', '\t', '|', '\n', '\r'];

/// Whether a text, taken for a cell, would be run.
fn is_run(text: &str) -> bool {
    let skipped = |letter: char| {
        letter.is_whitespace() || letter.is_control() || matches!(letter, APOSTROPHE | '"' | '\u{FEFF}')
    };
    text.trim_start_matches(skipped).starts_with(['=', '+', '-', '@'])
}

/// The text with an apostrophe wherever it would be run.
pub(crate) fn defused(text: &str) -> Cow<'_, str> {
    edited(text, |cell, out| {
        out.push(APOSTROPHE);
        out.push_str(cell);
    })
}

/// The text that [`defused`] made this of. One that has no such apostrophe stays as it is.
pub(crate) fn restored(text: &str) -> Cow<'_, str> {
    edited(text, |cell, out| out.push_str(cell.strip_prefix(APOSTROPHE).unwrap_or(cell)))
}

/// The text with each part of it edited that would be run, were it a cell.
fn edited(text: &str, edit: impl Fn(&str, &mut String)) -> Cow<'_, str> {
    if !text.contains(['=', '+', '-', '@']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    for part in text.split_inclusive(ENDS) {
        if is_run(rest) {
            edit(part, &mut out);
        } else {
            out.push_str(part);
        }
        rest = rest.get(part.len()..).unwrap_or_default();
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_would_be_run_is_made_text() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("+44 20 7946 0000", "'+44 20 7946 0000"),
            ("-5", "'-5"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\u{1}\t =1", "'\u{1}\t' =1"),
            ("'=1", "''=1"),
            ("\"=1", "'\"=1"),
            ("a;=1", "a;'=1"),
            ("list:\n- one\n- two", "list:\n'- one\n'- two"),
            ("plain", "plain"),
            ("a=b", "a=b"),
            ("ada@example.com", "ada@example.com"),
            ("it's", "it's"),
            ("", ""),
        ] {
            assert_eq!(defused(text), cell, "{text:?}");
            assert_eq!(restored(cell), text, "{cell:?}");
        }
        for foreign in ["'quoted'", "O'Neill", "=1", "a;-b"] {
            assert_eq!(restored(foreign), foreign, "what was not defused stays");
        }
    }

    proptest! {
        #[test]
        fn restoring_is_the_inverse_of_defusing(text in "['\"=+@; \n\t|a\u{feff}-]{0,24}") {
            let cell = defused(&text).into_owned();
            prop_assert_eq!(restored(&cell), text);
            for start in cell.split(ENDS) {
                prop_assert!(!start.trim_start().starts_with(['=', '+', '-', '@']), "{:?}", cell);
            }
        }
    }
}
