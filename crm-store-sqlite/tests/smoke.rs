//! The façade on a file and in memory.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use crm_core::*;
use crm_store_sqlite::SqliteStore;

#[tokio::test]
async fn a_lead_is_converted_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("crm.db");
    a_lead_is_converted(SqliteStore::open(&path).unwrap()).await;
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "a log is left beside the file");
}

#[tokio::test]
async fn a_lead_is_converted_in_memory() {
    a_lead_is_converted(SqliteStore::in_memory().unwrap()).await;
}

async fn a_lead_is_converted(store: SqliteStore) {
    let crm = Crm::new(store);
    let maintenance = crm.maintenance();
    let tenant = crm.directory(&maintenance).create_tenant(Tenant::new("acme", "Acme")).await.unwrap();
    let scope = crm.scope(tenant.id, Actor::job("test"));
    let customers = crm.customers(&scope);
    let ada = customers.create(Customer::company("Ada Ltd").email("Ada@Example.com")).await.unwrap();
    let value = Money::new(5, "EUR").unwrap();
    let lead = Lead::company("Ada").email("ada@example.com").value(value);
    let lead = crm.leads(&scope).create(lead).await.unwrap();
    assert_eq!(lead.reference().as_deref(), Some("LED-001"));
    let won = crm.leads(&scope).convert(lead.id, None).await.unwrap();
    assert_eq!(won.customer.id, ada.id);
    assert_eq!(won.lead.stage, "closed_won");
    let query = Query::new().filter(Lead::STAGE.eq("closed_won")).search("ada").limit(50);
    assert_eq!(crm.leads(&scope).list(query).await.unwrap().data, std::slice::from_ref(&won.lead));
    let owner = crm.users(&scope).create(User::new("o@acme.test", Role::Owner)).await.unwrap();
    assert!(matches!(crm.users(&scope).delete(owner.id, None).await, Err(Error::Conflict(_))));
    assert_eq!(crm.directory(&maintenance).memberships("O@acme.test").await.unwrap().len(), 1);
    assert_eq!(crm.leads(&scope).stage_history(lead.id).await.unwrap().len(), 2);
    customers.delete(ada.id, None).await.unwrap();
    let erased = customers.erase(ada.id).await;
    assert!(matches!(erased, Err(Error::Conflict(_))), "{erased:?}");
    assert_eq!(crm.analytics(&scope).overview().await.unwrap().leads.won, 1);
    for tenant in [tenant.id, Id::from_uuid(uuid::Uuid::nil())] {
        let found = crm.verify(&maintenance, tenant).await.unwrap();
        assert!(found.differences.is_empty(), "{found:?}");
    }
}
