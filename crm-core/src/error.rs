//! Errors, by what they mean to the caller.

use std::{error::Error as StdError, fmt};

/// What an operation of the engine answers with.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation did nothing. Whatever the reason, nothing of it was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such record in this tenant. A record of another tenant, a deleted one and one that never was
    /// give the same answer.
    #[error("no such {what}")]
    NotFound {
        /// The kind of record, in the singular: `customer`.
        what: &'static str,
    },

    /// Somebody else was first: the record changed meanwhile, or the value is taken.
    #[error("{0}")]
    Conflict(Conflict),

    /// The input breaks rules; all of them are listed.
    #[error("invalid input: {}", List(.violations))]
    Invalid {
        /// Each broken rule.
        violations: Vec<Violation>,
    },

    /// The actor's role does not allow this.
    #[error("not permitted: {action} {object}")]
    Forbidden {
        /// What was to be done: `update`.
        action: &'static str,
        /// To what kind of record, in the plural: `customers`.
        object: &'static str,
    },

    /// A cursor that was changed, or that belongs to another query or another tenant.
    #[error("the cursor does not belong to this query")]
    BadCursor,

    /// This store cannot do that, and says so in its [`Capabilities`](crate::Capabilities).
    #[error("this store does not support {0}")]
    Unsupported(&'static str),

    /// What is stored contradicts itself or the schema. Nothing was changed; the store needs a look.
    #[error("stored data is damaged: {0}")]
    Corrupt(String),

    /// The store cannot be reached or is too busy just now; the same call may work later.
    #[error("the store is unavailable: {0}")]
    Unavailable(#[source] Box<dyn StdError + Send + Sync>),

    /// The driver failed in a way that has no better name here.
    #[error("the store failed: {0}")]
    Backend(#[source] Box<dyn StdError + Send + Sync>),
}

/// What stood in the way of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Conflict {
    /// The record is not at the version that the change expected.
    Version {
        /// The kind of record, in the plural.
        object: &'static str,
    },
    /// Another live record of the tenant has this value already.
    Unique {
        /// The kind of record, in the plural.
        object: &'static str,
        /// The field whose value is taken, as clients know it.
        field: &'static str,
    },
    /// The record refers to one that is not there, or is still referred to.
    Reference {
        /// The kind of the record that holds the reference, in the plural.
        object: &'static str,
        /// The field that refers.
        field: &'static str,
    },
    /// The tenant exists already.
    Tenant,
    /// Something else was done under this key before.
    Once,
    /// Something has happened in the tenant since the event after which the change was to come.
    Log,
    /// A rule of the domain: what it is, in one sentence.
    Rule(&'static str),
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version { object } => write!(f, "a record of {object} was changed meanwhile"),
            Self::Unique { object, field } => {
                write!(f, "another record of {object} has this `{field}` already")
            }
            Self::Reference { object, field } => {
                write!(f, "`{field}` of {object} refers to a record that is not there, or is still in use")
            }
            Self::Tenant => f.write_str("the tenant exists already"),
            Self::Once => f.write_str("something else was done under this idempotency key before"),
            Self::Log => f.write_str("something else was changed in the tenant meanwhile"),
            Self::Rule(rule) => f.write_str(rule),
        }
    }
}

/// One broken rule of one input.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Violation {
    /// Where, as a JSON pointer (RFC 6901): `/email`; empty for the whole input.
    pub pointer: String,
    /// Which rule, for programs: `invalid_email`.
    pub code: &'static str,
    /// What is wrong and how to mend it, for people.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pointer.is_empty() {
            f.write_str(&self.detail)
        } else {
            write!(f, "`{}` {}", self.pointer.trim_start_matches('/'), self.detail)
        }
    }
}

struct List<'a>(&'a [Violation]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, violation) in self.0.iter().enumerate() {
            let comma = if index > 0 { "; " } else { "" };
            write!(f, "{comma}{violation}")?;
        }
        Ok(())
    }
}

/// Collects every broken rule of one input, so that all are reported at once.
#[derive(Clone, Debug, Default)]
pub struct Faults(Vec<Violation>);

impl Faults {
    /// Notes a fault of one field. `detail` reads on from the field's name: ``"must not be empty"``.
    pub fn field(&mut self, name: &str, code: &'static str, detail: impl Into<String>) {
        self.inside(&[name], code, detail);
    }

    /// Notes a fault deeper inside a field: `["stages", "2", "key"]`.
    pub fn inside(&mut self, path: &[&str], code: &'static str, detail: impl Into<String>) {
        let step = |step: &&str| format!("/{}", step.replace('~', "~0").replace('/', "~1"));
        self.0.push(Violation { pointer: path.iter().map(step).collect(), code, detail: detail.into() });
    }

    /// Notes a fault of the input as a whole, in a full sentence.
    pub fn whole(&mut self, code: &'static str, detail: impl Into<String>) {
        self.0.push(Violation { pointer: String::new(), code, detail: detail.into() });
    }

    /// Whether a fault of this field has been noted.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|violation| violation.pointer.strip_prefix('/') == Some(name))
    }

    /// These faults.
    pub(crate) fn of(violations: impl Iterator<Item = Violation>) -> Self {
        Self(violations.collect())
    }

    /// These faults as those of one element of a list.
    pub(crate) fn under(&self, index: usize) -> impl Iterator<Item = Violation> {
        self.0.iter().map(move |own| Violation { pointer: format!("/{index}{}", own.pointer), ..own.clone() })
    }

    /// Each fault.
    pub(crate) fn violations(&self) -> impl Iterator<Item = &Violation> {
        self.0.iter()
    }

    /// # Errors
    /// [`Error::Invalid`] if any fault was noted.
    pub fn into_result(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid { violations: self.0 }) }
    }
}

impl Error {
    /// [`Error::Invalid`] with one fault.
    pub fn invalid(name: &str, code: &'static str, detail: impl Into<String>) -> Self {
        let mut faults = Faults::default();
        if name.is_empty() {
            faults.whole(code, detail);
        } else {
            faults.field(name, code, detail);
        }
        Self::Invalid { violations: faults.0 }
    }

    /// Whether another try from the start may succeed because the record has moved on.
    pub fn is_stale(&self) -> bool {
        matches!(self, Self::Conflict(Conflict::Version { .. } | Conflict::Log))
    }
}
