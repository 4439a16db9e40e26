//! Records of one kind as CSV, which `import` reads and spreadsheets open.

use std::{
    borrow::Cow,
    collections::HashMap,
    io::{self, BufWriter, Write},
    path::Path,
};

use anyhow::{Context, Result, anyhow};
use crm_core::{
    Actor, Condition, Contact, Crm, Customer, Entity, Interaction, Kind, Lead, MAX_PAGE, Money, Object,
    Operator, Project, Query, Record, Task, TenantScope, User, Value, value::format_time,
};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::{
    cli::{ExportArgs, ExportKind},
    commands::{print, tenant},
    formulas::defused,
    output::{Output, is_stdout},
};

/// Which records to export.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Only those with these values of these fields.
    pub filter: Vec<(String, String)>,
    /// Only those in whose texts each of these words occurs.
    pub search: Option<String>,
}

pub(crate) async fn export(crm: &Crm, arguments: ExportArgs) -> Result<()> {
    let tenant = tenant(crm, &arguments.tenant).await?;
    let scope = crm.scope(tenant.id, Actor::job("export"));
    let ExportArgs { kind, file, filter, search, .. } = arguments;
    let asked = Asked { filter, search };
    match kind {
        ExportKind::Customers => write_to::<Customer>(crm, &scope, &asked, &file).await,
        ExportKind::Contacts => write_to::<Contact>(crm, &scope, &asked, &file).await,
        ExportKind::Leads => write_to::<Lead>(crm, &scope, &asked, &file).await,
        ExportKind::Interactions => write_to::<Interaction>(crm, &scope, &asked, &file).await,
        ExportKind::Projects => write_to::<Project>(crm, &scope, &asked, &file).await,
        ExportKind::Tasks => write_to::<Task>(crm, &scope, &asked, &file).await,
    }
}

async fn write_to<T: Entity>(crm: &Crm, scope: &TenantScope, asked: &Asked, file: &Path) -> Result<()> {
    if is_stdout(file) {
        return write::<T>(crm, scope, asked, BufWriter::new(io::stdout())).await.map(drop);
    }
    let output = Output::new(file)?;
    let begun = output.begin().with_context(|| format!("`{}` cannot be written", file.display()))?;
    let count = write::<T>(crm, scope, asked, begun).await?;
    output.keep()?;
    print(&format!("exported {count} {}", T::object().name))
}

/// Writes a line for each record that is asked for, after one with the names of the columns; how many. Memory does not
/// grow with them.
///
/// # Errors
/// If the actor may not export, if something is asked for that there is not, or if the output cannot be written.
pub async fn write<T: Entity>(
    crm: &Crm,
    scope: &TenantScope,
    asked: &Asked,
    mut out: impl Write + Send,
) -> Result<u64> {
    let unwritten = "the output cannot be written";
    let first = query::<T>(asked)?;
    let mut page = crm.records::<T>(scope).export(first).await?;
    let users = users(crm, scope).await?;
    line(&mut out, header(T::object()).into_iter().map(Cow::Borrowed)).context(unwritten)?;
    let mut count = 0;
    loop {
        for record in &page.data {
            line(&mut out, cells(record, &users).into_iter()).context(unwritten)?;
            count += 1;
        }
        let Some(cursor) = page.next_cursor else { break };
        page = crm.records::<T>(scope).export(query(asked)?.after(cursor)).await?;
    }
    out.flush().context(unwritten)?;
    Ok(count)
}

/// The first page of what is asked for.
fn query<T: Entity>(asked: &Asked) -> Result<Query<T>> {
    let object = T::object();
    let mut query = Query::new().limit(MAX_PAGE);
    for (name, text) in &asked.filter {
        let unknown = || anyhow!("{} cannot be filtered by `{name}`", object.name);
        let key = object.key(name).filter(|key| object.is_filterable(*key)).ok_or_else(unknown)?;
        let value = object.parse(key, text).map_err(|must| anyhow!("`{name}` {must}, not `{text}`"))?;
        query = query.filter(Condition::new(name.clone(), Operator::Eq, vec![value]));
    }
    Ok(match &asked.search {
        Some(search) => query.search(search),
        None => query,
    })
}

