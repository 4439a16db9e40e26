//! Rows of a CSV text, one at a time, with the lines they stand on.
//!
//! As RFC 4180 has it, and as its neighbours write it: any of the common delimiters, line ends of any system and
//! mixed, white space around cells. What cannot be read one way only is a fault of its row, never a guess.

use std::{fmt, io};

use memchr::memchr3;

use super::decode::Text;

/// The most bytes that one cell may have. The longest field of a record is far shorter.
pub const MAX_CELL: usize = 1024 * 1024;
/// The most columns that a file may have.
pub const MAX_COLUMNS: usize = 1000;
/// The most bytes that one row may have.
const MAX_ROW: usize = 8 * MAX_CELL;

/// One row: its cells, white space around them removed.
#[derive(Debug, Default)]
pub struct Row {
    /// The line that it begins on; the first of the file is 1.
    pub line: u64,
    /// The line that it ends on; a later one if a quoted cell has line breaks.
    pub last_line: u64,
    /// Why its cells cannot be trusted.
    pub fault: Option<RowFault>,
    text: String,
    ends: Vec<usize>,
}

/// Why a row cannot be split into cells. Columns are counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowFault {
    /// A quote is never closed.
    Unclosed {
        /// The line on which it was opened.
        line: u64,
        /// The column of its cell.
        column: usize,
    },
    /// There is more in a cell after its closing quote.
    AfterQuote {
        /// The line on which the quote was opened.
        line: u64,
        /// The column of the cell.
        column: usize,
    },
    /// A cell has more than [`MAX_CELL`] bytes, or the cells of the row too many together.
    TooLong {
        /// The column of the cell.
        column: usize,
        /// The line on which it was quoted, if it was.
        quoted: Option<u64>,
    },
    /// There are more than [`MAX_COLUMNS`] columns.
    TooWide,
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unclosed { line, column } => {
                write!(f, "the quote that opens column {column} on line {line} is never closed")
            }
            Self::AfterQuote { line, column } => write!(
                f,
                "column {column} goes on after the quote that closes it (it was opened on line {line}); \
                 write a quote inside a quoted cell twice"
            ),
            Self::TooLong { column, quoted } => {
                write!(f, "column {column} has more than {} KiB", MAX_CELL / 1024)?;
                match quoted {
                    Some(line) => write!(f, "; the quote opened on line {line} is probably never closed"),
                    None => Ok(()),
                }
            }
            Self::TooWide => write!(f, "it has more than {MAX_COLUMNS} columns"),
        }
    }
}

impl Row {
    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether no cell has anything in it.
    pub fn is_empty(&self) -> bool {
        self.fault.is_none() && self.cells().all(str::is_empty)
    }

    /// The cell of this column, counted from 0; empty if there is none.
    pub fn cell(&self, column: usize) -> &str {
        let Some(end) = self.ends.get(column) else { return "" };
        let start = column.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.text.get(start..*end).unwrap_or_default().trim()
    }

    /// The cells.
    pub fn cells(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|column| self.cell(column))
    }

    fn clear(&mut self) {
        self.fault = None;
        self.text.clear();
        self.ends.clear();
    }
}

/// Where the reader stands within a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the first character of a cell.
    Start,
    /// In a cell without quotes.
    Plain,
    /// Between quotes.
    Quoted,
    /// After a quote within quotes: the end of the quotes, or the first half of a quote.
    Quote,
    /// After the closing quote.
    Closed,
}

/// The rows of a text.
pub struct Rows {
    text: Text,
    piece: String,
    at: usize,
    delimiter: u8,
    line: u64,
    after_return: bool,
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("text", &self.text).field("line", &self.line).finish_non_exhaustive()
    }
}

impl Rows {
    /// The rows of `begun`, which has been read already, and then of the rest of `text`.
    pub(crate) fn new(text: Text, begun: String, delimiter: u8) -> Self {
        Self { text, piece: begun, at: 0, delimiter, line: 1, after_return: false }
    }

    /// The text that they come from.
    pub fn text(&self) -> &Text {
        &self.text
    }

    /// The character between cells.
    pub fn delimiter(&self) -> char {
        char::from(self.delimiter)
    }

    /// Skips a line that is not part of the table.
    pub(crate) fn skip_line(&mut self) -> io::Result<()> {
        let mut row = Row::default();
        let delimiter = std::mem::replace(&mut self.delimiter, b'\n');
        let skipped = self.scan(&mut row);
        self.delimiter = delimiter;
        skipped.map(drop)
    }

