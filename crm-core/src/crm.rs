//! The façade: what a host program talks to.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use uuid::{ContextV7, Timestamp, Uuid};

use crate::{
    Actor, Analytics, Batch, Committed, Contact, Customer, Directory, Entity, Error, Feed, Intake,
    Interaction, Lead, Log, Maintenance, Moved, Object, Pipeline, Project, ProjectMetrics, Records, Result,
    Row, Settings, Store, Task, TenantId, TenantScope, User, value::tame_time,
};

/// A CRM on a store. Cheap to clone; one per process is enough.
///
/// See the [crate's documentation](crate) for a tour.
#[derive(Clone, Debug)]
pub struct Crm {
    store: Arc<dyn Store>,
    environment: Arc<Environment>,
}

/// The time, as the engine asks for it. Tests set their own with [`Crm::with_clock`].
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> DateTime<Utc>;
}

/// New ids, as the engine asks for them. Tests set their own with [`Crm::with_ids`].
pub trait IdSource: Send + Sync {
    /// An id that was never given out before.
    fn next(&self, now: DateTime<Utc>) -> Uuid;
}

impl<F: Fn() -> DateTime<Utc> + Send + Sync> Clock for F {
    fn now(&self) -> DateTime<Utc> {
        self()
    }
}

#[derive(Clone)]
struct Environment {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    projects: Option<Arc<dyn ProjectMetrics>>,
    standing: Arc<Standing>,
    feed: Feed,
}

/// What nearly every change of a tenant rests on, as it was last read: its settings and its pipeline. A change that
/// rests on them holds them at the version seen, so that the store refuses it when they have changed, and it is made
/// again on what they are by then. So what is kept here may be old and is never wrong.
#[derive(Default)]
struct Standing(Mutex<HashMap<(TenantId, &'static str), Row>>);

/// So many rows are kept; with more it starts anew.
const MAX_STANDING: usize = 10_000;

impl Standing {
    fn rows(&self) -> MutexGuard<'_, HashMap<(TenantId, &'static str), Row>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment")
    }
}

/// UUIDs of version 7, ascending within the process.
struct Version7(Mutex<ContextV7>);

impl IdSource for Version7 {
    fn next(&self, now: DateTime<Utc>) -> Uuid {
        let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
        Uuid::new_v7(Timestamp::from_unix(&self.0, seconds, now.timestamp_subsec_nanos()))
    }
}

impl Crm {
    /// A CRM on this store, with the system's clock and UUIDs of version 7.
    pub fn new(store: impl Store + 'static) -> Self {
        Self::on_shared(Arc::new(store))
    }

    /// A CRM on a store that others use as well.
    pub fn on_shared(store: Arc<dyn Store>) -> Self {
        let environment = Environment {
            clock: Arc::new(Utc::now),
            ids: Arc::new(Version7(Mutex::new(ContextV7::new()))),
            projects: None,
            standing: Arc::default(),
            feed: Feed::default(),
        };
        Self { store, environment: Arc::new(environment) }
    }

    /// The same with another clock.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock + 'static) -> Self {
        self.within(|environment| environment.clock = Arc::new(clock))
    }

    /// The same with another source of ids.
    #[must_use]
    pub fn with_ids(self, ids: impl IdSource + 'static) -> Self {
        self.within(|environment| environment.ids = Arc::new(ids))
    }

    /// The same with figures about projects from elsewhere, for hosts that keep their projects themselves.
    #[must_use]
    pub fn with_project_metrics(self, projects: impl ProjectMetrics + 'static) -> Self {
        self.within(|environment| environment.projects = Some(Arc::new(projects)))
    }

    fn within(self, set: impl FnOnce(&mut Environment)) -> Self {
        let mut environment = Environment::clone(&self.environment);
        set(&mut environment);
        Self { environment: Arc::new(environment), ..self }
    }

    /// Lets an actor that the host has authenticated into a tenant. Nothing is looked up here: in a tenant that does
    /// not exist there is nothing to read, and nothing can be written.
    pub fn scope(&self, tenant: TenantId, actor: Actor) -> TenantScope {
        TenantScope::from_host(tenant, actor)
    }

    /// The right to work across tenants. Keep it where requests cannot reach it.
    pub fn maintenance(&self) -> Maintenance {
        Maintenance::from_host()
    }

    /// What tells of commits.
    pub fn feed(&self) -> &Feed {
        &self.environment.feed
    }

    /// Whether figures about projects come from elsewhere, so that no event tells of their changes.
    pub fn has_project_metrics(&self) -> bool {
        self.environment.projects.is_some()
    }

    /// The time by this CRM's clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.handle().now()
    }

    /// The same CRM on another store, such as a transaction of the host's that lives no longer than `store`.
    pub fn on<'a>(&'a self, store: &'a dyn Store) -> Handle<'a> {
        Handle { store, environment: &self.environment, keeps: false }
    }

    /// What gives access to records.
    pub fn handle(&self) -> Handle<'_> {
        Handle { keeps: true, ..self.on(&*self.store) }
    }
}

/// A CRM on a borrowed store: what [`Crm::on`] returns for a transaction of the host's.
#[derive(Clone, Copy)]
pub struct Handle<'a> {
    pub(crate) store: &'a dyn Store,
    environment: &'a Environment,
    /// Whether what it reads may be kept for later. What a transaction of the host's sees may never be committed.
    keeps: bool,
}

impl fmt::Debug for Handle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.store.fmt(f)
    }
}

