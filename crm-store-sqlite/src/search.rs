//! Search: when the trigram index is asked, and what for.
//!
//! The index of an object holds the rows of all tenants, a tenant's side by side, and knows which rows have which
//! three letters. What it finds is a superset of what matches, so every row is compared with the terms themselves. The
//! newest rows of a tenant are not in it yet, and are looked at where they are.

use std::collections::HashSet;

use crm_core::Filter;
use rusqlite::types::Value as Parameter;
use uuid::Uuid;

use crate::{
    error::Stop,
    filter::{self, Sql},
    pool::Database,
    select::identity,
    table::{Search, Table},
};

/// With so many candidates, looking at all of them costs less than finding out whether something else would.
pub(crate) const FEW: usize = 2_000;
/// With so many candidates, looking at all of them costs no more than walking a large tenant.
pub(crate) const MANY: usize = 50_000;
/// So many candidates tell what the others are like.
const SAMPLE: usize = 50;
/// More of a term's letters do not narrow it noticeably.
const MAX_TRIGRAMS: usize = 64;

const TENANT: &str = "SELECT tenant_no, last_rid, filed_rid FROM heads JOIN series USING (tenant_id) \
     WHERE tenant_id = ? AND object = ?";

/// A question to the index of an object's texts.
pub(crate) struct Question<'a> {
    database: &'a Database,
    table: &'a Table,
    tenant: Uuid,
    terms: Vec<String>,
    search: &'a Search,
    expression: String,
    /// The rids of the tenant that are in the index.
    filed: (i64, i64),
    /// Those that are not.
    rest: (i64, i64),
}

impl<'a> Question<'a> {
    /// What to ask about a filter; `None` if the tenant is small, or no term has three letters.
    pub(crate) fn of(
        database: &'a Database,
        table: &'a Table,
        tenant: Uuid,
        filter: &Filter,
    ) -> Result<Option<Self>, Stop> {
        let mut terms = Vec::new();
        required_terms(filter, &mut terms);
        let (Some(search), Some(expression)) = (&table.search, expression(&terms)) else { return Ok(None) };
        let mut statement = database.statement(TENANT)?;
        statement.bind(tenant.as_bytes().as_slice())?.bind(table.object.name)?;
        let found: Option<(i64, i64, i64)> =
            statement.first(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let Some((number, rows, filed)) = found.filter(|(_, rows, _)| *rows >= i64::from(database.large))
        else {
            return Ok(None);
        };
        let place = |rid: i64| (number << 32) | rid;
        let (filed, rest) = ((place(0), place(filed)), (place(filed + 1), place(rows)));
        Ok(Some(Self { database, table, tenant, terms, search, expression, filed, rest }))
    }

    /// The rids of the rows that can match, if they are no more than so many.
    pub(crate) fn candidates(&self, at_most: usize) -> Result<Candidates, Stop> {
        let limit = i64::try_from(at_most).unwrap_or(i64::MAX).saturating_add(1);
        let mut statement = self.database.statement(&self.search.probe)?;
        statement.bind(&self.expression)?.bind(self.filed.0)?.bind(self.filed.1)?.bind(limit)?;
        let mut rids = statement.all(|row| Ok(row.get::<_, i64>(0)?))?;
        drop(statement);
        if rids.len() <= at_most && self.rest.0 <= self.rest.1 {
            let mut sql = Sql::default();
            sql.push(&self.search.rest).bind(self.rest.0.into()).bind(self.rest.1.into());
            filter::and(self.table, &Filter::Search(self.terms.clone()), &mut sql);
            let missing = limit - i64::try_from(rids.len()).unwrap_or(limit);
            sql.push(" LIMIT ?").bind(missing.into());
            let mut statement = self.database.statement(&sql.text)?;
            rids.extend(statement.bind_all(&sql.parameters)?.all(|row| Ok(row.get::<_, i64>(0)?))?);
        }
        Ok(if rids.len() > at_most { Candidates::More(rids) } else { Candidates::All(rids) })
    }

    /// The rids of the rows that can match, as a subquery.
    pub(crate) fn subquery(&self) -> Sql {
        let ranges = [self.filed.0, self.filed.1, -1, self.rest.0, self.rest.1].map(Parameter::Integer);
        let expression = Parameter::Text(self.expression.clone());
        let parameters = [expression].into_iter().chain(ranges).collect();
        Sql { text: self.search.probe_and_rest.clone(), parameters }
    }

    /// Whether a fair part of these candidates match. Where they do not, as for a term whose letters are common and
    /// which is not, walking the rows until a page is full takes long.
    pub(crate) fn is_telling(&self, rids: &[i64]) -> Result<bool, Stop> {
        let step = (rids.len() / SAMPLE).max(1);
        let sample: Vec<i64> = rids.iter().copied().step_by(step).collect();
        let mut sql = Sql::default();
        sql.push("SELECT count(*) FROM ").push(self.table.object.name);
        sql.push(" NOT INDEXED WHERE rid IN (SELECT value FROM json_each(?)) AND tenant_id = ?");
        sql.bind(listed(&sample)).bind(identity(self.tenant));
        filter::and(self.table, &Filter::Search(self.terms.clone()), &mut sql);
        let mut statement = self.database.statement(&sql.text)?;
        let matching = statement.bind_all(&sql.parameters)?.first(|row| Ok(row.get::<_, i64>(0)?))?;
        Ok(matching.unwrap_or(0) * 10 >= i64::try_from(sample.len()).unwrap_or(i64::MAX))
    }
}

/// What the index found.
pub(crate) enum Candidates {
    /// All rows that can match.
    All(Vec<i64>),
    /// Some of too many.
    More(Vec<i64>),
}

/// Rids as one parameter.
pub(crate) fn listed(rids: &[i64]) -> Parameter {
    Parameter::Text(serde_json::Value::from(rids).to_string())
}

/// The terms without which the filter does not hold.
fn required_terms(filter: &Filter, terms: &mut Vec<String>) {
    match filter {
        Filter::All(filters) => filters.iter().for_each(|filter| required_terms(filter, terms)),
        Filter::Search(own) => terms.extend_from_slice(own),
        _ => {}
    }
}

/// Every three letters in a row of every term; `None` if no term has three.
fn expression(terms: &[String]) -> Option<String> {
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    for term in terms {
        let letters: Vec<char> = term.chars().collect();
        for trigram in letters.windows(3) {
            let trigram: String = trigram.iter().collect();
            if all.len() < MAX_TRIGRAMS && seen.insert(trigram.clone()) {
                all.push(format!("\"{}\"", trigram.replace('"', "\"\"")));
            }
        }
    }
    (!all.is_empty()).then(|| all.join(" AND "))
}
