//! Taking in a part of a tenant as it was elsewhere: a statement for the tenant's row, and one for each table.

use crm_core::{Conflict, Error, Event, Intake, Result};
use sqlx::Row as _;
use uuid::Uuid;

use crate::{
    commit::Writing,
    error::{Stop, broken},
    log,
    session::ask,
    sql::{Json, List, Parameter, Sql},
};

/// A part of a tenant, with what could be computed beforehand.
pub(crate) struct Arrival {
    pub(crate) tenant: Uuid,
    pub(crate) intake: Intake,
    /// Per event, its changes.
    changes: Vec<Json>,
}

impl Arrival {
    pub(crate) fn new(tenant: Uuid, intake: Intake) -> Result<Self> {
        let changes = intake.events.iter().map(|event| log::write_changes(&event.changes));
        Ok(Self { tenant, changes: changes.collect::<Result<_>>()?, intake })
    }
}

impl Writing<'_> {
    /// Takes in a part of a tenant. The tenant's row is taken, if there is one.
    pub(crate) async fn take_in(&mut self, arrival: &Arrival) -> Result<(), Stop> {
        let Arrival { tenant, intake, changes } = arrival;
        self.advance(*tenant, intake).await?;
        // What is referred to stands before what refers to it, and a statement is about one table.
        for rows in intake.rows.chunk_by(|one, next| one.0 == next.0) {
            let Some((object, _)) = rows.first() else { continue };
            let table = self.tables.of(object)?;
            let (name, names) = (table.name.clone(), table.names.join(", "));
            let lists = table.lists(rows.iter().map(|(_, row)| row))?;
            self.insert(*tenant, &name, &names, lists, "").await?;
            if object.is_searchable() {
                let kinds = rows.iter().map(|_| Some(object.name.to_owned())).collect();
                let ids = rows.iter().map(|(_, row)| Some(row.id)).collect();
                let bodies = rows.iter().map(|(_, row)| Some(object.search_text(&row.values))).collect();
                let lists = vec![List::Text(kinds), List::Id(ids), List::Text(bodies)];
                let name = self.tables.named("search_texts");
                self.insert(*tenant, &name, "object, record_id, body", lists, "").await?;
            }
        }
        let name = self.tables.named("events");
        self.insert(*tenant, &name, EVENT, events(&intake.events, changes), "").await?;
        let names = intake.counters.iter().map(|delta| Some(delta.name.to_owned())).collect();
        let keys = intake.counters.iter().map(|delta| Some(delta.key.clone())).collect();
        let values = intake.counters.iter().map(|delta| Some(delta.by)).collect();
        let (name, lists) =
            (self.tables.named("counters"), vec![List::Text(names), List::Text(keys), List::Int(values)]);
        let add = " ON CONFLICT (tenant_id, name, key) DO UPDATE SET value = o.value + excluded.value";
        self.insert(*tenant, &name, "name, key, value", lists, add).await?;
        let objects = intake.numbers.iter().map(|(object, _)| Some(object.name.to_owned())).collect();
        let numbers = intake.numbers.iter().map(|(_, number)| Some(*number)).collect();
        let (name, lists) = (self.tables.named("series"), vec![List::Text(objects), List::Int(numbers)]);
        let raise = " ON CONFLICT (tenant_id, object) DO UPDATE \
             SET last_number = greatest(o.last_number, excluded.last_number)";
        self.insert(*tenant, &name, "object, last_number", lists, raise).await
    }

    /// Founds the tenant where that is due, and moves the head of its log, which the events must follow.
    async fn advance(&mut self, tenant: Uuid, intake: &Intake) -> Result<(), Stop> {
        let (heads, mut sql) = (self.tables.named("heads"), Sql::within(tenant));
        let events = Parameter::Int(intake.events.len() as i64);
        if intake.founds_tenant {
            sql.push(&format!("INSERT INTO {heads} (tenant_id, last_seq) VALUES ($1, ")).bind(events);
            sql.push("::bigint) ON CONFLICT (tenant_id) DO NOTHING RETURNING last_seq");
        } else {
            sql.push(&format!("UPDATE {heads} SET last_seq = last_seq + ")).bind(events);
            sql.push("::bigint WHERE tenant_id = $1 RETURNING last_seq");
        }
        let rows = ask(self.connection, sql, self.prepared).await?;
        let Some(head) = rows.first() else {
            return Err(Stop::Refused(match intake.founds_tenant {
                true => Error::Conflict(Conflict::Tenant),
                false => Error::NotFound { what: "tenant" },
            }));
        };
        let first = head.try_get::<i64, _>(0)? - intake.events.len() as i64 + 1;
        match (first..).zip(&intake.events).all(|(seq, event)| event.seq == seq) {
            true => Ok(()),
            false => Err(Error::Conflict(Conflict::Log).into()),
        }
    }

    /// Inserts rows into a table, from a list per column.
    async fn insert(
        &mut self,
        tenant: Uuid,
        table: &str,
        columns: &str,
        lists: Vec<List>,
        or_else: &str,
    ) -> Result<(), Stop> {
        if lists.first().is_none_or(|list| list.len() == 0) {
            return Ok(());
        }
        let mut sql = Sql::within(tenant);
        sql.push(&format!("INSERT INTO {table} AS o (tenant_id, {columns}) SELECT $1, u.* FROM unnest("));
        for (nth, list) in lists.into_iter().enumerate() {
            let name = list.type_name();
            sql.push(if nth > 0 { ", " } else { "" }).bind(Parameter::List(list)).push("::").push(name);
        }
        sql.push(") AS u").push(or_else);
        match ask(self.connection, sql, self.prepared).await {
            Ok(_) => Ok(()),
            Err(Stop::Failed(error)) => {
                Err(broken(self.tables, &error).map_or(Stop::Failed(error), Stop::Refused))
            }
            Err(stop) => Err(stop),
        }
    }
}

const EVENT: &str = "seq, at, actor, actor_type, request_id, object, record_id, version, kind, changes";

/// As [`EVENT`] has it.
fn events(events: &[Event], changes: &[Json]) -> Vec<List> {
    let texts =
        |text: &dyn Fn(&Event) -> String| List::Text(events.iter().map(|event| Some(text(event))).collect());
    vec![
        List::Int(events.iter().map(|event| Some(event.seq)).collect()),
        List::Time(events.iter().map(|event| Some(event.at)).collect()),
        texts(&|event| event.actor.clone()),
        texts(&|event| event.actor_type.name().to_owned()),
        List::Id(events.iter().map(|event| event.request_id).collect()),
        texts(&|event| event.object.clone()),
        List::Id(events.iter().map(|event| Some(event.record_id)).collect()),
        List::Int(events.iter().map(|event| Some(event.version)).collect()),
        texts(&|event| event.kind.name().to_owned()),
        List::Json(changes.iter().cloned().map(Some).collect()),
    ]
}
