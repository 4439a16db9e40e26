//! Import of customers and leads from CSV files, of any size, by any other system.
//!
//! A file is read row by row and written in batches, so that memory does not grow with it but for some bytes per row
//! that tell ids which occur twice. Each row ends as one of four: created, updated, already there or refused, and
//! every refusal is told with its line and its reasons. Importing a file again changes nothing.

mod amounts;
mod columns;
mod convert;
mod dates;
mod decode;
mod dialect;
mod report;
mod rows;
mod run;
mod seen;
mod stages;

use crm_core::Currency;
use encoding_rs::Encoding;

pub use columns::Columns;
pub use dates::DateOrder;
pub use decode::Text;
pub use dialect::{DELIMITERS, open};
pub use report::Report;
pub use rows::{MAX_CELL, MAX_COLUMNS, Row, RowFault, Rows};
pub use run::{BATCH, Listener, import};

/// How to import.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Does everything but write.
    pub dry_run: bool,
    /// Changes records that are there already to what the file says; cells without content change nothing.
    pub update: bool,
    /// Moves what a field cannot take to the notes instead of refusing the row.
    pub lenient: bool,
    /// Adds columns that feed no field to the notes.
    pub keep_unmapped: bool,
    /// Which column feeds which field; an empty field ignores the column.
    pub maps: Vec<(String, String)>,
    /// Which cell means which stage.
    pub stages: Vec<(String, String)>,
    /// The currency of amounts on rows that name none.
    pub currency: Option<Currency>,
    /// What comes first in `03/04/2026`.
    pub dates: Option<DateOrder>,
    /// The character between cells, if it is not to be found out.
    pub delimiter: Option<char>,
    /// The encoding of the file, if it is not to be found out.
    pub encoding: Option<&'static Encoding>,
}
