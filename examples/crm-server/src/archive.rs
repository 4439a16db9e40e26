//! A whole tenant as a file, written and taken in.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufReader, BufWriter},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, bail};
use crm_core::{ArchiveError, Crm, TenantId};

use crate::commands::{print, tenant};

/// How often an export begins anew when the tenant is written to meanwhile.
const ATTEMPTS: u32 = 5;

pub(crate) async fn export(crm: &Crm, slug: &str, file: &Path) -> Result<()> {
    let tenant = tenant(crm, slug).await?;
    if file.as_os_str() == "-" {
        let out = BufWriter::new(io::stdout());
        let done = crm.directory(&crm.maintenance()).export_tenant(tenant.id, out).await;
        return done.map(drop).map_err(|error| explained(error, slug));
    }
    let name = file.display();
    if file.exists() {
        bail!("`{name}` is there already: name a new file");
    }
    // Under another name until it is whole, so that nobody takes a part of it for the tenant.
    let part = Part(beside(file));
    let manifest = settled(crm, tenant.id, &part.0).await.map_err(|error| explained(error, slug))?;
    fs::rename(&part.0, file).with_context(|| format!("`{name}` cannot be written"))?;
    let records: u64 = manifest.records.values().sum();
    print(&format!("exported tenant {slug}: {records} records, {} events", manifest.events))
}

async fn settled(
    crm: &Crm,
    tenant: TenantId,
    path: &Path,
) -> Result<crm_core::archive::Manifest, ArchiveError> {
    let maintenance = crm.maintenance();
    for _ in 1..ATTEMPTS {
        match crm.directory(&maintenance).export_tenant(tenant, private(path)?).await {
            Err(ArchiveError::Unsettled) => {}
            done => return done,
        }
    }
    crm.directory(&maintenance).export_tenant(tenant, private(path)?).await
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

/// A file that nobody else may read, emptied.
fn private(path: &Path) -> io::Result<BufWriter<File>> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(BufWriter::new)
}

/// A file that is removed unless it has got another name by then.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        // It is gone where all went well.
        let _ = fs::remove_file(&self.0);
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
