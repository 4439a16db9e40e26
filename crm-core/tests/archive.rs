//! An import that is cut off half way: nobody sees anything of it, and it can be made again.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io::Cursor,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm_core::{
    Actor, ArchiveError, Batch, Capabilities, Committed, CounterQuery, Counters, Crm, Customer, Error, Event,
    EventQuery, Filter, Intake, Lead, MemoryStore, Object, Query, Result, Role, Row, Rows, Select, Store,
    Tenant, TenantScope, User, Visibility,
};
use uuid::Uuid;

/// A store whose process dies after so many writes.
#[derive(Debug)]
struct Dying {
    store: Arc<MemoryStore>,
    left: AtomicUsize,
}

impl Dying {
    fn write(&self) -> Result<()> {
        let spend = |left: usize| left.checked_sub(1);
        let alive = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, spend).is_ok();
        if alive { Ok(()) } else { Err(Error::Unavailable("the process is dead".into())) }
    }
}

#[async_trait]
impl Store for Dying {
    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }
    async fn commit(&self, scope: &TenantScope, batch: Batch) -> Result<Committed> {
        self.write()?;
        self.store.commit(scope, batch).await
    }
    async fn get(&self, scope: &TenantScope, object: &'static Object, ids: &[Uuid]) -> Result<Vec<Row>> {
        self.store.get(scope, object, ids).await
    }
    async fn query(&self, scope: &TenantScope, select: &Select) -> Result<Rows> {
        self.store.query(scope, select).await
    }
    async fn count(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        filter: &Filter,
        visibility: Visibility,
    ) -> Result<u64> {
        self.store.count(scope, object, filter, visibility).await
    }
    async fn counters(&self, scope: &TenantScope, query: &CounterQuery) -> Result<Counters> {
        self.store.counters(scope, query).await
    }
    async fn events(&self, scope: &TenantScope, query: &EventQuery) -> Result<Vec<Event>> {
        self.store.events(scope, query).await
    }
    async fn erase(
        &self,
        scope: &TenantScope,
        object: &'static Object,
        id: Uuid,
        at: DateTime<Utc>,
    ) -> Result<()> {
        self.write()?;
        self.store.erase(scope, object, id, at).await
    }
    async fn take_in(&self, scope: &TenantScope, intake: Intake) -> Result<()> {
        self.write()?;
        self.store.take_in(scope, intake).await
    }
    async fn erase_tenant(&self, scope: &TenantScope) -> Result<()> {
        self.write()?;
        self.store.erase_tenant(scope).await
    }
}

/// A tenant of several parts, and its archive.
async fn archive() -> (Tenant, Vec<u8>) {
    let crm = Crm::new(MemoryStore::new());
    let maintenance = crm.maintenance();
    let directory = crm.directory(&maintenance);
    let acme = directory.create_tenant(Tenant::new("acme", "Acme")).await.unwrap();
    let scope = crm.scope(acme.id, Actor::job("test"));
    crm.users(&scope).create(User::new("owner@acme.test", Role::Owner)).await.unwrap();
    let customers = (0..800).map(|nth| Customer::company(format!("Solar {nth}"))).collect();
    crm.customers(&scope).create_many(customers).await.unwrap();
    crm.leads(&scope).create_many(vec![Lead::company("A"), Lead::company("B")]).await.unwrap();
    let mut file = Vec::new();
    directory.export_tenant(acme.id, &mut file).await.unwrap();
    (acme.data, file)
}

/// What an import, or an erasure, comes to in a process that dies after so many writes.
async fn cut_off(store: &Arc<MemoryStore>, left: usize, file: &[u8]) -> Result<(), ArchiveError> {
    let crm = Crm::new(Dying { store: Arc::clone(store), left: left.into() });
    crm.directory(&crm.maintenance()).import_tenant(Cursor::new(file), None).await.map(drop)
}

#[tokio::test]
async fn an_import_that_is_cut_off_leaves_nothing_to_see_and_can_be_made_again() {
    let (acme, file) = archive().await;
    let mut cuts = 0;
    loop {
        let store = Arc::new(MemoryStore::new());
        if cut_off(&store, cuts, &file).await.is_ok() {
            break;
        }
        let crm = Crm::on_shared(store.clone());
        let maintenance = crm.maintenance();
        let directory = crm.directory(&maintenance);
        assert_eq!(directory.tenants(Query::new()).await.unwrap().data, [], "after {cuts} writes");
        assert_eq!(directory.memberships("owner@acme.test").await.unwrap(), []);
        // The second try is cut off as well.
        drop(cut_off(&store, cuts / 2, &file).await);
        let made = directory.import_tenant(Cursor::new(&file), None).await.unwrap();
        assert_eq!(made.data, acme);
        let report = crm.verify(&maintenance, made.id).await.unwrap();
        assert_eq!(report.differences, [""; 0]);
        let mut again = Vec::new();
        directory.export_tenant(made.id, &mut again).await.unwrap();
        assert!(again == file, "after {cuts} writes");
        cuts += 1;
    }
    println!("imports: cut off {cuts}, seen half done 0");
    assert!(cuts > 6, "{cuts}");
}

#[tokio::test]
async fn an_erasure_that_is_cut_off_can_be_made_again() {
    let (_, file) = archive().await;
    let mut cuts = 0;
    loop {
        let store = Arc::new(MemoryStore::new());
        cut_off(&store, usize::MAX, &file).await.unwrap();
        let crm = Crm::on_shared(store.clone());
        let maintenance = crm.maintenance();
        let directory = crm.directory(&maintenance);
        let acme = directory.tenant_by_slug("acme").await.unwrap().unwrap();
        let dying = Crm::new(Dying { store: Arc::clone(&store), left: cuts.into() });
        if dying.directory(&dying.maintenance()).erase_tenant(acme.id).await.is_ok() {
            break;
        }
        match directory.tenant_by_slug("acme").await.unwrap() {
            Some(left) => {
                assert!(cuts == 0 || !left.is_active(), "nobody gets in after {cuts} writes");
                directory.erase_tenant(acme.id).await.unwrap();
            }
            // The entry alone is left, and deleted; what takes its place removes it.
            None => drop(directory.import_tenant(Cursor::new(&file), None).await.unwrap()),
        }
        cuts += 1;
    }
    println!("erasures: cut off {cuts}");
    assert!(cuts >= 5, "{cuts}");
}
