//! What an import does with files, on the store in memory.

mod bench;
mod columns;
mod encodings;
mod generated;
mod records;
mod tables;
