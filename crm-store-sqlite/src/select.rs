//! Lists: a filter, an order and a place in it, as statements that walk an index from that place on.
//!
//! A place is not one range of an index where a key can be null or two keys run in opposite directions, but several
//! that follow each other. Each is a statement of its own, asked only while the page is not full, so that a page deep
//! in a list costs what the first one costs.

use crm_core::{Filter, Row, Rows, Select, Visibility};
use rusqlite::types::Value as Parameter;
use uuid::Uuid;

use crate::{
    error::Stop,
    filter::{self, Sql},
    order::{Order, Place},
    pool::Database,
    route::{self, FEW, Route},
    search::{self, Candidates, Question},
    table::{Table, table},
};

/// So many rows are walked for a page of a search before the other way is tried.
const WALK: i64 = 40_000;

/// One page.
pub(crate) fn page(database: &Database, tenant: Uuid, select: &Select) -> Result<Rows, Stop> {
    let list = List { database, table: table(select.object)?, tenant, select, order: Order::of(select)? };
    let limit = usize::try_from(select.limit).unwrap_or(usize::MAX);
    let mut rows = if select.visibility == Visibility::Any && !list.order.is_by_id() {
        // An index for a sort holds live rows or deleted ones: both lists are read and merged.
        let mut rows = list.rows(Visibility::Live)?;
        rows.extend(list.rows(Visibility::Deleted)?);
        rows.sort_by(|a, b| select.order(a, b));
        rows
    } else {
        list.rows(select.visibility)?
    };
    let more = rows.len() > limit;
    rows.truncate(limit);
    Ok(Rows { rows, more })
}

/// How many rows match.
pub(crate) fn count(
    database: &Database,
    table: &Table,
    tenant: Uuid,
    filter: &Filter,
    visibility: Visibility,
) -> Result<u64, Stop> {
    let mut sql = Sql::default();
    sql.push("SELECT count(*) FROM ").push(table.object.name);
    match Question::of(database, table, tenant, filter)? {
        Some(question) => {
            sql.push(" NOT INDEXED WHERE rid IN (").append(&question.subquery()).push(") AND tenant_id = ?")
        }
        None => {
            let index = route::to_all(database, table, tenant, filter, visibility)?;
            sql.push(" INDEXED BY ").push(index).push(" WHERE tenant_id = ?")
        }
    };
    sql.bind(identity(tenant)).push(visible(visibility));
    filter::and(table, filter, &mut sql);
    let mut statement = database.statement(&sql.text)?;
    let count = statement.bind_all(&sql.parameters)?.first(|row| Ok(row.get::<_, i64>(0)?))?;
    Ok(count.and_then(|count| count.try_into().ok()).unwrap_or(0))
}

struct List<'a> {
    database: &'a Database,
    table: &'a Table,
    tenant: Uuid,
    select: &'a Select,
    order: Order<'a>,
}

