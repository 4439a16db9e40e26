//! Removing for good. A record in one statement: its row, its search text, the values of its events; what remains is one
//! event more. A tenant table by table; nothing remains.

use crm_core::{Conflict, Error, EventKind, referred_to_first};
use sqlx::Row as _;
use uuid::Uuid;

use crate::{
    commit::{Erasure, Writing},
    error::{Stop, broken},
    select,
    session::{ask, say},
    sql::{Parameter, Sql},
};

impl Writing<'_> {
    /// Removes a deleted record. The tenant's row is taken.
    pub(crate) async fn erase(&mut self, erasure: &Erasure) -> Result<(), Stop> {
        let sql = self.erasing(erasure)?;
        let answer = ask(self.connection, sql, self.prepared).await;
        let rows = answer.map_err(|stop| match stop {
            Stop::Failed(error) => broken(self.tables, &error).map_or(Stop::Failed(error), Stop::Refused),
            stop => stop,
        })?;
        let removed: i64 = rows.first().map_or(Ok(0), |row| row.try_get(0))?;
        if removed > 0 {
            return Ok(());
        }
        let table = self.tables.of(erasure.object)?;
        let sql = select::by_ids(table, &[erasure.id], Sql::within(erasure.author.tenant));
        let live = ask(self.connection, sql, self.prepared).await?;
        Err(Stop::Refused(match live.first() {
            Some(_) => Error::Conflict(Conflict::Rule("a live record cannot be erased; delete it first")),
            None => Error::NotFound { what: erasure.object.singular },
        }))
    }

    /// Removes every row that a tenant has in any table. The tenant's row is taken, so that nobody writes meanwhile.
    pub(crate) async fn erase_tenant(&mut self, tenant: Uuid) -> Result<(), Stop> {
        // What refers to others goes before them. A typed UUID leaves nothing to inject.
        let records = referred_to_first().into_iter().rev().map(|object| object.name);
        let delete =
            |table| format!("DELETE FROM {} WHERE tenant_id = '{tenant}'; ", self.tables.named(table));
        let deletes: String = records.chain(["search_texts"]).map(delete).collect();
        say(self.connection, &format!("{deletes}SELECT {}()", self.tables.named("forget"))).await
    }

    fn erasing(&self, erasure: &Erasure) -> Result<Sql, Error> {
        let Erasure { author, object, id, at } = erasure;
        let table = self.tables.of(object)?;
        let (heads, events) = (self.tables.named("heads"), self.tables.named("events"));
        let mut sql = Sql::within(author.tenant);
        sql.push(&format!("WITH removed AS (DELETE FROM {} WHERE tenant_id = $1 AND id = ", table.name));
        sql.bind(Parameter::Id(*id)).push(" AND deleted_at IS NOT NULL RETURNING version), ");
        sql.push(&format!("head AS (UPDATE {heads} AS h SET last_seq = h.last_seq + 1 FROM removed "));
        sql.push("WHERE h.tenant_id = $1 RETURNING h.last_seq, removed.version), ");
        sql.push(&format!(
            "text AS (DELETE FROM {} AS s USING removed WHERE s.tenant_id = $1 ",
            table.search
        ));
        sql.push("AND s.object = ").bind(Parameter::Text(object.name.to_owned())).push(" AND s.record_id = ");
        sql.bind(Parameter::Id(*id)).push("), ");
        sql.push(&format!("blanked AS MATERIALIZED (SELECT {}(", self.tables.named("blank")));
        sql.bind(Parameter::Text(object.name.to_owned())).push(", ").bind(Parameter::Id(*id));
        sql.push(") FROM removed), ");
        sql.push(&format!(
            "logged AS (INSERT INTO {events} (tenant_id, seq, at, actor, actor_type, request_id, "
        ));
        sql.push("object, record_id, version, kind, changes) SELECT $1, head.last_seq, ")
            .bind(Parameter::Time(*at));
        sql.push(", ").bind(Parameter::Text(author.actor.clone()));
        sql.push(", ").bind(Parameter::Text(author.kind.to_owned())).push(", ");
        match author.request {
            Some(request) => sql.bind(Parameter::Id(request)),
            None => sql.push("NULL"),
        };
        sql.push(", ").bind(Parameter::Text(object.name.to_owned())).push(", ").bind(Parameter::Id(*id));
        sql.push(", head.version + 1, ").bind(Parameter::Text(EventKind::Erased.name().to_owned()));
        sql.push(", '[]' FROM head) SELECT count(*), (SELECT count(*) FROM blanked) FROM head");
        Ok(sql)
    }
}
