//! From the cells of a row to the data of a record.

use std::{borrow::Cow, collections::HashMap, marker::PhantomData};

use chrono::{DateTime, Utc};
use crm_core::{Calendar, Currency, Entity, Field, Format, Kind, Object, Past, Value, fold};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use crate::formulas::restored;

use super::{
    Options, amounts,
    columns::{CLOSED_AT, CREATED_AT, CURRENCY, Columns, FIRST_NAME, LAST_NAME, is_notes_name},
    dates,
    report::shown,
    rows::Row,
    stages::Stages,
};

/// The fields that a faulty cell cannot be moved out of: what tells records apart, where they stand, and where moved
/// cells go.
const FIRM: [&str; 3] = ["external_id", "stage", "notes"];

/// A record to be, from one row.
#[derive(Clone, Debug)]
pub(super) struct Candidate<T> {
    /// The line that the row begins on.
    pub(super) line: u64,
    /// The line that it ends on.
    pub(super) last_line: u64,
    /// The data.
    pub(super) data: T,
    /// What happened to it before.
    pub(super) past: Past,
    /// The fields, by index, that the row gives a value for.
    pub(super) given: Vec<usize>,
    /// What is wrong with the cells.
    pub(super) faults: Vec<Fault>,
    /// How many faulty cells were moved to the notes.
    pub(super) moved: usize,
}

/// What is wrong with what a row says for one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The field; empty for the record as a whole.
    pub(super) field: String,
    /// A message that reads on from the name of the column.
    pub(super) detail: String,
    /// What the cell says, where the data does not have it.
    pub(super) entered: Option<String>,
}

/// The users of a tenant, by what files call them.
#[derive(Debug, Default)]
pub(super) struct Users {
    addresses: HashMap<String, Uuid>,
    /// `None` for a name that several have.
    names: HashMap<String, Option<Uuid>>,
}

impl Users {
    pub(super) fn add(&mut self, id: Uuid, address: &str, name: Option<&str>) {
        self.addresses.insert(address.to_lowercase(), id);
        if let Some(name) = name {
            self.names.entry(fold(name)).and_modify(|other| *other = None).or_insert(Some(id));
        }
    }

    /// The user of this address, id or name.
    fn named(&self, entered: &str) -> Result<Uuid, String> {
        if let Some(id) = self.addresses.get(&entered.to_lowercase()) {
            return Ok(*id);
        }
        if let Ok(id) = Uuid::parse_str(entered) {
            return Ok(id);
        }
        match self.names.get(&fold(entered)) {
            Some(Some(id)) => Ok(*id),
            Some(None) => Err("is what several users are called: give the e-mail address".to_owned()),
            None => Err("must be the e-mail address, the name or the id of a user of this tenant".to_owned()),
        }
    }
}

/// Makes data of rows.
#[derive(Debug)]
pub(super) struct Converter<'a, T> {
    /// What feeds what.
    pub(super) columns: Columns,
    /// The stages that cells mean.
    pub(super) stages: Option<Stages>,
    users: Users,
    /// The days of the tenant.
    calendar: Calendar,
    options: &'a Options,
    defaults: Vec<Value>,
    of: PhantomData<fn() -> T>,
}

impl<'a, T: Entity> Converter<'a, T> {
    /// Converts what these columns say.
    pub(super) fn new(
        columns: Columns,
        stages: Option<Stages>,
        users: Users,
        calendar: Calendar,
        options: &'a Options,
    ) -> Self {
        Self {
            columns,
            stages,
            users,
            calendar,
            options,
            defaults: T::default().to_values(),
            of: PhantomData,
        }
    }

    /// The data of a row, with whatever of it cannot be read as faults.
    pub(super) fn convert(&mut self, row: &Row) -> Candidate<T> {
        let object = T::object();
        let mut values = self.defaults.clone();
        let mut given = Vec::new();
        let mut faults = Vec::new();
        for (index, field) in object.fields.iter().enumerate().take(T::COUNT) {
            let entered = self.entered(row, field);
            if entered.is_empty() {
                continue;
            }
            match self.value(row, field, &entered) {
                Ok(value) => {
                    if let Some(slot) = values.get_mut(index) {
                        *slot = value;
                        given.push(index);
                    }
                }
                Err(detail) => {
                    faults.push(Fault { field: field.name.to_owned(), detail, entered: Some(entered) });
                }
            }
        }
        let mut moment = |target: &str| {
            let entered =
                self.columns.of(target).map(|column| row.cell(column)).filter(|own| !own.is_empty())?;
            let read = self.moment(entered);
            let fault =
                |detail| Fault { field: target.to_owned(), detail, entered: Some(entered.to_owned()) };
            read.map_err(|detail| faults.push(fault(detail))).ok()
        };
        let past = Past { created_at: moment(CREATED_AT), closed_at: moment(CLOSED_AT) };
        let data = T::from_values(&values).unwrap_or_default();
        Candidate { line: row.line, last_line: row.last_line, data, past, given, faults, moved: 0 }
    }