impl List<'_> {
    /// A page and one row more, so that it is known whether there is one.
    fn due(&self) -> i64 {
        i64::from(self.select.limit) + 1
    }

    fn rows(&self, visibility: Visibility) -> Result<Vec<Row>, Stop> {
        let Self { database, table, tenant, select, order } = self;
        let question = Question::of(database, table, *tenant, &select.filter)?;
        let searched = question.is_some();
        match route::to_page(database, table, *tenant, &select.filter, order, visibility, searched)? {
            Route::Few(index) => {
                let mut source = Sql::default();
                source.push(" INDEXED BY ").push(index).push(" WHERE tenant_id = ?").bind(identity(*tenant));
                self.sorted(source, visibility)
            }
            Route::InOrder(index) => match question {
                Some(question) => self.searched(&question, index, visibility),
                None => self.walked(index, visibility, ""),
            },
        }
    }

    /// By the search index where that finds few candidates, by walking where matches are so common that a page is soon
    /// full. A walk that does not come to an end within a budget was the wrong choice.
    fn searched(
        &self,
        question: &Question<'_>,
        index: &str,
        visibility: Visibility,
    ) -> Result<Vec<Row>, Stop> {
        let some = match question.candidates(search::FEW)? {
            Candidates::All(rids) => return self.sorted(self.found(&rids), visibility),
            Candidates::More(rids) => rids,
        };
        if question.is_telling(&some)? {
            self.database.budget.set(WALK);
            match self.walked(index, visibility, " AND within_budget(rid)") {
                Err(Stop::Failed(_)) if self.database.budget.is_spent() => {}
                rows => return rows,
            }
        }
        match question.candidates(search::MANY)? {
            Candidates::All(rids) => self.sorted(self.found(&rids), visibility),
            Candidates::More(_) => self.walked(index, visibility, ""),
        }
    }

    fn found(&self, rids: &[i64]) -> Sql {
        let mut source = Sql::default();
        source.push(" NOT INDEXED WHERE rid IN (SELECT value FROM json_each(?)) AND tenant_id = ?");
        source.bind(search::listed(rids)).bind(identity(self.tenant));
        source
    }

    /// From few rows, by sorting them.
    fn sorted(&self, source: Sql, visibility: Visibility) -> Result<Vec<Row>, Stop> {
        let mut sql = Sql::default();
        sql.push("SELECT ").push(&self.table.columns).push(" FROM ").push(self.table.object.name);
        sql.append(&source).push(visible(visibility));
        filter::and(self.table, &self.select.filter, &mut sql);
        if let Some(after) = &self.select.after {
            for (index, place) in self.order.after(after).iter().enumerate() {
                sql.push(if index == 0 { " AND ((tenant_id = ?" } else { ") OR (tenant_id = ?" });
                sql.bind(identity(self.tenant)).append(&place.condition);
            }
            sql.push("))");
        }
        self.ask(sql, self.due())
    }

    /// By walking an index in the order that is asked for, with one more condition.
    fn walked(&self, index: &str, visibility: Visibility, condition: &str) -> Result<Vec<Row>, Stop> {
        let places = match &self.select.after {
            Some(after) => self.order.after(after),
            None => self.order.whole(),
        };
        let mut rows: Vec<Row> = Vec::new();
        for place in places {
            let missing = self.due() - i64::try_from(rows.len()).unwrap_or(i64::MAX);
            if missing <= 0 {
                break;
            }
            let index = self.index_of(&place, index, visibility)?;
            let mut sql = Sql::default();
            sql.push("SELECT ").push(&self.table.columns).push(" FROM ").push(self.table.object.name);
            sql.push(" INDEXED BY ").push(index).push(" WHERE tenant_id = ?").bind(identity(self.tenant));
            sql.push(visible(visibility)).push(condition);
            filter::and(self.table, &self.select.filter, &mut sql);
            rows.extend(self.ask(std::mem::take(sql.append(&place.condition)), missing)?);
        }
        Ok(rows)
    }

    /// The index for one place: where the first key is fixed there, and many rows have that value, the one of the
    /// second key.
    fn index_of<'a>(
        &'a self,
        place: &Place,
        index: &'a str,
        visibility: Visibility,
    ) -> Result<&'a str, Stop> {
        let second = self.order.second().filter(|_| !self.order.is_by_id());
        let (Some(fixed), Some(second), Visibility::Live) =
            (&place.fixed, second.and_then(|key| self.table.index(key)), visibility)
        else {
            return Ok(index);
        };
        let rows = route::size(self.database, self.table, self.tenant, index, fixed, visibility)?;
        Ok(if rows <= FEW { index } else { &second.name })
    }

    fn ask(&self, mut sql: Sql, limit: i64) -> Result<Vec<Row>, Stop> {
        sql.push(&self.order.clause()).push(" LIMIT ?").bind(Parameter::Integer(limit));
        let mut statement = self.database.statement(&sql.text)?;
        statement.bind_all(&sql.parameters)?.all(|row| self.table.read(row))
    }
}

pub(crate) fn identity(id: Uuid) -> Parameter {
    Parameter::Blob(id.as_bytes().to_vec())
}

pub(crate) fn visible(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Live => " AND deleted_at IS NULL",
        Visibility::Deleted => " AND deleted_at IS NOT NULL",
        Visibility::Any => "",
    }
}