/// What people are called in a file: by their e-mail address, which is the same in every tenant.
async fn users(crm: &Crm, scope: &TenantScope) -> Result<HashMap<Uuid, String>> {
    let (mut users, mut cursor) = (HashMap::new(), None::<String>);
    loop {
        let query = Query::<User>::new().limit(MAX_PAGE);
        let query = match cursor {
            Some(cursor) => query.after(cursor),
            None => query,
        };
        let page = crm.users(scope).list(query).await?;
        users.extend(page.data.into_iter().map(|user| (user.id.uuid(), user.data.email)));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(users);
        }
    }
}

fn header(object: &'static Object) -> Vec<&'static str> {
    let mut names = vec!["id"];
    names.extend(object.series.map(|series| series.field));
    for (_, field) in object.public_fields() {
        names.push(field.name);
        names.extend((field.kind == Kind::Money).then_some("currency"));
    }
    names.extend(["created_at", "updated_at"]);
    names
}

/// As [`header`] names them.
fn cells<'a, T: Entity>(record: &'a Record<T>, users: &'a HashMap<Uuid, String>) -> Vec<Cow<'a, str>> {
    let object = T::object();
    let row = record.to_row();
    let mut cells: Vec<Cow<'a, str>> = vec![row.id.to_string().into()];
    cells.extend(object.series.map(|_| record.reference().unwrap_or_default().into()));
    for (index, field) in object.public_fields() {
        let value = row.values.get(index).unwrap_or(&Value::Null);
        if field.kind == Kind::Money {
            let (amount, currency) = match value {
                Value::Money(money) => (decimal(*money), money.currency().code().to_owned()),
                _ => (String::new(), String::new()),
            };
            cells.extend([amount.into(), currency.into()]);
            continue;
        }
        cells.push(match value {
            Value::Null => "".into(),
            // What it is told from others by when it is imported elsewhere.
            Value::Id(id) => users.get(id).map_or_else(|| id.to_string().into(), Into::into),
            Value::Text(text) => text.clone().into(),
            Value::Time(time) => format_time(*time).into(),
            Value::Json(Json::Array(labels)) => labels_cell(labels).into(),
            Value::Bool(_) | Value::Int(_) | Value::Date(_) | Value::Money(_) | Value::Json(_) => {
                let json = value.to_json();
                json.as_str().map_or_else(|| json.to_string(), str::to_owned).into()
            }
        });
    }
    cells.extend([row.created_at, row.updated_at].map(|time| format_time(time).into()));
    cells
}

/// Labels with `;` between them, or as a JSON list where one could be taken for several.
fn labels_cell(labels: &[Json]) -> String {
    let texts: Vec<&str> = labels.iter().filter_map(Json::as_str).collect();
    if texts.iter().any(|label| label.contains([',', ';', '|']) || label.starts_with('[')) {
        return Json::from(texts).to_string();
    }
    texts.join(";")
}

/// An amount in major units, in the only way in which it can be read.
fn decimal(money: Money) -> String {
    let digits = money.currency().minor_digits() as usize;
    if digits == 0 {
        return money.amount().to_string();
    }
    let sign = if money.amount() < 0 { "-" } else { "" };
    let minor = format!("{:0>width$}", money.amount().unsigned_abs(), width = digits + 1);
    let (whole, fraction) = minor.split_at(minor.len() - digits);
    // Three digits after a point could be thousands.
    let more = if digits == 3 { "0" } else { "" };
    format!("{sign}{whole}.{fraction}{more}")
}

/// Writes a line as RFC 4180 has it. What a spreadsheet would run is made harmless.
fn line<'a>(out: &mut impl Write, cells: impl Iterator<Item = Cow<'a, str>>) -> io::Result<()> {
    for (nth, cell) in cells.enumerate() {
        if nth > 0 {
            out.write_all(b",")?;
        }
        let cell = defused(&cell);
        let plain =
            |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.' | ':' | '@' | '+');
        if cell.chars().all(plain) {
            out.write_all(cell.as_bytes())?;
        } else {
            write!(out, "\"{}\"", cell.replace('"', "\"\""))?;
        }
    }
    out.write_all(b"\r\n")
}