    fn moment(&self, entered: &str) -> Result<DateTime<Utc>, String> {
        dates::read_moment(entered, self.options.dates, self.calendar)
    }

    /// What the row says for a field, as text.
    fn entered(&self, row: &Row, field: &Field) -> String {
        let columns = self.columns.feeds.get(field.name).map_or(&[][..], Vec::as_slice);
        let text = |column: usize| restored(row.cell(column));
        let cell = |target| self.columns.of(target).map_or(Cow::Borrowed(""), text);
        let entered = match (field.name, columns) {
            ("name", [column]) if !row.cell(*column).is_empty() => text(*column).into_owned(),
            ("name", _) => [cell(FIRST_NAME), cell(LAST_NAME)].join(" ").trim().to_owned(),
            ("notes", columns) => self.notes(row, columns),
            (_, [column]) => text(*column).into_owned(),
            (_, columns) => columns.iter().map(|column| text(*column)).collect::<Vec<_>>().join(";"),
        };
        if entered.is_ascii() { entered } else { entered.nfc().collect() }
    }

    /// The columns that feed the notes, each on a line of its own with its name, but for the one that is the notes.
    fn notes(&self, row: &Row, columns: &[usize]) -> String {
        let lines = columns.iter().filter(|column| !row.cell(**column).is_empty()).map(|column| {
            let (name, cell) = (self.columns.name(*column), restored(row.cell(*column)));
            let bare = is_notes_name(name) || (columns.len() == 1 && !self.options.keep_unmapped);
            if bare { cell.into_owned() } else { format!("{name}: {cell}") }
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    fn value(&mut self, row: &Row, field: &Field, entered: &str) -> Result<Value, String> {
        if field.name == "stage"
            && let Some(stages) = &mut self.stages
        {
            return stages.read(entered).map(Value::Text);
        }
        Ok(match field.kind {
            Kind::Text if field.name.starts_with("address") => Value::Text(one_line(entered)),
            Kind::Text => Value::Text(entered.to_owned()),
            Kind::Json if field.format == Format::Labels => Value::Json(labels(entered)),
            Kind::Json => return Err("cannot be fed from a file".to_owned()),
            Kind::Money => Value::Money(amounts::read(entered, self.currency(row)?)?),
            Kind::Date => Value::Date(dates::read(entered, self.options.dates)?),
            Kind::Time => Value::Time(self.moment(entered)?),
            Kind::Bool => Value::Bool(flag(entered)?),
            Kind::Int => Value::Int(entered.parse().map_err(|_| "must be a whole number")?),
            Kind::Id => Value::Id(self.reference(field, entered)?),
        })
    }

    fn currency(&self, row: &Row) -> Result<Currency, String> {
        let cell = self.columns.of(CURRENCY).map_or("", |column| row.cell(column));
        if cell.is_empty() {
            return self.options.currency.ok_or_else(|| {
                "has no currency on this row; fill it in, or add --currency EUR for rows without".to_owned()
            });
        }
        let code = cell.to_ascii_uppercase();
        Currency::new(&code)
            .ok_or_else(|| format!("is in `{}`, which is no ISO 4217 currency such as `EUR`", shown(cell)))
    }

    fn reference(&self, field: &Field, entered: &str) -> Result<Uuid, String> {
        let target = field.reference.map_or("record", |object| object().singular);
        if target == "user" {
            return self.users.named(entered);
        }
        Uuid::parse_str(entered).map_err(|_| format!("must be the id of a {target} of this tenant"))
    }

    /// Takes the faulty cells that the record can do without out of it and adds them to its notes; false if there is
    /// a fault left.
    pub(super) fn soften(&self, candidate: &mut Candidate<T>) -> bool {
        let object = T::object();
        let mut values = candidate.data.to_values();
        let mut left = Vec::new();
        for fault in std::mem::take(&mut candidate.faults) {
            let place = object.index_of(&fault.field).filter(|_| !FIRM.contains(&fault.field.as_str()));
            let entered = fault.entered.clone().or_else(|| self.text(&values, place));
            let slot = place.and_then(|index| Some((values.get_mut(index)?, self.defaults.get(index)?)));
            let (Some((slot, default)), Some(entered)) = (slot, entered) else {
                left.push(fault);
                continue;
            };
            slot.clone_from(default);
            candidate.given.retain(|index| Some(*index) != place);
            candidate.moved += 1;
            let line = format!("{}: {entered}", self.column_names(&fault.field));
            append_note(object, &mut values, &mut candidate.given, &line);
        }
        candidate.faults = left;
        candidate.data = T::from_values(&values).unwrap_or_default();
        candidate.faults.is_empty()
    }

    fn text(&self, values: &[Value], place: Option<usize>) -> Option<String> {
        match values.get(place?)? {
            Value::Null => None,
            Value::Text(text) => Some(text.clone()),
            Value::Money(money) => Some(format!("{} {}", money.amount(), money.currency())),
            other => Some(other.to_json().to_string()),
        }
    }

    /// A fault as people read it, with the column and what its cell says.
    pub(super) fn describe(&self, candidate: &Candidate<T>, fault: &Fault) -> String {
        if fault.field.is_empty() {
            return fault.detail.clone();
        }
        let place = T::object().index_of(&fault.field);
        let entered = fault.entered.clone().or_else(|| self.text(&candidate.data.to_values(), place));
        let but = entered.map_or(String::new(), |entered| format!(", not `{}`", shown(&entered)));
        let but = if fault.detail.contains("must be ") { but } else { String::new() };
        format!("{} {}{but}", self.column_names(&fault.field), fault.detail)
    }

    /// The columns of a field; its own name if no column feeds it.
    fn column_names(&self, field: &str) -> String {
        let parts = if field == "name" { &[FIRST_NAME, LAST_NAME][..] } else { &[] };
        let feeding = |target: &str| self.columns.feeds.get(target).cloned().unwrap_or_default();
        let mut columns = feeding(field);
        if columns.is_empty() {
            columns = parts.iter().flat_map(|part| feeding(part)).collect();
        }
        let names: Vec<&str> = columns.iter().map(|column| self.columns.name(*column)).collect();
        if names.is_empty() { field.to_owned() } else { shown(&names.join(" + ")) }
    }
}

fn append_note(object: &Object, values: &mut [Value], given: &mut Vec<usize>, line: &str) {
    let Some(index) = object.index_of("notes") else { return };
    if let Some(notes) = values.get_mut(index) {
        *notes = Value::Text(match notes.as_text() {
            Some(text) if !text.is_empty() => format!("{text}\n{line}"),
            _ => line.to_owned(),
        });
    }
    if !given.contains(&index) {
        given.push(index);
    }
}

/// The id of a row that has none: a digest of its cells, so that the same row has the same id in every import.
pub(crate) fn digest(row: &Row) -> String {
    let mut hash = Sha256::new();
    for cell in row.cells() {
        hash.update(cell.nfc().collect::<String>());
        hash.update([0x1F]);
    }
    let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("row-{hex}")
}

/// A postal address that was written on several lines.
fn one_line(entered: &str) -> String {
    let lines = entered.lines().flat_map(|line| line.split('\r')).map(str::trim);
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ")
}

fn labels(entered: &str) -> Json {
    // Labels that have delimiters in them are written as a list that says where each ends.
    if let Some(Json::Array(list)) =
        entered.starts_with('[').then(|| serde_json::from_str(entered).ok()).flatten()
        && list.iter().all(Json::is_string)
    {
        return Json::Array(list);
    }
    let mut labels: Vec<&str> = Vec::new();
    for label in entered.split([',', ';', '|']).map(str::trim).filter(|label| !label.is_empty()) {
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    Json::from(labels)
}

fn flag(entered: &str) -> Result<bool, String> {
    match entered.to_lowercase().as_str() {
        "true" | "yes" | "y" | "1" | "x" | "on" | "active" => Ok(true),
        "false" | "no" | "n" | "0" | "off" | "inactive" => Ok(false),
        _ => Err("must be `yes` or `no`".to_owned()),
    }
}
