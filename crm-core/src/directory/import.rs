//! Taking in a tenant from an [archive](crate::archive).
//!
//! What is taken in cannot be seen before all of it is there: until then its entry in the directory is a deleted one,
//! which leads nobody in. It is restored, with the memberships of the users, in one commit at the end. An entry that is
//! deleted and was never live is what is left of an import that was interrupted; the next one begins by removing it.

use std::{
    collections::BTreeMap,
    io::{BufRead, Seek},
};

use crate::{
    Batch, Conflict, Entity, Error, Event, EventKind, Faults, Fields, Id, Intake, Membership, Object, Past,
    Pipeline, Record, Result, Row, Settings, Sums, Tenant, TenantId, TenantScope, User,
    archive::{ArchiveError, Identity, Line, Manifest, Reader},
    plan::read,
    verify::verify,
};

use super::Directory;

/// So many rows, events or counters are taken in together.
const PART: usize = 500;

impl Directory<'_> {
    /// Takes in a tenant from an archive, with the ids and the log that it has there, under another slug if one is
    /// given. The users keep their roles; their passwords and the secrets of API keys are not in the archive, so that
    /// they need new ones unless they have an account here. The file is read twice: it is known to be whole before
    /// anything is written.
    ///
    /// # Errors
    /// [`ArchiveError`]. The tenant is not there then, nor is anything of it.
    pub async fn import_tenant<R: BufRead + Seek + Send>(
        &self,
        mut archive: R,
        slug: Option<&str>,
    ) -> Result<Record<Tenant>, ArchiveError> {
        let mut reader = Reader::new(&mut archive);
        reader.manifest()?;
        while reader.next()?.is_some() {}
        archive.rewind()?;
        let mut reader = Reader::new(archive);
        let mut manifest = reader.manifest()?;
        if let Some(slug) = slug {
            slug.clone_into(&mut manifest.tenant.slug);
        }
        self.found_directory().await?;
        self.make_room(&manifest.tenant).await?;
        let scope = TenantScope::from_maintenance(self.maintenance, manifest.tenant.id);
        match self.take_in(&scope, &manifest, reader).await {
            Ok(entry) => Ok(entry),
            Err(error) => {
                // Whatever keeps this from being done is left to the next import of this tenant.
                let _ = self.remove_remains(&scope).await;
                Err(error)
            }
        }
    }

    /// Sees that there is no such tenant, and notes an entry for it that nobody can see.
    async fn make_room(&self, tenant: &Identity) -> Result<(), ArchiveError> {
        let (id, slug) = (tenant.id, &tenant.slug);
        if self.tenant_by_slug(slug).await?.is_some() {
            return Err(ArchiveError::Taken(format!("a tenant `{slug}`")));
        }
        let scope = TenantScope::from_maintenance(self.maintenance, id);
        match read::<Tenant>(self.handle, &self.scope, id).await? {
            Some(entry) if entry.deleted_at.is_none() => {
                return Err(ArchiveError::Taken(format!("the tenant {id}, as `{}`,", entry.slug)));
            }
            Some(_) => self.remove_remains(&scope).await?,
            None if self.head(&scope).await? > 0 => {
                return Err(ArchiveError::Taken(format!("data of a tenant {id}")));
            }
            None => {}
        }
        let mut values = tenant.entry().to_values();
        let mut faults = Faults::default();
        crate::normalize::check(Tenant::object(), &mut values, &mut faults);
        faults.into_result()?;
        let change = self.first(id, tenant.entry(), tenant.created_at, Some(self.handle.now()));
        let batch = Batch { founds_tenant: false, ..self.founding(vec![change]) };
        self.handle.commit(&self.scope, batch).await?;
        Ok(())
    }

    /// Removes what an import that did not come to its end has left.
    async fn remove_remains(&self, scope: &TenantScope) -> Result<()> {
        self.handle.erase_tenant(scope).await?;
        self.remove::<Tenant>(scope.tenant()).await
    }

    async fn take_in<R: BufRead + Send>(
        &self,
        scope: &TenantScope,
        manifest: &Manifest,
        mut reader: Reader<R>,
    ) -> Result<Record<Tenant>, ArchiveError> {
        let mut arriving = Arriving::default();
        while let Some(line) = reader.next()? {
            let taken = match line {
                Line::Record(stored) => {
                    stored.row().and_then(|(object, row)| arriving.add_row(scope.tenant(), object, row))
                }
                Line::Event(event) => arriving.add_event(event),
                Line::Manifest(_) | Line::End(_) => Err("it stands in the wrong place".to_owned()),
            };
            taken.or_else(|what| reader.damaged(what))?;
            if arriving.waiting() >= PART {
                self.handle.take_in(scope, arriving.next_part()).await?;
            }
        }
        if arriving.records != manifest.records || arriving.events != manifest.events {
            return reader.damaged("the archive does not have as many records or events as it says");
        }
        if !arriving.is_tenant() {
            return reader.damaged("the archive lacks the settings or the pipeline");
        }
        self.handle.take_in(scope, arriving.next_part()).await?;
        let deltas = std::mem::take(&mut arriving.sums).deltas()?;
        for counters in deltas.chunks(PART) {
            let intake = Intake { counters: counters.to_vec(), ..Intake::default() };
            self.handle.take_in(scope, intake).await?;
        }
        let numbers = arriving.numbers.values().chain(arriving.made.values()).copied();
        for (object, number) in numbers {
            let intake = Intake { numbers: vec![(object, number)], ..Intake::default() };
            self.handle.take_in(scope, intake).await?;
        }
        // Records and log may have been changed by hand, together with the digest.
        let found = verify(self.handle.store, scope).await?;
        if let Some(difference) = found.differences.first() {
            return reader.damaged(format!("the archive contradicts itself: {difference}"));
        }
        self.publish(scope.tenant(), arriving.users).await
    }

    /// Lets the tenant be seen, and its users in.
    async fn publish(
        &self,
        id: TenantId,
        users: Vec<(String, Id<User>)>,
    ) -> Result<Record<Tenant>, ArchiveError> {
        let entry = read::<Tenant>(self.handle, &self.scope, id).await?;
        let entry = entry.ok_or(Error::NotFound { what: "tenant" })?;
        let mut plan = crate::Plan::new(self.handle, &self.scope);
        let tenant = plan.restore(&entry).await?;
        for (email, user) in users {
            let membership = Membership::default().email(email).tenant_id(id).user_id(user.uuid());
            let (values, faults, past) = (membership.to_values(), Faults::default(), Past::default());
            plan.create::<Membership>(None, values, faults, past).await?;
        }
        match plan.commit(None).await {
            Ok(_) => Ok(tenant),
            Err(Error::Conflict(Conflict::Unique { field: "slug", .. })) => {
                Err(ArchiveError::Taken(format!("a tenant `{}`", tenant.slug)))
            }
            Err(Error::Conflict(Conflict::Unique { .. })) => {
                Err(ArchiveError::Taken("a user of it, in another tenant,".to_owned()))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// What has been read of an archive.
#[derive(Default)]
struct Arriving {
    part: Intake,
    is_founded: bool,
    records: BTreeMap<String, u64>,
    events: u64,
    sums: Sums,
    standing: Vec<&'static str>,
    /// The greatest number of a record, by kind.
    numbers: BTreeMap<&'static str, (&'static Object, i64)>,
    /// How many were made, by kind: so many numbers were given, whatever has become of the records.
    made: BTreeMap<&'static str, (&'static Object, i64)>,
    users: Vec<(String, Id<User>)>,
}

impl Arriving {
    fn add_row(&mut self, tenant: TenantId, object: &'static Object, row: Row) -> Result<(), String> {
        let fit = |error: Error| error.to_string();
        if [Settings::object(), Pipeline::object()].contains(&object) && row.id == tenant.uuid() {
            self.standing.push(object.name);
            if object == Settings::object() {
                let settings = Record::<Settings>::from_row(row.clone()).map_err(fit)?;
                self.sums = Sums::by(settings.calendar());
            }
        } else if object.by_day && !self.standing.contains(&Settings::object().name) {
            return Err("it stands before the settings, by which it is counted".to_owned());
        }
        if object == User::object() && row.deleted_at.is_none() {
            let user = Record::<User>::from_row(row.clone()).map_err(fit)?;
            self.users.push((user.data.email, user.id));
        }
        if object.series.is_some() {
            self.number(object, row.number.ok_or("it has no number")?);
        }
        *self.records.entry(object.name.to_owned()).or_default() += 1;
        self.sums.add(object, &row);
        self.part.rows.push((object, row));
        Ok(())
    }

    fn add_event(&mut self, event: Event) -> Result<(), String> {
        let object = crate::object(&event.object).ok_or("it is about an unknown kind of record")?;
        self.events += 1;
        if event.seq.unsigned_abs() != self.events {
            return Err(format!("it is event {} and should be {}", event.seq, self.events));
        }
        if object.series.is_some() && event.kind == EventKind::Created {
            self.made.entry(object.name).or_insert((object, 0)).1 += 1;
        }
        self.part.events.push(event);
        Ok(())
    }

    fn number(&mut self, object: &'static Object, number: i64) {
        let (_, last) = self.numbers.entry(object.name).or_insert((object, 0));
        *last = (*last).max(number);
    }

    fn waiting(&self) -> usize {
        self.part.rows.len() + self.part.events.len()
    }

    fn next_part(&mut self) -> Intake {
        let founds_tenant = !std::mem::replace(&mut self.is_founded, true);
        Intake { founds_tenant, ..std::mem::take(&mut self.part) }
    }

    fn is_tenant(&self) -> bool {
        let mut standing = self.standing.clone();
        standing.sort_unstable();
        standing == [Pipeline::object().name, Settings::object().name]
    }
}
