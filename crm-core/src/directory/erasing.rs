//! Erasing a tenant: everything in it, and whatever in the directory leads to it.

use crate::{
    Account, Conflict, Error, Id, Membership, Result, Session, Tenant, TenantId, TenantScope, TenantStatus,
    Value,
};

use super::Directory;

/// How often sign-ins are looked for anew that were opened while the others were removed.
const ATTEMPTS: u32 = 16;

impl Directory<'_> {
    /// Removes a tenant for good, with all its data, its log, its sign-ins and its memberships, and with the accounts
    /// that lead to no other tenant. Nobody gets in from the first moment on. If it is interrupted, the tenant is
    /// listed as suspended until this is called again. What the directory's log says of it is that it was there.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such tenant.
    pub async fn erase_tenant(&self, id: TenantId) -> Result<()> {
        let suspend = |tenant: &mut Tenant| TenantStatus::Suspended.name().clone_into(&mut tenant.status);
        self.update_tenant(id, suspend).await?;
        self.handle.erase_tenant(&TenantScope::from_maintenance(self.maintenance, id)).await?;
        let mut attempt = 1;
        loop {
            self.cut_off(id).await?;
            // A sign-in that began before the tenant was suspended may have come to its end since.
            match self.remove::<Tenant>(id).await {
                Err(Error::Conflict(Conflict::Reference { .. })) if attempt < ATTEMPTS => attempt += 1,
                done => return done,
            }
        }
    }

    /// Removes what leads to a tenant.
    async fn cut_off(&self, id: TenantId) -> Result<()> {
        while let Some(session) =
            self.one_of_any::<Session>(Session::TENANT_ID.name(), Value::Id(id.uuid())).await?
        {
            self.remove(session.id).await?;
        }
        while let Some(own) =
            self.one_of_any::<Membership>(Membership::TENANT_ID.name(), Value::Id(id.uuid())).await?
        {
            // The account goes first, so that it is found again if this is interrupted.
            let elsewhere = self.memberships(&own.email).await?.into_iter().any(|(tenant, _)| tenant != id);
            if let Some(account) = self.account(&own.email).await?.filter(|_| !elsewhere) {
                self.remove_account(account.id).await?;
            }
            self.remove(own.id).await?;
        }
        Ok(())
    }

    async fn remove_account(&self, id: Id<Account>) -> Result<()> {
        while let Some(session) =
            self.one_of_any::<Session>(Session::ACCOUNT_ID.name(), Value::Id(id.uuid())).await?
        {
            self.remove(session.id).await?;
        }
        self.remove(id).await
    }
}
