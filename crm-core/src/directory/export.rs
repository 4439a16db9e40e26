//! Writing a tenant as an [archive](crate::archive).

use std::{collections::BTreeMap, io::Write};

use crate::{
    CounterQuery, Direction, EventQuery, Filter, Key, MAX_PAGE, Object, Result, Select, TenantId,
    TenantScope, Visibility,
    archive::{ArchiveError, Identity, Line, Manifest, Stored, Writer, kinds},
};

use super::Directory;

impl Directory<'_> {
    /// Writes a whole tenant: all its records, live and deleted, and its log. An archive that has come to its end is
    /// of one moment.
    ///
    /// # Errors
    /// [`ArchiveError::Unsettled`] if the tenant is written to meanwhile; then what was written is no archive.
    /// [`Error::NotFound`](crate::Error::NotFound) if there is no such tenant.
    pub async fn export_tenant<W: Write + Send>(
        &self,
        id: TenantId,
        out: W,
    ) -> Result<Manifest, ArchiveError> {
        let entry = self.tenant(id).await?;
        let scope = TenantScope::from_maintenance(self.maintenance, id);
        let head = self.head(&scope).await?;
        let (slug, name, status) = (entry.slug.clone(), entry.name.clone(), entry.status.clone());
        let tenant = Identity { id, slug, name, status, created_at: entry.created_at };
        let mut records = BTreeMap::new();
        for object in kinds() {
            let all = Filter::All(Vec::new());
            let count = self.handle.store.count(&scope, object, &all, Visibility::Any).await?;
            records.extend((count > 0).then(|| (object.name.to_owned(), count)));
        }
        let manifest = Manifest::new(tenant, records, head.unsigned_abs());
        let mut writer = Writer::new(out);
        writer.write(&Line::Manifest(manifest.clone()))?;
        for object in kinds() {
            self.write_records(&scope, object, &mut writer).await?;
        }
        self.write_log(&scope, head, &mut writer).await?;
        if self.head(&scope).await? != head {
            return Err(ArchiveError::Unsettled);
        }
        writer.finish()?;
        Ok(manifest)
    }

    /// The number of a tenant's last event.
    pub(super) async fn head(&self, scope: &TenantScope) -> Result<i64> {
        Ok(self.handle.store.counters(scope, &CounterQuery::of(&[])).await?.as_of)
    }

    async fn write_records<W: Write + Send>(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        writer: &mut Writer<W>,
    ) -> Result<(), ArchiveError> {
        let mut select = Select {
            object,
            filter: Filter::All(Vec::new()),
            sort: vec![(Key::Id, Direction::Ascending)],
            after: None,
            limit: MAX_PAGE,
            visibility: Visibility::Any,
        };
        loop {
            let page = self.handle.store.query(scope, &select).await?;
            let last = page.rows.last().filter(|_| page.more).map(|last| select.position(last));
            for row in page.rows {
                writer.write(&Line::Record(Stored::of(object, row)))?;
            }
            match last {
                Some(last) => select.after = Some(last),
                None => return Ok(()),
            }
        }
    }

    async fn write_log<W: Write + Send>(
        &self,
        scope: &TenantScope,
        head: i64,
        writer: &mut Writer<W>,
    ) -> Result<(), ArchiveError> {
        let mut after = 0;
        while after < head {
            let query = EventQuery { after, before: Some(head + 1), ..EventQuery::default() };
            let events = self.handle.store.events(scope, &query).await?;
            let Some(last) = events.last() else { break };
            after = last.seq;
            for event in events {
                writer.write(&Line::Event(event))?;
            }
        }
        Ok(())
    }
}
