//! What happens when there is no room left, which `max_page_count` makes SQLite believe: it then fails as it does when
//! the disk is full.

use crm_core::{Actor, Crm, Customer, Error, Query, Tenant, TenantScope};

use crate::{SqliteStore, pool::lock};

/// Lets the file grow by no more than so many pages; by as many as it likes without a number.
fn room(store: &SqliteStore, pages: Option<i64>) {
    let writer = store.writer();
    let writer = lock(&writer);
    let connection = writer.connection();
    let now: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    let limit = pages.map_or(1_000_000_000, |pages| now + pages);
    let set: i64 =
        connection.query_row(&format!("PRAGMA max_page_count = {limit}"), [], |row| row.get(0)).unwrap();
    assert_eq!(set, limit);
}

async fn open() -> (tempfile::TempDir, SqliteStore, Crm, TenantScope) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("crm.db")).unwrap();
    let crm = Crm::new(store.clone());
    let maintenance = crm.maintenance();
    let tenant = crm.directory(&maintenance).create_tenant(Tenant::new("acme", "Acme")).await.unwrap();
    let scope = crm.scope(tenant.id, Actor::job("test"));
    (folder, store, crm, scope)
}

fn customer(nth: usize) -> Customer {
    Customer::company(format!("Company {nth}")).notes("n".repeat(2_000))
}

async fn verify(crm: &Crm, scope: &TenantScope) {
    let found = crm.verify(&crm.maintenance(), scope.tenant()).await.unwrap();
    assert!(found.differences.is_empty(), "{found:?}");
}

#[tokio::test]
async fn a_full_disk_is_an_error_that_leaves_nothing_and_passes() {
    let (_folder, store, crm, scope) = open().await;
    let customers = crm.customers(&scope);
    let mut made = 0;
    let mut refused = 0;
    for pages in [0, 3, 9, 40] {
        room(&store, Some(pages));
        for nth in 0..60 {
            match customers.create(customer(nth)).await {
                Ok(_) => made += 1,
                Err(Error::Unavailable(reason)) => {
                    assert!(reason.to_string().contains("disk is full"), "{reason}");
                    refused += 1;
                }
                Err(error) => panic!("{error:?}"),
            }
        }
        assert_eq!(customers.count(&Query::new()).await.unwrap(), made);
        verify(&crm, &scope).await;
    }
    println!("disk full: refused {refused}, made {made}, half there 0");
    assert!(made > 0 && refused > 0);
    room(&store, None);
    customers.create(customer(0)).await.unwrap();
    assert_eq!(customers.count(&Query::new().search("company")).await.unwrap(), made + 1);
    verify(&crm, &scope).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_batch_too_large_for_the_disk_does_not_stop_the_others_of_its_group() {
    let (_folder, store, crm, scope) = open().await;
    crm.customers(&scope).create_many((0..20).map(customer).collect()).await.unwrap();
    room(&store, Some(60));
    let held = store.writer();
    let held = lock(&held);
    let create = |batch: Vec<Customer>| {
        let (crm, scope) = (crm.clone(), scope.clone());
        tokio::spawn(async move { crm.customers(&scope).create_many(batch).await })
    };
    let small: Vec<_> = (0..4).map(|nth| create(vec![customer(nth)])).collect();
    let large = create((0..400).map(customer).collect());
    let more: Vec<_> = (4..8).map(|nth| create(vec![customer(nth)])).collect();
    // The writer waits for its connection; whatever has arrived by then is one group, or two.
    tokio::task::block_in_place(|| std::thread::sleep(std::time::Duration::from_millis(300)));
    drop(held);
    for task in small.into_iter().chain(more) {
        assert_eq!(task.await.unwrap().unwrap().len(), 1);
    }
    let large = large.await.unwrap();
    assert!(matches!(large, Err(Error::Unavailable(_))), "{large:?}");
    assert_eq!(crm.customers(&scope).count(&Query::new()).await.unwrap(), 28);
    verify(&crm, &scope).await;
}
