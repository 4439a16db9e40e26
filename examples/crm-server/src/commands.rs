//! The commands on tenants and on the database as a whole.

use std::{
    fs::File,
    io::{self, Read, Write},
    process::ExitCode,
};

use anyhow::{Context, Result, anyhow, bail};
use crm_core::{
    Actor, Conflict, Crm, Customer, Error, Id, Lead, MAX_PAGE, Maintenance, Query, Record, Settings, Tenant,
    TenantId,
};
use uuid::Uuid;

use crate::{
    cli::{ImportArgs, ImportKind},
    database::Database,
    import::{self, Text},
    progress::Console,
};

/// The exit code of an import that refused rows.
const SOME_REFUSED: u8 = 3;

/// Prints a line of data.
///
/// # Errors
/// If nobody reads it any more.
pub(crate) fn print(line: &str) -> Result<()> {
    writeln!(io::stdout(), "{line}").context("the output cannot be written")
}

pub(crate) async fn migrate(database: &Database) -> Result<()> {
    database.migrate().await?.iter().try_for_each(|line| print(line))
}

pub(crate) async fn create_tenant(
    crm: &Crm,
    slug: &str,
    name: Option<String>,
    time_zone: String,
) -> Result<()> {
    let tenant = Tenant::new(slug, name.unwrap_or_else(|| slug.to_owned()));
    let (maintenance, settings) = (crm.maintenance(), Settings::default().time_zone(time_zone));
    let created = crm.directory(&maintenance).create_tenant_with(None, tenant, settings).await;
    let tenant = created.map_err(|error| match error {
        Error::Conflict(Conflict::Unique { .. }) => anyhow!("there is a tenant `{slug}` already"),
        error => error.into(),
    })?;
    print(&format!("created tenant {}", tenant.slug))
}

pub(crate) async fn list_tenants(crm: &Crm) -> Result<()> {
    for tenant in tenants(crm, &crm.maintenance()).await? {
        print(&format!("{}\t{}\t{}", tenant.slug, tenant.status, tenant.name))?;
    }
    Ok(())
}

pub(crate) async fn erase_tenant(database: &Database, slug: &str, confirm: &str) -> Result<()> {
    if confirm != slug {
        bail!("--confirm says `{confirm}` and not `{slug}`: nothing was erased");
    }
    let crm = database.existing().await?;
    let tenant = tenant(&crm, slug).await?;
    crm.directory(&crm.maintenance()).erase_tenant(tenant.id).await?;
    drop(crm);
    database.scrub().with_context(|| {
        format!("tenant {slug} is erased, but what it was can still be found in free pages of the file")
    })?;
    print(&format!("erased tenant {slug}"))
}

/// All tenants, by slug.
async fn tenants(crm: &Crm, maintenance: &Maintenance) -> Result<Vec<Record<Tenant>>> {
    let mut tenants = Vec::new();
    let mut cursor = None;
    loop {
        let query = Query::new().sort(Tenant::SLUG.asc()).limit(MAX_PAGE);
        let query = match cursor {
            Some(cursor) => query.after(cursor),
            None => query,
        };
        let page = crm.directory(maintenance).tenants(query).await?;
        tenants.extend(page.data);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(tenants);
        }
    }
}

/// The tenant of this slug.
///
/// # Errors
/// If there is none.
pub(crate) async fn tenant(crm: &Crm, slug: &str) -> Result<Record<Tenant>> {
    let found = crm.directory(&crm.maintenance()).tenant_by_slug(slug).await?;
    found.ok_or_else(|| {
        anyhow!("there is no tenant `{slug}`: `crm-server tenant list` shows them, `tenant create` makes one")
    })
}

pub(crate) async fn verify(crm: &Crm, slug: Option<&str>) -> Result<ExitCode> {
    let maintenance = crm.maintenance();
    let mut places: Vec<(String, TenantId)> = Vec::new();
    match slug {
        Some(slug) => places.push((slug.to_owned(), tenant(crm, slug).await?.id)),
        None => {
            // What the engine keeps above the tenants is itself a tenant, whose id is nil.
            places.push(("(directory)".to_owned(), Id::from_uuid(Uuid::nil())));
            let tenants = tenants(crm, &maintenance).await?;
            places.extend(tenants.into_iter().map(|tenant| (tenant.slug.clone(), tenant.id)));
        }
    }
    let mut sound = true;
    for (name, id) in places {
        let found = crm.verify(&maintenance, id).await?;
        for difference in &found.differences {
            print(&format!("{name}: {difference}"))?;
        }
        let verdict = match (found.unsettled, found.differences.is_empty()) {
            (true, _) => "NOT VERIFIED: it was written to all the while; try again when it is quiet",
            (false, true) => "no differences",
            (false, false) => "DIFFERENCES FOUND",
        };
        sound &= found.differences.is_empty() && !found.unsettled;
        let (rows, events, counters) = (found.rows, found.events, found.counters);
        print(&format!("{name}: {rows} records, {events} events, {counters} counters: {verdict}"))?;
    }
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(crate) async fn import(crm: &Crm, arguments: ImportArgs) -> Result<ExitCode> {
    let tenant = tenant(crm, &arguments.tenant).await?;
    let scope = crm.scope(tenant.id, Actor::job("import"));
    let kind = arguments.kind;
    let (input, bytes) = input(&arguments)?;
    let options = arguments.options();
    let text = Text::new(input, options.encoding)?;
    let mut console = Console::new(bytes);
    let report = match kind {
        ImportKind::Customers => import::import::<Customer>(crm, &scope, text, &options, &mut console).await,
        ImportKind::Leads => import::import::<Lead>(crm, &scope, text, &options, &mut console).await,
    };
    console.done();
    let report = report?;
    let dry = if options.dry_run { "dry run, nothing was written: " } else { "" };
    print(&format!("{dry}{report}"))?;
    Ok(if report.refused == 0 { ExitCode::SUCCESS } else { ExitCode::from(SOME_REFUSED) })
}

/// The file to import, and its size if it has one.
fn input(arguments: &ImportArgs) -> Result<(Box<dyn Read + Send>, Option<u64>)> {
    if arguments.file.as_os_str() == "-" {
        return Ok((Box::new(io::stdin()), None));
    }
    let name = arguments.file.display();
    let file = File::open(&arguments.file).with_context(|| format!("`{name}` cannot be opened"))?;
    let metadata = file.metadata().with_context(|| format!("`{name}` cannot be opened"))?;
    if metadata.is_dir() {
        return Err(anyhow!("`{name}` is a folder: name a CSV file"));
    }
    Ok((Box::new(file), metadata.is_file().then_some(metadata.len())))
}
