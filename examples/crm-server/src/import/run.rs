//! The import itself: rows in, batches out, every row accounted for.

use std::{collections::HashMap, io};

use anyhow::{Context, Result, bail};
use crm_core::{
    Condition, Conflict, Crm, Direction, Entity, Error, Fields, MAX_PAGE, Operator, Pipeline, Query, Record,
    Records, Settings, Sort, TenantScope, User, Value, Violation,
};

use super::{
    Options,
    columns::Columns,
    convert::{Candidate, Converter, Fault, Users, digest},
    decode::{Text, UNREADABLE},
    dialect,
    report::{Report, lines, shown},
    rows::{Row, Rows},
    seen::Seen,
    stages::Stages,
};

/// How many records are written at once.
pub const BATCH: usize = 500;

/// Who hears what an import has to tell.
pub trait Listener: Send + Sync {
    /// A line of the report.
    ///
    /// # Errors
    /// If it cannot be passed on; the import ends then.
    fn line(&mut self, line: &str) -> io::Result<()>;

    /// So many bytes of the file have been read.
    fn progress(&mut self, bytes: u64) {
        let _ = bytes;
    }
}

/// Imports a file into a tenant. What it tells on the way, and the figures at the end.
///
/// # Errors
/// If the file is no table, if the options do not fit it or the tenant, or if the store fails; what was written until
/// then stays, and another import goes on from there.
pub async fn import<T: Entity>(
    crm: &Crm,
    scope: &TenantScope,
    text: Text,
    options: &Options,
    listener: &mut dyn Listener,
) -> Result<Report> {
    let mut rows = dialect::open(text, options.delimiter).context("the file cannot be read")?;
    let columns = Columns::recognize(T::object(), header(&mut rows)?, options)?;
    let stages = match T::object().name {
        "leads" => Some(pipeline_stages(crm, scope, options).await?),
        _ if options.stages.is_empty() => None,
        _ => bail!("--stage is for leads; {} have no stage", T::object().name),
    };
    let users =
        if columns.feeds.contains_key("owner_id") { users(crm, scope).await? } else { Users::default() };
    let settings = crm.settings(scope).get(Settings::of(scope.tenant())).await?;
    for line in columns.summary(rows.delimiter()) {
        tell(listener, &line)?;
    }
    let mut run = Run::<T> {
        records: crm.records(scope),
        converter: Converter::new(columns, stages, users, settings.calendar(), options),
        options,
        listener,
        report: Report::default(),
        batch: Vec::with_capacity(BATCH),
        told: Vec::new(),
        ids: Seen::default(),
        repeats: Seen::default(),
    };
    let done = run.all(&mut rows).await;
    let told = run.finish(&rows);
    // What ended it comes first: where the report cannot be written, its end cannot be either.
    done.and(told).with_context(|| format!("stopped after {}", run.report))?;
    Ok(run.report)
}

fn tell(listener: &mut dyn Listener, line: &str) -> Result<()> {
    listener.line(line).context("the output cannot be written")
}

fn header(rows: &mut Rows) -> Result<Vec<String>> {
    let mut row = Row::default();
    if !rows.read(&mut row).context("the file cannot be read")? {
        bail!("the file has no content: it needs a line of column names, then a line for each record");
    }
    if let Some(fault) = &row.fault {
        bail!("the column names on {} cannot be read: {fault}", lines(row.line, row.last_line));
    }
    if row.cells().any(|cell| cell.contains(['\0', UNREADABLE])) {
        bail!(
            "the column names hold characters that are no text: is this a CSV file? its encoding can be named with --encoding"
        );
    }
    Ok(row.cells().map(|cell| cell.trim_start_matches('\u{FEFF}').to_owned()).collect())
}

async fn pipeline_stages(crm: &Crm, scope: &TenantScope, options: &Options) -> Result<Stages> {
    let pipeline = crm.pipelines(scope).get(Pipeline::of(scope.tenant())).await?;
    Stages::new(pipeline.data.stages.0, &options.stages)
}

async fn users(crm: &Crm, scope: &TenantScope) -> Result<Users> {
    let mut users = Users::default();
    let mut cursor = None;
    loop {
        let query = Query::<User>::new().limit(MAX_PAGE);
        let query = match cursor {
            Some(cursor) => query.after(cursor),
            None => query,
        };
        let page = crm.users(scope).list(query).await?;
        for user in &page.data {
            users.add(user.id.uuid(), &user.email, user.name.as_deref());
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(users);
        }
    }
}

