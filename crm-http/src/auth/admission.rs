//! Whom a credential lets in, looked up for every request, or known from the last one if nothing can have changed.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use crm_core::{
    Account, Actor, ApiKey, Crm, Directory, Error, Id, Record, Result, Session, Tenant, TenantId, User,
};
use quick_cache::sync::Cache;
use serde_json::json;
use uuid::Uuid;

use super::{
    profile,
    token::{Credential, Key, Secret},
};
use crate::principal::Principal;

/// So many admissions are kept; those that are used least go first.
const KEPT: usize = 10_000;
/// However sure it is that nothing has changed, an admission is looked up again after this time.
const TRUSTED: Duration = Duration::from_secs(1);

/// Whom a credential lets in, and what that rests on.
#[derive(Clone, Debug)]
pub(super) struct Admission {
    pub(super) principal: Principal,
    /// The session and its account, where it is a session.
    pub(super) session: Option<(Record<Session>, Id<Account>)>,
    until: Option<DateTime<Utc>>,
    seen: Seen,
}

/// The moment at which something was looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    directory: u64,
    access: u64,
    at: Instant,
}

impl Seen {
    /// Whether nothing that decides who may come in can have changed since.
    fn holds(self, crm: &Crm, tenant: TenantId) -> bool {
        let feed = crm.feed();
        feed.hears_all()
            && self.at.elapsed() < TRUSTED
            && self.directory == feed.directory_moves()
            && self.access == feed.access_moves(tenant)
    }
}

/// The admissions that are known.
#[derive(Debug)]
pub(super) struct Admissions(Cache<Uuid, Arc<Admission>>);

impl Default for Admissions {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

impl Admissions {
    /// Whom a credential lets in; `None` if nobody.
    pub(super) async fn of(
        &self,
        crm: &Crm,
        directory: &Directory<'_>,
        credential: &Credential,
    ) -> Result<Option<Arc<Admission>>> {
        let name = credential.name();
        let now = crm.now();
        if let Some(known) = self.0.get(&name)
            && known.seen.holds(crm, known.principal.tenant)
            && known.until.is_none_or(|until| now < until)
        {
            return Ok(Some(known));
        }
        // What is noted here is older than what is read below.
        let (feed, at) = (crm.feed(), Instant::now());
        let directory_moves = feed.directory_moves();
        let seen = |tenant| Seen { directory: directory_moves, access: feed.access_moves(tenant), at };
        let found = match credential {
            Credential::Session { secret, by_cookie } => {
                let session = directory.session(secret.session(), &secret.hash()).await?;
                match session.as_ref().and_then(|session| session.tenant_id).map(seen) {
                    Some(seen) => by_session(directory, session, *by_cookie, seen).await?,
                    None => None,
                }
            }
            Credential::Key(key) => by_key(directory, key, seen(key.tenant)).await?,
        };
        let found = found.filter(|found| found.until.is_none_or(|until| now < until)).map(Arc::new);
        match &found {
            Some(found) => self.0.insert(name, Arc::clone(found)),
            None => drop(self.0.remove(&name)),
        }
        Ok(found)
    }
}

async fn by_session(
    directory: &Directory<'_>,
    session: Option<Record<Session>>,
    by_cookie: bool,
    seen: Seen,
) -> Result<Option<Admission>> {
    let Some(session) = session else { return Ok(None) };
    let (Some(tenant), Some(user), Some(account)) = (session.tenant_id, session.user_id, session.account_id)
    else {
        return Ok(None);
    };
    let Some((tenant, user)) = membership(directory, tenant, Id::from_uuid(user)).await? else {
        return Ok(None);
    };
    let actor = Actor::user(user.id, user.role_of());
    let principal = Principal::new(tenant.id, actor).described(json!(user), profile(&tenant));
    let principal = if by_cookie { principal.by_cookie() } else { principal };
    let until = session.expires_at;
    Ok(Some(Admission { principal, until, session: Some((session, account)), seen }))
}

async fn by_key(directory: &Directory<'_>, key: &Key, seen: Seen) -> Result<Option<Admission>> {
    let Some(tenant) = active(directory, key.tenant).await? else { return Ok(None) };
    let Some(found) = directory.api_key(key.tenant, key.id).await? else { return Ok(None) };
    if !is_same(&found, &key.secret) {
        return Ok(None);
    }
    let actor = Actor::api_key(found.id.uuid(), found.role_of());
    let described = json!({ "id": found.id, "name": found.name });
    let principal = Principal::new(tenant.id, actor).described(described, profile(&tenant));
    Ok(Some(Admission { principal, until: found.expires_at, session: None, seen }))
}

/// Both are hashes of a random secret, so that the time of comparing them tells nothing of use.
fn is_same(key: &ApiKey, secret: &Secret) -> bool {
    key.secret_hash == secret.hash()
}

/// A tenant, if it is in use.
async fn active(directory: &Directory<'_>, tenant: TenantId) -> Result<Option<Record<Tenant>>> {
    match directory.tenant(tenant).await {
        Err(Error::NotFound { .. }) => Ok(None),
        tenant => Ok(Some(tenant?).filter(|tenant| tenant.is_active())),
    }
}

/// A tenant and a user of it, if the one is in use and the other active.
pub(super) async fn membership(
    directory: &Directory<'_>,
    tenant: TenantId,
    user: Id<User>,
) -> Result<Option<(Record<Tenant>, Record<User>)>> {
    let Some(tenant) = active(directory, tenant).await? else { return Ok(None) };
    let user = directory.user(tenant.id, user).await?.filter(|user| user.is_active);
    Ok(user.map(|user| (tenant, user)))
}
