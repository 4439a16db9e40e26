//! Search: when the text index is asked, and what for.
//!
//! What the index finds is compared with the terms once more where the rows are read, so it may find too much and must
//! never find too little.

use crm_core::{Filter, Result};
use sqlx::Row as _;
use uuid::Uuid;

use crate::{
    error::failed,
    reads::Source,
    sql::{List, Parameter, Sql},
    table::Table,
};

/// So many candidates are sorted sooner than a page of them is found by walking. With more, walking soon fills a page.
const FEW: usize = 2_000;
/// A term with fewer letters says nothing to the index.
const TELLING: usize = 3;

/// What the index has found.
#[derive(Debug)]
pub(crate) enum Candidates {
    /// It was not asked: there is no term that it could know.
    NotAsked,
    /// All records that can match.
    All(Vec<Uuid>),
    /// Too many to list.
    Many,
}

impl Candidates {
    pub(crate) fn ids(&self) -> Option<&[Uuid]> {
        match self {
            Self::All(ids) => Some(ids),
            Self::NotAsked | Self::Many => None,
        }
    }

    pub(crate) fn is_searched(&self) -> bool {
        !matches!(self, Self::NotAsked)
    }
}

/// The records that can match a filter, if it has terms that the index knows and few records have them.
pub(crate) async fn candidates(
    source: &dyn Source,
    tenant: Uuid,
    table: &Table,
    filter: &Filter,
) -> Result<Candidates> {
    let mut terms = Vec::new();
    required_terms(filter, &mut terms);
    terms.retain(|term| term.chars().count() >= TELLING);
    if terms.is_empty() || !table.object.is_searchable() {
        return Ok(Candidates::NotAsked);
    }
    let patterns: Vec<Option<String>> = terms.iter().map(|term| Some(pattern(term))).collect();
    let found = source.tables().named("found");
    let asked = |mut sql: Sql| {
        sql.push("SELECT f.id FROM ").push(&found).push("(");
        sql.bind(Parameter::Text(table.object.name.to_owned())).push(", ");
        sql.bind(Parameter::List(List::Text(patterns.clone()))).push(", ");
        sql.bind(Parameter::Int(FEW as i64 + 1)).push(") AS f (id) WHERE ");
        sql.is_set();
        sql
    };
    let rows = source.rows(tenant, &asked, true).await?;
    if rows.len() > FEW {
        return Ok(Candidates::Many);
    }
    let ids = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(failed)?;
    Ok(Candidates::All(ids))
}

/// The terms without which the filter does not hold.
fn required_terms<'a>(filter: &'a Filter, terms: &mut Vec<&'a str>) {
    match filter {
        Filter::All(filters) => filters.iter().for_each(|filter| required_terms(filter, terms)),
        Filter::Search(own) => terms.extend(own.iter().map(String::as_str)),
        _ => {}
    }
}

/// A term anywhere, as a pattern of `LIKE`.
fn pattern(term: &str) -> String {
    let mut pattern = String::from("%");
    for letter in term.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_in_a_term_is_a_letter() {
        assert_eq!(pattern("50%_\\"), "%50\\%\\_\\\\%");
    }
}
