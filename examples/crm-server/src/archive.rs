//! A whole tenant as a file, written and taken in.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter},
    path::Path,
};

use anyhow::{Context, Result, anyhow};
use crm_core::{ArchiveError, Crm, TenantId, archive::Manifest};

use crate::{
    commands::{print, tenant},
    output::{Output, is_stdout},
};

/// How often an export begins anew when the tenant is written to meanwhile.
const ATTEMPTS: u32 = 5;

pub(crate) async fn export(crm: &Crm, slug: &str, file: &Path) -> Result<()> {
    let tenant = tenant(crm, slug).await?;
    if is_stdout(file) {
        let out = BufWriter::new(io::stdout());
        let done = crm.directory(&crm.maintenance()).export_tenant(tenant.id, out).await;
        return done.map(drop).map_err(|error| explained(error, slug));
    }
    let output = Output::new(file)?;
    let manifest = settled(crm, tenant.id, &output).await.map_err(|error| explained(error, slug))?;
    output.keep()?;
    let records: u64 = manifest.records.values().sum();
    print(&format!("exported tenant {slug}: {records} records, {} events", manifest.events))
}

/// Writes the tenant, anew where it is written to meanwhile.
async fn settled(crm: &Crm, tenant: TenantId, output: &Output) -> Result<Manifest, ArchiveError> {
    let maintenance = crm.maintenance();
    let mut left = ATTEMPTS;
    loop {
        left -= 1;
        match crm.directory(&maintenance).export_tenant(tenant, output.begin()?).await {
            Err(ArchiveError::Unsettled) if left > 0 => {}
            done => return done,
        }
    }
}

pub(crate) async fn import(crm: &Crm, file: &Path, slug: Option<&str>) -> Result<()> {
    let name = file.display();
    let archive = File::open(file).with_context(|| format!("`{name}` cannot be opened"))?;
    let done = crm.directory(&crm.maintenance()).import_tenant(BufReader::new(archive), slug).await;
    let tenant = done.map_err(|error| match error {
        ArchiveError::Damaged { .. } => anyhow!("`{name}`, {error}: nothing was imported"),
        ArchiveError::File(error) => anyhow!("`{name}` cannot be read: {error}"),
        error => explained(error, slug.unwrap_or_default()),
    })?;
    print(&format!("imported tenant {}", tenant.slug))?;
    print("passwords and keys are in no archive: `crm-server user set-password` lets its users in")
}

fn explained(error: ArchiveError, slug: &str) -> anyhow::Error {
    match error {
        ArchiveError::Unsettled => {
            anyhow!("tenant {slug} was written to while it was exported: try again when it is quiet")
        }
        ArchiveError::Taken(what) => anyhow!("there is {what} already: nothing was imported"),
        ArchiveError::File(error) => anyhow!("the archive cannot be written: {error}"),
        error => error.into(),
    }
}
