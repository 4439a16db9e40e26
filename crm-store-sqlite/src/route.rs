//! By which index a list is read.
//!
//! SQLite would choose by statistics, which a young file lacks and an old one has wrong for the tenant at hand: for a
//! stage that most leads are in, the order should lead, for an address that one customer has, the filter. So the
//! choice is made here, for the values at hand, by counting index entries up to a bound, and is pinned with `INDEXED
//! BY`. A plan then is the same with every version of SQLite.

use crm_core::{Filter, Key, Visibility};
use rusqlite::types::Value as Parameter;
use uuid::Uuid;

use crate::{
    error::Stop,
    filter::{self, Sql},
    order::Order,
    pool::Database,
    select::{identity, visible},
    table::{Index, Table},
};

/// So many rows are sorted sooner than a page of them is found among all rows of a large tenant.
pub(crate) const FEW: i64 = 2_000;
/// So many conditions are looked at.
const MAX_LOOKS: usize = 4;

/// Where the rows of a page come from.
pub(crate) enum Route<'a> {
    /// From this index, in the order that is asked for.
    InOrder(&'a str),
    /// From this index, by a condition that few rows fulfil.
    Few(&'a str),
}

/// A condition that an index can answer.
struct Narrowing<'t, 'f> {
    filter: &'f Filter,
    index: &'t Index,
    /// Whether it is equality with one value.
    exact: bool,
}

impl Narrowing<'_, '_> {
    /// Whether few rows fulfil it, whatever the values.
    fn is_sure(&self) -> bool {
        self.index.unique && matches!(self.filter, Filter::Eq(..) | Filter::In(..))
    }
}

/// The route to one page, without the search index. With it at hand, any condition that few rows fulfil is taken first.
pub(crate) fn to_page<'a>(
    database: &Database,
    table: &'a Table,
    tenant: Uuid,
    filter: &Filter,
    order: &Order<'_>,
    visibility: Visibility,
    searched: bool,
) -> Result<Route<'a>, Stop> {
    let narrowings = narrowings(table, filter, visibility);
    if let Some(sure) = narrowings.iter().find(|narrowing| narrowing.is_sure()) {
        return Ok(Route::Few(&sure.index.name));
    }
    // What the order's own index answers anyway needs no other.
    let apart = narrowings.iter().any(|narrowing| narrowing.index.key != order.first());
    let apart = apart || (searched && !narrowings.is_empty());
    if let (false, Some(index), Visibility::Live) = (apart, table.index(order.first()), visibility) {
        return Ok(Route::InOrder(&index.name));
    }
    let ordered = narrowings.iter().find(|own| own.exact && own.index.in_default_order && order.is_default);
    if let (Some(only), 1, false) = (ordered, narrowings.len(), searched) {
        return Ok(Route::InOrder(&only.index.name));
    }
    if let Some(index) = narrowest(database, table, tenant, &narrowings, visibility)? {
        return Ok(Route::Few(index));
    }
    Ok(match (ordered, table.index(order.first())) {
        (Some(ordered), _) => Route::InOrder(&ordered.index.name),
        (None, Some(index)) if visibility == Visibility::Live || index.has_deleted => {
            Route::InOrder(&index.name)
        }
        (None, _) if visibility == Visibility::Deleted && order.is_default => Route::InOrder(&table.deleted),
        (None, _) => Route::Few(everything(table, visibility)),
    })
}

/// The index by which all matching rows are found.
pub(crate) fn to_all<'a>(
    database: &Database,
    table: &'a Table,
    tenant: Uuid,
    filter: &Filter,
    visibility: Visibility,
) -> Result<&'a str, Stop> {
    let narrowings = narrowings(table, filter, visibility);
    if let Some(sure) = narrowings.iter().find(|narrowing| narrowing.is_sure()) {
        return Ok(&sure.index.name);
    }
    if narrowings.len() > 1
        && let Some(index) = narrowest(database, table, tenant, &narrowings, visibility)?
    {
        return Ok(index);
    }
    let best = narrowings.iter().find(|narrowing| narrowing.exact).or(narrowings.first());
    Ok(best.map_or(everything(table, visibility), |best| &best.index.name))
}

/// How many rows of a tenant fulfil a condition on an index, counted up to one more than few.
pub(crate) fn size(
    database: &Database,
    table: &Table,
    tenant: Uuid,
    index: &str,
    condition: &Sql,
    visibility: Visibility,
) -> Result<i64, Stop> {
    let mut sql = Sql::default();
    sql.push("SELECT count(*) FROM (SELECT 1 FROM ").push(table.object.name).push(" INDEXED BY ").push(index);
    sql.push(" WHERE tenant_id = ?").bind(identity(tenant)).push(visible(visibility));
    sql.append(condition).push(" LIMIT ?)").bind(Parameter::Integer(FEW + 1));
    let mut statement = database.statement(&sql.text)?;
    Ok(statement.bind_all(&sql.parameters)?.first(|row| Ok(row.get(0)?))?.unwrap_or(0))
}

/// The index of the condition that the fewest rows fulfil, if they are few.
fn narrowest<'a>(
    database: &Database,
    table: &'a Table,
    tenant: Uuid,
    narrowings: &[Narrowing<'a, '_>],
    visibility: Visibility,
) -> Result<Option<&'a str>, Stop> {
    let mut best = None;
    for narrowing in narrowings.iter().take(MAX_LOOKS) {
        let mut condition = Sql::default();
        filter::and(table, narrowing.filter, &mut condition);
        let rows = size(database, table, tenant, &narrowing.index.name, &condition, visibility)?;
        if rows <= FEW && best.is_none_or(|(fewest, _)| rows < fewest) {
            best = Some((rows, narrowing.index.name.as_str()));
        }
    }
    Ok(best.map(|(_, index)| index))
}

/// The index of all rows that a list can show.
fn everything(table: &Table, visibility: Visibility) -> &str {
    let key = match visibility {
        Visibility::Live => Key::CreatedAt,
        Visibility::Deleted => return &table.deleted,
        Visibility::Any => Key::Id,
    };
    table.index(key).map_or("", |index| &index.name)
}

/// The conditions without which the filter does not hold, and for which there is an index; equality first.
fn narrowings<'t, 'f>(
    table: &'t Table,
    filter: &'f Filter,
    visibility: Visibility,
) -> Vec<Narrowing<'t, 'f>> {
    let mut all = Vec::new();
    collect(table, filter, visibility, &mut all);
    all.sort_by_key(|narrowing: &Narrowing<'_, '_>| !narrowing.exact);
    all
}

fn collect<'t, 'f>(
    table: &'t Table,
    filter: &'f Filter,
    visibility: Visibility,
    all: &mut Vec<Narrowing<'t, 'f>>,
) {
    let (key, exact) = match filter {
        Filter::All(filters) => {
            return filters.iter().for_each(|filter| collect(table, filter, visibility, all));
        }
        Filter::Eq(key, _) => (key, true),
        Filter::Less(key, _)
        | Filter::AtMost(key, _)
        | Filter::More(key, _)
        | Filter::AtLeast(key, _)
        | Filter::In(key, _)
        | Filter::Prefix(key, _)
        | Filter::IsNull(key) => (key, false),
        Filter::Any(_) | Filter::Not(_) | Filter::Search(_) => return,
    };
    let Some(index) = table.index(*key) else { return };
    let holds_all = visibility == Visibility::Live || index.has_deleted;
    let holds_nulls = index.has_nulls || !matches!(filter, Filter::IsNull(_));
    if holds_all && holds_nulls && filter::is_sargable(table, filter) {
        all.push(Narrowing { filter, index, exact });
    }
}