struct Run<'a, T: Entity> {
    records: Records<'a, T>,
    converter: Converter<'a, T>,
    options: &'a Options,
    listener: &'a mut dyn Listener,
    report: Report,
    batch: Vec<Candidate<T>>,
    /// What is to be told of the rows of this batch, by line.
    told: Vec<(u64, String)>,
    ids: Seen,
    repeats: Seen,
}

impl<T: Entity> Run<'_, T> {
    async fn all(&mut self, rows: &mut Rows) -> Result<()> {
        let width = self.converter.columns.names.len();
        let mut row = Row::default();
        while rows
            .read(&mut row)
            .with_context(|| format!("the file cannot be read after line {}", row.last_line))?
        {
            if row.is_empty() {
                self.report.empty += 1;
                continue;
            }
            self.report.read += 1;
            match self.flaw(&row, width, rows) {
                Some(flaw) => self.refuse(row.line, row.last_line, &flaw),
                None => self.take(&row),
            }
            if self.batch.len() >= BATCH || self.told.len() >= BATCH {
                self.flush().await?;
                self.listener.progress(rows.text().bytes());
            }
        }
        self.flush().await
    }

    /// Why a row cannot be taken for what its columns say.
    fn flaw(&self, row: &Row, width: usize, rows: &Rows) -> Option<String> {
        if let Some(fault) = &row.fault {
            return Some(fault.to_string());
        }
        let extra = (width..row.len()).any(|column| !row.cell(column).is_empty());
        if row.len() < width || extra {
            return Some(format!("it has {} cells, the header has {width}", row.len()));
        }
        if let Some(column) = row.cells().position(|cell| cell.contains(UNREADABLE)) {
            let encoding = rows.text().encoding().map_or("ASCII", |encoding| encoding.name());
            let name = shown(self.converter.columns.name(column));
            return Some(format!(
                "{name} holds bytes that are no {encoding} text; name the encoding with --encoding"
            ));
        }
        None
    }

    /// Makes a candidate of a row, unless its id was there before.
    fn take(&mut self, row: &Row) {
        let mut candidate = self.converter.convert(row);
        let index = T::object().index_of("external_id");
        let mut values = candidate.data.to_values();
        let own = index.and_then(|index| values.get(index)).and_then(Value::as_text).map(str::to_owned);
        if let Some(id) = own.filter(|id| !id.is_empty()) {
            if let Some(first) = self.ids.first_line(&id, row.line) {
                let id = shown(&id);
                self.refuse(row.line, row.last_line, &format!("same external_id `{id}` as line {first}"));
                return;
            }
        } else if let Some(slot) = index.and_then(|index| values.get_mut(index)) {
            let id = digest(row);
            let id = match self.repeats.occurrence(&id) {
                1 => id,
                nth => format!("{id}-{nth}"),
            };
            *slot = Value::Text(id);
            candidate.data = T::from_values(&values).unwrap_or_default();
        }
        self.batch.push(candidate);
    }

    fn refuse(&mut self, first: u64, last: u64, reason: &str) {
        self.report.refused += 1;
        self.told.push((first, format!("{}: refused: {reason}", lines(first, last))));
    }

    fn refuse_candidate(&mut self, candidate: &Candidate<T>) {
        for fault in candidate.faults.iter().filter(|fault| fault.field == "stage") {
            self.report.note_unknown_stage(fault.entered.as_deref().unwrap_or_default());
        }
        let reasons = candidate.faults.iter().map(|fault| self.converter.describe(candidate, fault));
        let reasons = reasons.collect::<Vec<_>>().join("; ");
        self.refuse(candidate.line, candidate.last_line, &reasons);
    }

    /// Writes the batch and tells what came of it.
    async fn flush(&mut self) -> Result<()> {
        let batch = std::mem::take(&mut self.batch);
        let known = self.known(&batch).await?;
        let mut fresh = Vec::new();
        for mut candidate in batch {
            let existing = known.get(&external_id(&candidate.data));
            let wanted = existing.is_none() || self.options.update;
            if !candidate.faults.is_empty() || self.options.lenient || (self.options.dry_run && wanted) {
                self.examine(&mut candidate).await?;
            }
            match existing {
                Some(existing) => self.meet(existing, candidate).await?,
                None if candidate.faults.is_empty() => fresh.push(candidate),
                None => self.refuse_candidate(&candidate),
            }
        }
        if self.options.dry_run {
            self.report.created += fresh.len() as u64;
        } else {
            self.create(fresh).await?;
        }
        self.told.sort_by_key(|(line, _)| *line);
        for (_, line) in self.told.drain(..) {
            tell(self.listener, &line)?;
        }
        Ok(())
    }

    /// The records that are there already, by their external ids.
    async fn known(&self, batch: &[Candidate<T>]) -> Result<HashMap<String, Record<T>>> {
        let mut known = HashMap::new();
        // One with NUL is no record's, and no list can be asked for it; the rules refuse its row.
        let ids = batch.iter().map(|candidate| external_id(&candidate.data)).filter(|id| !id.contains('\0'));
        let ids: Vec<Value> = ids.map(Value::Text).collect();
        for ids in ids.chunks(crm_core::MAX_ONE_OF) {
            let query = Query::<T>::new()
                .filter(Condition::new("external_id", Operator::In, ids.to_vec()))
                .sort(Sort::new("id", Direction::Ascending))
                .limit(MAX_PAGE);
            for record in self.records.list(query).await?.data {
                known.insert(external_id(&record.data), record);
            }
        }
        Ok(known)
    }

    /// Checks a candidate by all rules, so that all its faults are known, and softens it if that is wanted.
    async fn examine(&mut self, candidate: &mut Candidate<T>) -> Result<()> {
        // A round for each field that may have to go, and one for what follows from that.
        for _ in 0..=T::COUNT {
            match self.records.check_import(candidate.data.clone(), candidate.past).await {
                Ok(()) => {}
                Err(Error::Invalid { violations }) => self.note(candidate, violations),
                Err(error) => return Err(error.into()),
            }
            if candidate.faults.is_empty() || !self.options.lenient || !self.converter.soften(candidate) {
                break;
            }
        }
        if candidate.faults.is_empty() {
            self.report.moved += candidate.moved as u64;
        }
        Ok(())
    }

    fn note(&self, candidate: &mut Candidate<T>, violations: Vec<Violation>) {
        for violation in violations {
            let field = violation.pointer.trim_start_matches('/').to_owned();
            if !candidate.faults.iter().any(|fault| fault.field == field) {
                candidate.faults.push(Fault { field, detail: violation.detail, entered: None });
            }
        }
    }

    /// Compares a candidate with the record that is there already.
    async fn meet(&mut self, existing: &Record<T>, candidate: Candidate<T>) -> Result<()> {
        let object = T::object();
        let (own, told) = (existing.data.to_values(), candidate.data.to_values());
        let mut differing: Vec<&str> = Vec::new();
        for index in &candidate.given {
            if own.get(*index) != told.get(*index) {
                differing.push(object.public_name(*index));
            }
        }
        let faulty = candidate.faults.iter().map(|fault| fault.field.as_str());
        let differing: Vec<&str> = differing.iter().copied().chain(faulty).collect();
        if differing.is_empty() {
            self.report.already_there += 1;
            return Ok(());
        }
        if !self.options.update {
            self.report.already_there += 1;
            self.report.differing += 1;
            let line = format!(
                "{}: already there, but differs in {}; --update would take over what the file says",
                lines(candidate.line, candidate.last_line),
                differing.join(", ")
            );
            self.told.push((candidate.line, line));
            return Ok(());
        }
        if !candidate.faults.is_empty() {
            self.refuse_candidate(&candidate);
            return Ok(());
        }
        if self.options.dry_run {
            self.report.updated += 1;
            return Ok(());
        }
        self.update(existing, candidate).await
    }

    async fn update(&mut self, existing: &Record<T>, mut candidate: Candidate<T>) -> Result<()> {
        let (given, told) = (candidate.given.clone(), candidate.data.to_values());
        let edit = move |data: &mut T| overlay(data, &given, &told);
        match self.records.update(existing.id, edit).await {
            Ok(after) if after.version > existing.version => self.report.updated += 1,
            Ok(_) => self.report.already_there += 1,
            Err(Error::Invalid { violations }) => {
                self.note(&mut candidate, violations);
                self.refuse_candidate(&candidate);
            }
            Err(error) => self.lost(&candidate, error)?,
        }
        Ok(())
    }

    /// Makes new records, all that can be made at once.
    async fn create(&mut self, mut fresh: Vec<Candidate<T>>) -> Result<()> {
        while !fresh.is_empty() {
            let all = fresh.iter().map(|candidate| (candidate.data.clone(), candidate.past)).collect();
            match self.records.import_many(all).await {
                Ok(made) => {
                    self.report.created += made.len() as u64;
                    return Ok(());
                }
                Err(Error::Invalid { violations }) => {
                    let Some(faulty) = by_row(violations, fresh.len()) else { break };
                    let mut sound = Vec::with_capacity(fresh.len());
                    for (index, mut candidate) in fresh.into_iter().enumerate() {
                        match faulty.get(&index) {
                            Some(violations) => {
                                self.note(&mut candidate, violations.clone());
                                self.refuse_candidate(&candidate);
                            }
                            None => sound.push(candidate),
                        }
                    }
                    fresh = sound;
                }
                Err(Error::Conflict(_)) => break,
                Err(error) => return Err(error.into()),
            }
        }
        for candidate in fresh {
            self.create_one(candidate).await?;
        }
        Ok(())
    }

    /// Makes one record where the batch could not be made as a whole.
    async fn create_one(&mut self, mut candidate: Candidate<T>) -> Result<()> {
        match self.records.import_many(vec![(candidate.data.clone(), candidate.past)]).await {
            Ok(_) => self.report.created += 1,
            Err(Error::Invalid { violations }) => {
                let own = by_row(violations.clone(), 1).and_then(|mut rows| rows.remove(&0));
                self.note(&mut candidate, own.unwrap_or(violations));
                self.refuse_candidate(&candidate);
            }
            Err(Error::Conflict(Conflict::Unique { field: "external_id", .. })) => {
                // Somebody else made it since this batch looked.
                let known = self.known(std::slice::from_ref(&candidate)).await?;
                match known.into_values().next() {
                    Some(existing) => self.meet(&existing, candidate).await?,
                    None => self.refuse(
                        candidate.line,
                        candidate.last_line,
                        "its external_id was taken meanwhile",
                    ),
                }
            }
            Err(error) => self.lost(&candidate, error)?,
        }
        Ok(())
    }

    /// A row that others got ahead of is refused; anything else ends the import.
    fn lost(&mut self, candidate: &Candidate<T>, error: Error) -> Result<()> {
        match error {
            Error::Conflict(_) | Error::NotFound { .. } => {
                self.refuse(candidate.line, candidate.last_line, &error.to_string());
                Ok(())
            }
            error => Err(error.into()),
        }
    }

    /// What is to be told at the end.
    fn finish(&mut self, rows: &Rows) -> Result<()> {
        // Whatever a failure left untold.
        for (_, line) in self.told.drain(..) {
            tell(self.listener, &line)?;
        }
        let text = rows.text();
        if let Some(encoding) = text.encoding().filter(|_| text.is_guess()) {
            let name = encoding.name();
            tell(self.listener, &format!("encoding: looks like {name}; name another with --encoding"))?;
        }
        let stages = self.converter.stages.iter().flat_map(Stages::interpreted);
        for (cell, key) in stages.filter(|(cell, _)| !cell.is_empty()) {
            tell(self.listener, &format!("stage `{}` was read as {key}", shown(cell)))?;
        }
        for (cell, count) in &self.report.unknown_stages {
            let cell = shown(cell);
            let hint = format!("add --stage \"{cell}=STAGE\"");
            tell(self.listener, &format!("stage `{cell}` is unknown ({count} rows): {hint}"))?;
        }
        let notes = [
            (self.report.moved, "cells were moved to the notes"),
            (self.report.differing, "of those already there differ from the file"),
            (self.report.empty, "empty rows were skipped"),
        ];
        for (count, what) in notes.into_iter().filter(|(count, _)| *count > 0) {
            tell(self.listener, &format!("{count} {what}"))?;
        }
        Ok(())
    }
}

