//! The CRM as a server on one SQLite file or on PostgreSQL, and the commands that go with it.

mod accounts;
mod archive;
pub mod cli;
mod commands;
mod database;
mod demo;
pub mod export;
mod formulas;
pub mod import;
pub mod limits;
mod output;
mod process;
mod progress;
mod serve;

use std::{io::IsTerminal, process::ExitCode};

use anyhow::{Context, Result};
use tracing_subscriber::EnvFilter;

use cli::{Cli, Command, TenantCommand, UserCommand};
use database::Database;

/// Does what the command line asks for. Data goes to the standard output, the log to the standard error.
///
/// # Errors
/// Whatever keeps it from being done, in words for the person who asked.
pub async fn run(cli: Cli) -> Result<ExitCode> {
    log_to_stderr(&cli.log)?;
    let database: Database = cli.database.parse()?;
    let database = database.owned_by(cli.database_owner.as_deref())?;
    match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(arguments) => serve::serve(&database, &arguments).await?,
        Command::Migrate => commands::migrate(&database).await?,
        Command::Tenant(TenantCommand::Create { slug, name, time_zone }) => {
            commands::create_tenant(&database.set_up().await?, &slug, name, time_zone).await?;
        }
        Command::Tenant(TenantCommand::List) => commands::list_tenants(&database.existing().await?).await?,
        Command::Tenant(TenantCommand::Export { slug, file }) => {
            archive::export(&database.existing().await?, &slug, &file).await?;
        }
        Command::Tenant(TenantCommand::Import { file, slug }) => {
            archive::import(&database.set_up().await?, &file, slug.as_deref()).await?;
        }
        Command::Tenant(TenantCommand::Erase { slug, confirm }) => {
            commands::erase_tenant(&database, &slug, &confirm).await?;
        }
        Command::User(UserCommand::Create(arguments)) => {
            accounts::create_user(&database.existing().await?, arguments).await?;
        }
        Command::User(UserCommand::SetPassword { email, password }) => {
            accounts::set_password(&database.existing().await?, &email, &password).await?;
        }
        Command::Verify { tenant } => {
            return commands::verify(&database.existing().await?, tenant.as_deref()).await;
        }
        Command::Export(arguments) => export::export(&database.existing().await?, arguments).await?,
        Command::Import(arguments) => return commands::import(&database.existing().await?, arguments).await,
    }
    Ok(ExitCode::SUCCESS)
}

fn log_to_stderr(filter: &str) -> Result<()> {
    let filter = EnvFilter::try_new(filter).with_context(|| {
        format!("`{filter}` is no log filter: use `error`, `warn`, `info`, `debug` or `trace`")
    })?;
    let log =
        tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    // A line that cannot be written is lost. To report that, the subscriber would print to the same standard error and
    // panic, which cut requests after `crm-server 2>&1 | head`.
    let log = log.log_internal_errors(false);
    // A second call in one process, as in tests, keeps the first one's log.
    let _ = log.with_env_filter(filter).try_init();
    Ok(())
}
