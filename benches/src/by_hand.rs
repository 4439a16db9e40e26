//! What a careful author would write straight on a driver, for one table: the same rows in the same schema, no more.

pub mod postgres;
pub mod sqlite;