impl<'a> Handle<'a> {
    pub(crate) fn now(self) -> DateTime<Utc> {
        let now = self.environment.clock.now();
        tame_time(now).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// Commits a batch, and tells of it before anybody is told that it is done.
    pub(crate) async fn commit(self, scope: &TenantScope, batch: Batch) -> Result<Committed> {
        let moved = batch.moved(scope.tenant());
        let done = self.store.commit(scope, batch).await;
        self.told(moved, &done);
        done
    }

    /// Erases a record, and tells of it as of a commit.
    pub(crate) async fn erase(self, scope: &TenantScope, object: &'static Object, id: Uuid) -> Result<()> {
        let done = self.store.erase(scope, object, id, self.now()).await;
        self.told(Moved::Access(scope.tenant()), &done);
        done
    }

    /// Takes in a part of a tenant, and tells of it as of a commit.
    pub(crate) async fn take_in(self, scope: &TenantScope, intake: Intake) -> Result<()> {
        let done = self.store.take_in(scope, intake).await;
        self.told(Moved::Access(scope.tenant()), &done);
        done
    }

    /// Removes a tenant for good, and tells of it as of a commit.
    pub(crate) async fn erase_tenant(self, scope: &TenantScope) -> Result<()> {
        let done = self.store.erase_tenant(scope).await;
        self.forget_standing(scope.tenant());
        self.told(Moved::Access(scope.tenant()), &done);
        done
    }

    /// Of a failed commit it may be unknown whether it was made, so that it is told of as well. What a transaction of
    /// the host's will commit, its own store tells.
    fn told<R>(self, moved: Moved, done: &Result<R>) {
        match done {
            Ok(_) if self.keeps => self.environment.feed.committed(moved),
            Err(Error::Unavailable(_) | Error::Backend(_)) if self.keeps => {
                self.environment.feed.moved(moved)
            }
            _ => {}
        }
    }

    pub(crate) fn new_id(self, now: DateTime<Utc>) -> Uuid {
        self.environment.ids.next(now)
    }

    pub(crate) fn project_metrics(self) -> Option<&'a dyn ProjectMetrics> {
        self.environment.projects.as_deref()
    }

    /// The settings or the pipeline of a tenant as they were last read; see [`Standing`].
    pub(crate) fn standing(self, tenant: TenantId, object: &'static str) -> Option<Row> {
        let rows = self.keeps.then(|| self.environment.standing.rows())?;
        rows.get(&(tenant, object)).cloned()
    }

    /// Whether anything is kept of a tenant's settings or pipeline.
    pub(crate) fn has_standing(self, tenant: TenantId) -> bool {
        let kept = |object: &Object| self.standing(tenant, object.name).is_some();
        kept(Settings::object()) || kept(Pipeline::object())
    }

    /// Keeps what was read of a tenant's settings or pipeline.
    pub(crate) fn keep_standing(self, tenant: TenantId, object: &'static str, row: &Row) {
        if self.keeps {
            let mut rows = self.environment.standing.rows();
            if rows.len() >= MAX_STANDING {
                rows.clear();
            }
            rows.insert((tenant, object), row.clone());
        }
    }

    /// Forgets what was read of a tenant's settings and pipeline.
    pub(crate) fn forget_standing(self, tenant: TenantId) {
        let mut rows = self.environment.standing.rows();
        rows.remove(&(tenant, Settings::object().name));
        rows.remove(&(tenant, Pipeline::object().name));
    }
}

/// Writes each way in once, for the CRM and for a handle of it.
macro_rules! ways_in {
    ($($(#[$doc:meta])+ $name:ident($argument:ident: $by:ty) -> $out:ident $(<$entity:ty>)?;)+) => {
        impl Crm {
            $($(#[$doc])+
            pub fn $name<'a>(&'a self, $argument: &'a $by) -> $out<'a $(, $entity)?> {
                self.handle().$name($argument)
            })+

            /// Records of any kind.
            pub fn records<'a, T: Entity>(&'a self, scope: &'a TenantScope) -> Records<'a, T> {
                self.handle().records(scope)
            }
        }

        impl<'a> Handle<'a> {
            $($(#[$doc])+
            pub fn $name(self, $argument: &'a $by) -> $out<'a $(, $entity)?> {
                $out::new(self, $argument)
            })+

            /// Records of any kind.
            pub fn records<T: Entity>(self, scope: &'a TenantScope) -> Records<'a, T> {
                Records::new(self, scope)
            }
        }
    };
}

ways_in! {
    /// Customers.
    customers(scope: TenantScope) -> Records<Customer>;
    /// Contacts.
    contacts(scope: TenantScope) -> Records<Contact>;
    /// Leads.
    leads(scope: TenantScope) -> Records<Lead>;
    /// Interactions.
    interactions(scope: TenantScope) -> Records<Interaction>;
    /// Projects.
    projects(scope: TenantScope) -> Records<Project>;
    /// Tasks.
    tasks(scope: TenantScope) -> Records<Task>;
    /// Users.
    users(scope: TenantScope) -> Records<User>;
    /// The pipeline.
    pipelines(scope: TenantScope) -> Records<Pipeline>;
    /// The settings.
    settings(scope: TenantScope) -> Records<Settings>;
    /// The figures.
    analytics(scope: TenantScope) -> Analytics;
    /// The log.
    log(scope: TenantScope) -> Log;
    /// Tenants, accounts and sign-ins.
    directory(maintenance: Maintenance) -> Directory;
}
