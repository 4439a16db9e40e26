//! The directory: tenants, the accounts that sign in to them, and sign-ins. Everything here works across tenants and
//! asks for [`Maintenance`]; it reads and writes the directory's own tenant and nothing else, but for founding one.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    Account, Actor, ApiKey, Batch, Calendar, Change, Committed, Conflict, Entity, Error, EventDraft,
    EventKind, Expect, Faults, Fields, Filter, Id, Incident, Key, Maintenance, Membership, Page, Past,
    Pipeline, Query, Record, Records, Result, Row, Select, Session, Settings, Tenant, TenantId, TenantScope,
    User, Value, Visibility, Write, contact, crm::Handle, event, model::TIME_ZONE, plan::read,
    scope::DIRECTORY,
};

/// Tenants, accounts and sign-ins.
#[derive(Debug)]
pub struct Directory<'a> {
    handle: Handle<'a>,
    maintenance: &'a Maintenance,
    scope: TenantScope,
}

impl<'a> Directory<'a> {
    pub(crate) fn new(handle: Handle<'a>, maintenance: &'a Maintenance) -> Self {
        let scope = TenantScope::from_maintenance(maintenance, DIRECTORY);
        Self { handle, maintenance, scope }
    }

    fn records<T: Entity>(&self) -> Records<'_, T> {
        self.handle.records(&self.scope)
    }

    /// Founds a tenant with the default pipeline and lists it.
    ///
    /// # Errors
    /// [`Error::Invalid`]; [`Error::Conflict`] if the slug is taken.
    pub async fn create_tenant(&self, tenant: Tenant) -> Result<Record<Tenant>> {
        self.create_tenant_with(None, tenant, Settings::default()).await
    }

    /// The same with an id of the host's, for hosts that have tenants already.
    ///
    /// # Errors
    /// As [`create_tenant`](Self::create_tenant); [`Error::Conflict`] if the id is taken.
    pub async fn create_tenant_with_id(&self, id: TenantId, tenant: Tenant) -> Result<Record<Tenant>> {
        self.create_tenant_with(Some(id), tenant, Settings::default()).await
    }

    /// The same with settings of its own, such as its time zone, and with a new id if none is given.
    ///
    /// # Errors
    /// As [`create_tenant_with_id`](Self::create_tenant_with_id).
    pub async fn create_tenant_with(
        &self,
        id: Option<TenantId>,
        tenant: Tenant,
        settings: Settings,
    ) -> Result<Record<Tenant>> {
        let id = id.unwrap_or_else(|| Id::from_uuid(self.handle.new_id(self.handle.now())));
        if Calendar::named(&settings.time_zone).is_none() {
            return Err(Error::invalid("time_zone", "unknown_time_zone", TIME_ZONE));
        }
        self.found_directory().await?;
        if self.tenant_by_slug(&tenant.slug).await?.is_some() {
            return Err(Error::Conflict(Conflict::Unique { object: "tenants", field: "slug" }));
        }
        let mut plan = crate::Plan::new(self.handle, &self.scope);
        let record = plan
            .create::<Tenant>(Some(id.uuid()), tenant.to_values(), Faults::default(), Past::default())
            .await?;
        // The tenant comes first and its entry second: a crash between them leaves an empty tenant that nobody can
        // find, never an entry that leads nowhere.
        self.found(id, settings).await?;
        plan.commit(None).await?;
        Ok(record)
    }

    async fn found_directory(&self) -> Result<()> {
        match self.handle.commit(&self.scope, self.founding(Vec::new())).await {
            Ok(_) | Err(Error::Conflict(Conflict::Tenant)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn found(&self, tenant: TenantId, settings: Settings) -> Result<Committed> {
        let changes = vec![
            self.first(Pipeline::of(tenant), Pipeline::default()),
            self.first(Settings::of(tenant), settings),
        ];
        let scope = TenantScope::from_maintenance(self.maintenance, tenant);
        self.handle.commit(&scope, self.founding(changes)).await
    }

    /// A record that a tenant has from the first.
    fn first<T: Entity<Managed = ()>>(&self, id: Id<T>, data: T) -> Change {
        let now = self.handle.now();
        let record = Record::<T> {
            id,
            version: 1,
            created_at: now,
            updated_at: now,
            created_by: None,
            deleted_at: None,
            number: None,
            managed: (),
            data,
        };
        let row: Row = record.to_row();
        let changes = event::differences(T::object(), None, &row);
        Change {
            object: T::object(),
            id: row.id,
            expect: Expect::Absent,
            write: Write::Put {
                row: Box::new(row),
                search: None,
                event: EventDraft { kind: EventKind::Created, changes },
            },
        }
    }

    fn founding(&self, changes: Vec<Change>) -> Batch {
        Batch {
            once: None,
            founds_tenant: true,
            after: None,
            at: self.handle.now(),
            changes,
            counters: Vec::new(),
            bounds: Vec::new(),
        }
    }

    /// One page of the tenants.
    ///
    /// # Errors
    /// As [`Records::list`].
    pub async fn tenants(&self, query: Query<Tenant>) -> Result<Page<Record<Tenant>>> {
        self.records::<Tenant>().list(query).await
    }

    /// One tenant.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn tenant(&self, id: TenantId) -> Result<Record<Tenant>> {
        self.records::<Tenant>().get(id).await
    }

    /// The tenant with this slug.
    ///
    /// # Errors
    /// Whatever the store objects to.
    pub async fn tenant_by_slug(&self, slug: &str) -> Result<Option<Record<Tenant>>> {
        self.one("slug", Value::Text(slug.to_owned())).await
    }

    /// Renames, suspends or reactivates a tenant.
    ///
    /// # Errors
    /// As [`Records::update`].
    pub async fn update_tenant(
        &self,
        id: TenantId,
        edit: impl FnMut(&mut Tenant) + Send,
    ) -> Result<Record<Tenant>> {
        self.records::<Tenant>().update(id, edit).await
    }

    /// The account of this e-mail address.
    ///
    /// # Errors
    /// Whatever the store objects to.
    pub async fn account(&self, email: &str) -> Result<Option<Record<Account>>> {
        match contact::email_key(email) {
            Some(key) => self.one("email_key", Value::Text(key)).await,
            None => Ok(None),
        }
    }

    /// The account of this id.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn account_by_id(&self, id: Id<Account>) -> Result<Record<Account>> {
        self.records::<Account>().get(id).await
    }

    /// Gives the account of this e-mail address, which is made if there is none, this password hash, and ends its
    /// sign-ins.
    ///
    /// # Errors
    /// [`Error::Invalid`] if that is no e-mail address.
    pub async fn set_password_hash(&self, email: &str, hash: &str) -> Result<Record<Account>> {
        self.found_directory().await?;
        let records = self.records::<Account>();
        let Some(known) = self.account(email).await? else {
            let account = Account::default().email(email).password_hash(hash);
            return records.create(account).await;
        };
        let account = records.update(known.id, |account| hash.clone_into(&mut account.password_hash)).await?;
        self.close_sessions(known.id).await?;
        Ok(account)
    }

    /// Says that the operator stands for it that an account is its address's; see [`Account::is_vouched`].
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn vouch(&self, account: Id<Account>) -> Result<Record<Account>> {
        self.records::<Account>().update(account, |account| account.is_vouched = true).await
    }

    /// Ends every sign-in of an account, in all tenants.
    ///
    /// # Errors
    /// Whatever the store objects to.
    pub async fn close_sessions(&self, account: Id<Account>) -> Result<()> {
        loop {
            let open = self.all::<Session>("account_id", Value::Id(account.uuid())).await?;
            if open.is_empty() {
                return Ok(());
            }
            for session in &open {
                self.close_session(session).await?;
            }
        }
    }

    /// The tenants in which this e-mail address is a user's, with the user's id.
    ///
    /// # Errors
    /// Whatever the store objects to.
    pub async fn memberships(&self, email: &str) -> Result<Vec<(TenantId, Id<User>)>> {
        Ok(self.enrolled(email).await?.iter().filter_map(place).collect())
    }

    /// The tenants that an account opens, with the user's id.
    ///
    /// # Errors
    /// Whatever the store objects to.
    pub async fn places(&self, account: &Account) -> Result<Vec<(TenantId, Id<User>)>> {
        let enrolled = self.enrolled(&account.email).await?;
        let open = enrolled.iter().filter(|own| account.is_vouched || own.is_confirmed);
        Ok(open.filter_map(place).collect())
    }

    async fn enrolled(&self, email: &str) -> Result<Vec<Record<Membership>>> {
        match contact::email_key(email) {
            Some(key) => self.all("email_key", Value::Text(key)).await,
            None => Ok(Vec::new()),
        }
    }

    /// Invites a user of a tenant to sign in, with the hash of a token that is good until then. It takes the place of an
    /// invitation before.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the directory has no such user; [`Conflict::Rule`] if an invitation was accepted already.
    pub async fn invite(&self, user: Id<User>, hash: &str, until: DateTime<Utc>) -> Result<Id<Membership>> {
        let known: Option<Record<Membership>> = self.one("user_id", Value::Id(user.uuid())).await?;
        let known = known.ok_or(Error::NotFound { what: "user" })?;
        if known.is_confirmed {
            return Err(Error::Conflict(Conflict::Rule("the user has accepted an invitation already")));
        }
        let invite = |own: &mut Membership| {
            (own.invitation_hash, own.invited_until) = (Some(hash.to_owned()), Some(until));
        };
        Ok(self.records::<Membership>().update(known.id, invite).await?.id)
    }

    /// The invitation of this id, if this is its token's hash and it is open.
    ///
    /// # Errors
    /// Whatever the store objects to.
    pub async fn invitation(&self, id: Id<Membership>, hash: &str) -> Result<Option<Record<Membership>>> {
        let found = read(self.handle, &self.scope, id).await?;
        let now = self.handle.now();
        Ok(found.filter(|own: &Record<Membership>| {
            own.deleted_at.is_none()
                && own.invitation_hash.as_deref() == Some(hash)
                && own.invited_until.is_some_and(|until| until > now)
        }))
    }

    /// Accepts an invitation with an account of its address whose password is known, which opens the tenant from then on.
    ///
    /// # Errors
    /// [`Conflict::Version`] if the invitation or the account has changed since it was read.
    pub async fn accept(&self, invitation: &Record<Membership>, account: &Record<Account>) -> Result<()> {
        let mut plan = crate::Plan::new(self.handle, &self.scope);
        plan.hold(account);
        confirm(&mut plan, invitation).await?;
        plan.commit(None).await.map(drop)
    }

    /// The same with a new account, of this password hash.
    ///
    /// # Errors
    /// [`Conflict::Version`] if the invitation has changed since it was read; [`Conflict::Unique`] if the address has an
    /// account by now.
    pub async fn accept_anew(&self, invitation: &Record<Membership>, hash: &str) -> Result<Record<Account>> {
        let mut plan = crate::Plan::new(self.handle, &self.scope);
        confirm(&mut plan, invitation).await?;
        let account = Account::default().email(invitation.email.clone()).password_hash(hash);
        let values = account.is_vouched(false).to_values();
        let account = plan.create::<Account>(None, values, Faults::default(), Past::default()).await?;
        plan.commit(None).await?;
        Ok(account)
    }

    /// Notes under which e-mail address a user of a tenant signs in.
    pub(crate) async fn enrol(&self, tenant: TenantId, user: &Record<User>) -> Result<()> {
        let known: Option<Record<Membership>> = self.one("user_id", Value::Id(user.id.uuid())).await?;
        let records = self.records::<Membership>();
        let done = match known {
            Some(known) if known.email == user.email => return Ok(()),
            // Who has another address is another person, as far as anybody knows.
            Some(known) => records.update(known.id, |own| *own = enrolled(own, user)).await,
            None => {
                let membership = Membership::default().email(user.email.clone()).tenant_id(tenant);
                records.create(membership.user_id(user.id.uuid())).await
            }
        };
        match done {
            Ok(_) | Err(Error::Conflict(Conflict::Unique { .. })) => Ok(()),
            // A host that keeps no directory has no entry of the tenant to refer to, and needs none.
            Err(Error::NotFound { .. } | Error::Invalid { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Opens a sign-in of an account, under an id of the caller's by which it is found again.
    ///
    /// # Errors
    /// [`Conflict::Version`] if the account has changed since it was read: its password may be another one by now.
    pub async fn open_session(
        &self,
        id: Id<Session>,
        account: &Record<Account>,
        session: Session,
    ) -> Result<Record<Session>> {
        let mut plan = crate::Plan::new(self.handle, &self.scope);
        plan.hold(account);
        let values = session.account_id(account.id).to_values();
        let session =
            plan.create::<Session>(Some(id.uuid()), values, Faults::default(), Past::default()).await?;
        plan.commit(None).await?;
        Ok(session)
    }

    /// The sign-in of this id, if this is its token's hash and it has not expired.
    ///
    /// # Errors
    /// Whatever the store objects to.
    pub async fn session(&self, id: Id<Session>, token_hash: &str) -> Result<Option<Record<Session>>> {
        let found = read(self.handle, &self.scope, id).await?;
        let now = self.handle.now();
        Ok(found.filter(|session: &Record<Session>| {
            session.deleted_at.is_none()
                && session.token_hash == token_hash
                && session.expires_at.is_some_and(|expires_at| expires_at > now)
        }))
    }

    /// Ends a sign-in and removes it.
    ///
    /// # Errors
    /// Whatever the store objects to.
    pub async fn close_session(&self, session: &Record<Session>) -> Result<()> {
        let records = self.records::<Session>();
        match records.delete(session.id, None).await {
            Ok(()) => match records.erase(session.id).await {
                Err(Error::NotFound { .. }) => Ok(()),
                done => done,
            },
            Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Removes sign-ins that have expired, at most a page of them; how many.
    ///
    /// # Errors
    /// Whatever the store objects to.
    pub async fn purge_sessions(&self) -> Result<usize> {
        let expired = Query::new().filter(Session::EXPIRES_AT.lte(self.handle.now())).limit(crate::MAX_PAGE);
        let expired = self.records::<Session>().list(expired).await?.data;
        for session in &expired {
            self.close_session(session).await?;
        }
        Ok(expired.len())
    }

    /// The user that a sign-in or a membership leads to, as the tenant has it now.
    ///
    /// # Errors
    /// Whatever the store objects to.
    pub async fn user(&self, tenant: TenantId, user: Id<User>) -> Result<Option<Record<User>>> {
        self.credential(tenant, user).await
    }

    /// The API key of this id in a tenant, if it has not been revoked; whether it has expired is the caller's to see.
    ///
    /// # Errors
    /// Whatever the store objects to.
    pub async fn api_key(&self, tenant: TenantId, key: Id<ApiKey>) -> Result<Option<Record<ApiKey>>> {
        self.credential(tenant, key).await
    }

    /// What in a tenant lets somebody in.
    async fn credential<T: Entity>(&self, tenant: TenantId, id: Id<T>) -> Result<Option<Record<T>>> {
        let scope = TenantScope::from_maintenance(self.maintenance, tenant);
        let found = read(self.handle, &scope, id).await?;
        Ok(found.filter(|found| found.deleted_at.is_none()))
    }

    /// Notes in a tenant what somebody tried there and was not let do. In the log it is theirs.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such tenant; [`Error::Invalid`].
    pub async fn report(&self, tenant: TenantId, actor: Actor, incident: Incident) -> Result<()> {
        let scope = TenantScope::on_behalf_of(self.maintenance, tenant, actor);
        self.handle.records::<Incident>(&scope).create(incident).await.map(drop)
    }

    /// The same for something that nobody in particular did.
    ///
    /// # Errors
    /// As [`report`](Self::report).
    pub async fn report_stranger(&self, tenant: TenantId, request: Uuid, incident: Incident) -> Result<()> {
        self.report(tenant, Actor::system().in_request(request), incident).await
    }

    async fn one<T: Entity>(&self, field: &str, value: Value) -> Result<Option<Record<T>>> {
        Ok(self.select::<T>(field, value, 1).await?.into_iter().next())
    }

    /// Every record with this value; there are few by nature.
    async fn all<T: Entity>(&self, field: &str, value: Value) -> Result<Vec<Record<T>>> {
        self.select(field, value, crate::MAX_PAGE).await
    }

    /// By the stored field itself, so that secret and derived ones can be looked up.
    async fn select<T: Entity>(&self, field: &str, value: Value, limit: u32) -> Result<Vec<Record<T>>> {
        let object = T::object();
        let name = format!("{field} of {object:?}");
        let index = object.fields.iter().position(|own| own.name == field).ok_or(Error::Corrupt(name))?;
        let select = Select {
            object,
            filter: Filter::Eq(Key::Field(index), value),
            sort: vec![object.default_sort],
            after: None,
            limit,
            visibility: Visibility::Live,
        };
        let found = self.handle.store.query(&self.scope, &select).await?;
        found.rows.into_iter().map(Record::from_row).collect()
    }
}

/// Where a membership leads.
fn place(membership: &Record<Membership>) -> Option<(TenantId, Id<User>)> {
    Some((membership.tenant_id?, Id::from_uuid(membership.user_id?)))
}

/// A membership under the user's address, to which nobody has been invited yet.
fn enrolled(membership: &Membership, user: &User) -> Membership {
    let Membership { tenant_id, user_id, .. } = membership.clone();
    Membership { email: user.email.clone(), tenant_id, user_id, ..Membership::default() }
}

async fn confirm(plan: &mut crate::Plan<'_>, invitation: &Record<Membership>) -> Result<()> {
    let mut confirmed = invitation.data.clone();
    confirmed.is_confirmed = true;
    (confirmed.invitation_hash, confirmed.invited_until) = (None, None);
    plan.update(invitation, confirmed.to_values(), Faults::default()).await.map(drop)
}
