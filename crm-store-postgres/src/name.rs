//! The name of the schema: the one identifier that a host chooses.

use std::fmt;

use crate::OpenError;

/// A schema's name that needs no thought about quoting: lower case letters, digits and `_`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SchemaName(String);

impl SchemaName {
    pub(crate) fn new(name: &str) -> Result<Self, OpenError> {
        let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        let begins = name.starts_with(|letter: char| letter.is_ascii_lowercase() || letter == '_');
        if !begins || name.len() > 48 || !name.chars().all(plain) || name.starts_with("pg_") {
            return Err(OpenError::SchemaName(name.to_owned()));
        }
        Ok(Self(name.to_owned()))
    }

    /// Without quotes, as the catalog has it.
    pub(crate) fn bare(&self) -> &str {
        &self.0
    }

    /// What stands for it in the SQL files, replaced.
    pub(crate) fn fill(&self, sql: &str) -> String {
        sql.replace("__schema__", &self.to_string())
    }
}

impl Default for SchemaName {
    fn default() -> Self {
        Self("crm".to_owned())
    }
}

impl fmt::Display for SchemaName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_named_plainly_or_refused() {
        for name in ["crm", "_crm2", "a"] {
            assert_eq!(SchemaName::new(name).unwrap().to_string(), format!("\"{name}\""));
        }
        for name in ["", "Crm", "2crm", "crm\"; DROP", "pg_crm", "a b", "é", &"a".repeat(49)] {
            assert!(SchemaName::new(name).is_err(), "{name}");
        }
    }
}
