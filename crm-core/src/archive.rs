//! A tenant as a file, to keep or to carry to another store: lines of JSON that describe themselves.
//!
//! The first line is the [`Manifest`]. After it each record has a line, none before what it refers to, then each event
//! of the log, and the last line has the digest of all lines before it, so that a file that was cut or changed is
//! noticed. What lets somebody in, the hashes of keys and passwords, is left out; what follows from the rest, such as
//! counters and normalized addresses, is computed anew by whoever reads it.

use std::{
    collections::BTreeMap,
    io::{self, BufRead, Read, Write},
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    Access, Error, Event, Faults, Field, Kind, Money, Object, Origin, Row, Tenant, TenantId, Value,
    normalize, referred_to_first,
};

/// What the first line calls the format, and the version of it that is written.
const FORMAT: &str = "crm-tenant";
const VERSION: u32 = 1;

/// No line is longer, in bytes.
const MAX_LINE: u64 = 16 << 20;

/// What an archive begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    format: String,
    version: u32,
    /// Which tenant it is.
    pub tenant: Identity,
    /// How many live and deleted records it has, by the kind's plural.
    pub records: BTreeMap<String, u64>,
    /// How many events its log has.
    pub events: u64,
}

/// A tenant as the directory knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Its id.
    pub id: TenantId,
    /// Its key in addresses and commands.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Whether it can be used.
    pub status: String,
    /// When it was made.
    #[serde(with = "crate::value::time")]
    pub created_at: DateTime<Utc>,
}

/// Why an archive was not written or not taken in. Nothing of it is there then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The file cannot be read or written.
    #[error("{0}")]
    File(#[from] io::Error),
    /// The file is no whole archive of a tenant.
    #[error("line {line}: {what}")]
    Damaged {
        /// Which line, from 1 on.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// The tenant was written to meanwhile, so that its records and its log may be of different moments.
    #[error("the tenant was written to meanwhile")]
    Unsettled,
    /// There is such a tenant already: in words, which part of it.
    #[error("there is {0} already")]
    Taken(String),
    /// The store objects.
    #[error(transparent)]
    Refused(#[from] Error),
}

/// A line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub(crate) enum Line {
    Manifest(Manifest),
    Record(Stored),
    Event(Event),
    End(End),
}

/// A record as it is stored.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stored {
    object: String,
    id: Uuid,
    version: i64,
    #[serde(with = "crate::value::time")]
    created_at: DateTime<Utc>,
    #[serde(with = "crate::value::time")]
    updated_at: DateTime<Utc>,
    created_by: Option<Uuid>,
    #[serde(with = "crate::value::optional_time")]
    deleted_at: Option<DateTime<Utc>>,
    number: Option<i64>,
    values: Map<String, Json>,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct End {
    lines: u64,
    sha256: String,
}

/// The kinds of records that a tenant has, none before what it refers to.
pub(crate) fn kinds() -> impl Iterator<Item = &'static Object> {
    referred_to_first().into_iter().filter(|object| object.access != Access::Directory)
}

impl Manifest {
    pub(crate) fn new(tenant: Identity, records: BTreeMap<String, u64>, events: u64) -> Self {
        Self { format: FORMAT.to_owned(), version: VERSION, tenant, records, events }
    }

    fn check(&self) -> Result<(), String> {
        match (self.format.as_str(), self.version) {
            (FORMAT, VERSION) => Ok(()),
            (FORMAT, version) => {
                Err(format!("the archive has version {version} of its format; this program reads {VERSION}"))
            }
            _ => Err("it is no archive of a tenant".to_owned()),
        }
    }
}

impl Identity {
    /// The tenant's entry.
    pub(crate) fn entry(&self) -> Tenant {
        Tenant { slug: self.slug.clone(), name: self.name.clone(), status: self.status.clone() }
    }
}

impl Stored {
    pub(crate) fn of(object: &Object, row: Row) -> Self {
        let fields = object.fields.iter().zip(&row.values).filter(|(field, _)| is_kept(field));
        Self {
            object: object.name.to_owned(),
            id: row.id,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
            created_by: row.created_by,
            deleted_at: row.deleted_at,
            number: row.number,
            values: fields.map(|(field, value)| (field.name.to_owned(), value.to_json())).collect(),
        }
    }

