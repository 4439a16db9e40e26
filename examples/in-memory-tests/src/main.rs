//! A host program that greets new customers, and tests itself on the store in memory: no database, no files.
//!
//! The program's own logic ([`onboard`]) takes a [`Crm`] and a scope; production gives it one on SQLite or PostgreSQL,
//! the tests below give it one in memory, with a clock of their own.

use crm_core::{Actor, Crm, Customer, Interaction, MemoryStore, Record, Result, Tenant, TenantScope};

/// Takes a company on as a customer and notes that a welcome is due.
///
/// # Errors
/// What the engine objects to; then neither the customer nor the note is half there.
pub async fn onboard(crm: &Crm, scope: &TenantScope, company: &str, email: &str) -> Result<Record<Customer>> {
    let customer = crm.customers(scope).create(Customer::company(company).email(email)).await?;
    let welcome = Interaction::default().kind("note").subject("Say welcome").customer_id(customer.id);
    crm.interactions(scope).create(welcome).await?;
    Ok(customer)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let crm = Crm::new(MemoryStore::new());
    let maintenance = crm.maintenance();
    let tenant = crm.directory(&maintenance).create_tenant(Tenant::new("acme", "Acme Ltd")).await?;
    let scope = crm.scope(tenant.id, Actor::job("onboarding"));
    let customer = onboard(&crm, &scope, "Ada Ltd", "ada@example.com").await?;
    println!("{} is customer {}", customer.company.as_deref().unwrap_or_default(), customer.id);
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};
    use crm_core::{Error, Id, Query, Role};

    use super::*;

    /// A CRM with one tenant, on a morning in May.
    async fn acme() -> (Crm, TenantScope) {
        let morning = Utc.with_ymd_and_hms(2026, 5, 4, 9, 0, 0).unwrap();
        let crm = Crm::new(MemoryStore::new()).with_clock(move || morning);
        let maintenance = crm.maintenance();
        let tenant =
            crm.directory(&maintenance).create_tenant(Tenant::new("acme", "Acme Ltd")).await.unwrap();
        let scope = crm.scope(tenant.id, Actor::job("test"));
        (crm, scope)
    }

    #[tokio::test]
    async fn a_new_customer_is_due_a_welcome() {
        let (crm, scope) = acme().await;
        let customer = onboard(&crm, &scope, "Ada Ltd", "ada@example.com").await.unwrap();

        let notes = Query::new().filter(Interaction::CUSTOMER_ID.eq(customer.id));
        let notes = crm.interactions(&scope).list(notes).await.unwrap().data;
        assert_eq!(notes.len(), 1);
        assert_eq!(notes[0].occurred_at, Some(crm.now()));
    }

    #[tokio::test]
    async fn a_bad_address_onboards_nobody() {
        let (crm, scope) = acme().await;
        let refused = onboard(&crm, &scope, "Ada Ltd", "not an address").await;
        assert!(matches!(refused, Err(Error::Invalid { .. })));
        assert_eq!(crm.customers(&scope).count(&Query::new()).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn a_viewer_onboards_nobody() {
        let (crm, scope) = acme().await;
        let viewer = crm.scope(scope.tenant(), Actor::user(Id::from_uuid(uuid::Uuid::nil()), Role::Viewer));
        let refused = onboard(&crm, &viewer, "Ada Ltd", "ada@example.com").await;
        assert!(matches!(refused, Err(Error::Forbidden { .. })));
    }
}