fn external_id<T: Entity>(data: &T) -> String {
    let index = T::object().index_of("external_id");
    let values = data.to_values();
    index.and_then(|index| values.get(index)).and_then(Value::as_text).unwrap_or_default().to_owned()
}

/// Sets the fields that a row gives.
fn overlay<T: Fields>(data: &mut T, given: &[usize], told: &[Value]) {
    let mut values = data.to_values();
    for index in given {
        if let (Some(slot), Some(value)) = (values.get_mut(*index), told.get(*index)) {
            slot.clone_from(value);
        }
    }
    if let Ok(changed) = T::from_values(&values) {
        *data = changed;
    }
}

/// The broken rules of a batch by the row that breaks them; `None` if one is not of a row.
fn by_row(violations: Vec<Violation>, rows: usize) -> Option<HashMap<usize, Vec<Violation>>> {
    let mut by_row: HashMap<usize, Vec<Violation>> = HashMap::new();
    for violation in violations {
        let pointer = violation.pointer.strip_prefix('/')?;
        let (index, rest) = pointer.split_at(pointer.find('/').unwrap_or(pointer.len()));
        let index = index.parse().ok().filter(|index| *index < rows)?;
        by_row.entry(index).or_default().push(Violation { pointer: rest.to_owned(), ..violation });
    }
    Some(by_row)
}