    /// Reads the next row that is not a blank line; false if there is none.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn read(&mut self, row: &mut Row) -> io::Result<bool> {
        loop {
            row.clear();
            let found = self.scan(row)?;
            let blank = row.len() == 1 && row.is_empty();
            if !found || !blank {
                return Ok(found);
            }
        }
    }

    fn scan(&mut self, row: &mut Row) -> io::Result<bool> {
        let mut scan = Scan { place: Place::Start, quoted_on: None };
        let mut begun = false;
        loop {
            let Some(byte) = self.byte()? else {
                if begun {
                    if scan.place == Place::Quoted {
                        let (line, column) = (scan.quoted_on.unwrap_or(row.line), row.len() + 1);
                        row.fault.get_or_insert(RowFault::Unclosed { line, column });
                    }
                    scan.end_cell(row);
                    row.last_line = self.line;
                }
                return Ok(begun);
            };
            if !begun {
                if byte == b'\n' && self.after_return {
                    self.at += 1;
                    self.after_return = false;
                    continue;
                }
                begun = true;
                row.line = self.line;
            }
            row.last_line = self.line;
            if self.step(byte, row, &mut scan) {
                return Ok(true);
            }
        }
    }

    /// Takes in `byte` and what follows it in the same manner; true at the end of the row.
    fn step(&mut self, byte: u8, row: &mut Row, scan: &mut Scan) -> bool {
        let line_end = matches!(byte, b'\n' | b'\r');
        match scan.place {
            Place::Quoted if byte == b'"' => scan.place = Place::Quote,
            Place::Quoted if line_end => {
                scan.push(row, if byte == b'\n' { "\n" } else { "\r" });
                self.take_line_end(byte);
                return false;
            }
            Place::Quoted => {
                self.take_run(row, scan, b'"');
                return false;
            }
            Place::Quote if byte == b'"' => {
                scan.push(row, "\"");
                scan.place = Place::Quoted;
            }
            _ if byte == self.delimiter => scan.end_cell(row),
            _ if line_end => {
                scan.end_cell(row);
                self.take_line_end(byte);
                return true;
            }
            Place::Start if byte == b'"' => {
                scan.place = Place::Quoted;
                scan.quoted_on = Some(self.line);
            }
            Place::Start | Place::Quote | Place::Closed if matches!(byte, b' ' | b'\t') => {
                if scan.place == Place::Quote {
                    scan.place = Place::Closed;
                }
            }
            Place::Quote | Place::Closed => {
                let (line, column) = (scan.quoted_on.unwrap_or(row.line), row.len() + 1);
                row.fault.get_or_insert(RowFault::AfterQuote { line, column });
                scan.place = Place::Plain;
                return false;
            }
            Place::Start | Place::Plain => {
                scan.place = Place::Plain;
                self.take_run(row, scan, self.delimiter);
                return false;
            }
        }
        self.at += 1;
        self.after_return = false;
        false
    }

    /// Takes everything up to a line end or `until` as content of the cell.
    fn take_run(&mut self, row: &mut Row, scan: &Scan, until: u8) {
        let rest = self.piece.get(self.at..).unwrap_or_default();
        let length = memchr3(until, b'\n', b'\r', rest.as_bytes()).unwrap_or(rest.len());
        scan.push(row, rest.get(..length).unwrap_or_default());
        self.at += length;
        self.after_return = false;
    }

    fn take_line_end(&mut self, byte: u8) {
        if byte == b'\r' || !self.after_return {
            self.line += 1;
        }
        self.after_return = byte == b'\r';
        self.at += 1;
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        loop {
            if let Some(byte) = self.piece.as_bytes().get(self.at) {
                return Ok(Some(*byte));
            }
            self.piece.clear();
            self.at = 0;
            if !self.text.read(&mut self.piece)? {
                return Ok(None);
            }
        }
    }
}

struct Scan {
    place: Place,
    quoted_on: Option<u64>,
}

impl Scan {
    fn push(&self, row: &mut Row, content: &str) {
        let begun = row.ends.last().copied().unwrap_or(0);
        let length = row.text.len() + content.len();
        if length > MAX_ROW || length - begun > MAX_CELL {
            let fault = RowFault::TooLong { column: row.len() + 1, quoted: self.quoted_on };
            row.fault.get_or_insert(fault);
        }
        if row.fault.is_none() {
            row.text.push_str(content);
        }
    }

    fn end_cell(&mut self, row: &mut Row) {
        if row.ends.len() >= MAX_COLUMNS {
            row.fault.get_or_insert(RowFault::TooWide);
        } else {
            row.ends.push(row.text.len());
        }
        self.place = Place::Start;
        self.quoted_on = None;
    }
}