    /// The row, if it is one that the engine could have stored.
    pub(crate) fn row(mut self) -> Result<(&'static Object, Row), String> {
        let known = kinds().find(|object| object.name == self.object);
        let object = known.ok_or_else(|| format!("`{}` is no kind of record of a tenant", self.object))?;
        let mut values = Vec::new();
        for field in object.fields.iter().filter(|field| !matches!(field.origin, Origin::Derived(_))) {
            values.push(match self.values.remove(field.name) {
                Some(json) => {
                    value(field.kind, &json).ok_or_else(|| format!("`{}` does not fit", field.name))?
                }
                // It opens nothing: no secret has an empty hash.
                None if field.secret => Value::Text(String::new()),
                None => Value::Null,
            });
        }
        if let Some(name) = self.values.keys().next() {
            return Err(format!("`{name}` is no field of a {}", object.singular));
        }
        let mut faults = Faults::default();
        normalize::check(object, &mut values.clone(), &mut faults);
        let mut faults = faults.violations().filter(|fault| !is_of_secret(object, &fault.pointer));
        if let Some(fault) = faults.next() {
            return Err(fault.to_string());
        }
        normalize::derive(object, &mut values);
        let (created_at, updated_at, deleted_at) = (self.created_at, self.updated_at, self.deleted_at);
        let Self { id, version, created_by, number, .. } = self;
        Ok((object, Row { id, version, created_at, updated_at, created_by, deleted_at, number, values }))
    }
}

fn is_kept(field: &Field) -> bool {
    !field.secret && !matches!(field.origin, Origin::Derived(_))
}

fn is_of_secret(object: &Object, pointer: &str) -> bool {
    object.fields.iter().any(|field| field.secret && pointer.strip_prefix('/') == Some(field.name))
}

/// A value from what [`Value::to_json`] made of it.
fn value(kind: Kind, json: &Json) -> Option<Value> {
    Some(match (kind, json) {
        (_, Json::Null) => Value::Null,
        (Kind::Bool, Json::Bool(value)) => Value::Bool(*value),
        (Kind::Int, number) => Value::Int(number.as_i64()?),
        (Kind::Money, Json::Object(money)) => {
            Value::Money(Money::new(money.get("amount")?.as_i64()?, money.get("currency")?.as_str()?)?)
        }
        (Kind::Json, json) => Value::Json(json.clone()),
        (kind, Json::String(text)) => normalize::from_text(kind, text)?,
        _ => return None,
    })
}

/// Writes an archive.
pub(crate) struct Writer<W> {
    out: W,
    hash: Sha256,
    lines: u64,
}

impl<W: Write> Writer<W> {
    pub(crate) fn new(out: W) -> Self {
        Self { out, hash: Sha256::new(), lines: 0 }
    }

    pub(crate) fn write(&mut self, line: &Line) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.hash.update(&text);
        self.lines += 1;
        self.out.write_all(&text)
    }

    pub(crate) fn finish(mut self) -> io::Result<()> {
        let (lines, sha256) = (self.lines, hex(&self.hash.clone().finalize()));
        self.write(&Line::End(End { lines, sha256 }))?;
        self.out.flush()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads an archive, line by line.
pub(crate) struct Reader<R> {
    input: R,
    hash: Sha256,
    pub(crate) lines: u64,
}

impl<R: BufRead> Reader<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { input, hash: Sha256::new(), lines: 0 }
    }

    pub(crate) fn damaged<T>(&self, what: impl Into<String>) -> Result<T, ArchiveError> {
        Err(ArchiveError::Damaged { line: self.lines.max(1), what: what.into() })
    }

    /// The manifest, which comes first.
    pub(crate) fn manifest(&mut self) -> Result<Manifest, ArchiveError> {
        let manifest = match self.next() {
            Ok(Some(Line::Manifest(manifest))) => manifest,
            Err(error @ ArchiveError::File(_)) => return Err(error),
            _ => return self.damaged("it is no archive of a tenant"),
        };
        manifest.check().or_else(|what| self.damaged(what))?;
        Ok(manifest)
    }

    /// The next line; `None` once the archive has come to its end, whole and unchanged.
    pub(crate) fn next(&mut self) -> Result<Option<Line>, ArchiveError> {
        let mut text = Vec::new();
        self.input.by_ref().take(MAX_LINE).read_until(b'\n', &mut text)?;
        self.lines += 1;
        if text.last() != Some(&b'\n') {
            let what =
                if text.len() as u64 == MAX_LINE { "it is too long" } else { "the archive is cut here" };
            return self.damaged(what);
        }
        let line = match serde_json::from_slice(&text) {
            Ok(line) => line,
            // Without what stands there, which may be personal.
            Err(_) => return self.damaged("it is no line of an archive"),
        };
        let Line::End(end) = &line else {
            self.hash.update(&text);
            return Ok(Some(line));
        };
        if end.lines != self.lines - 1 || end.sha256 != hex(&self.hash.clone().finalize()) {
            return self.damaged("the archive was changed: its digest is another one");
        }
        if self.input.fill_buf()?.is_empty() {
            Ok(None)
        } else {
            self.damaged("something follows the archive's end")
        }
    }
}
