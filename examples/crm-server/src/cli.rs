//! The command line: flags beat environment variables beat defaults.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    path::PathBuf,
};

use clap::{
    ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum,
    builder::BoolishValueParser, error::ErrorKind, parser::ValueSource,
};
use crm_core::Currency;
use encoding_rs::Encoding;

use crate::{
    import::{DELIMITERS, DateOrder, Options},
    limits::LimitArgs,
};

/// A CRM for many tenants, served over HTTP from a SQLite file or PostgreSQL.
///
/// Without a command it serves. Every option can be given as a flag or, where one is named, as an environment
/// variable; the flag wins.
#[derive(Debug, Parser)]
#[command(name = "crm-server", version, disable_help_subcommand = true)]
pub struct Cli {
    /// Where the data is: sqlite://FILE, postgres://ROLE@HOST/DATABASE (if built with that), or memory: for a server whose data is gone when it ends
    #[arg(
        long,
        global = true,
        env = "CRM_DATABASE",
        value_name = "URL",
        default_value = "sqlite://crm.db",
        hide_env_values = true
    )]
    pub database: String,

    /// PostgreSQL only: the role that owns the schema and migrates, when it is not the one that runs: a role of the same
    /// server, or an address of its own where it has another password
    #[arg(long, global = true, env = "CRM_DATABASE_OWNER", value_name = "ROLE", hide_env_values = true)]
    pub database_owner: Option<String>,

    /// What is logged to the standard error: error, warn, info, debug or trace, also by module as in
    /// `warn,crm_http=debug`
    #[arg(long, global = true, env = "CRM_LOG", value_name = "FILTER", default_value = "info")]
    pub log: String,

    /// How to serve.
    #[command(flatten)]
    pub serve: ServeArgs,

    /// What to do; nothing given means to serve.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// How to serve.
#[derive(Clone, Debug, Args)]
pub struct ServeArgs {
    /// The address and port to listen on; port 0 takes a free one
    #[arg(long, env = "CRM_LISTEN", value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8005")]
    pub listen: String,

    /// Fills an empty database with two demo tenants, `acme` and `globex`, whose users all have the password
    /// `demo-password-1`; a database that has tenants is left alone. Listens on loopback addresses only
    #[arg(long, env = "CRM_DEMO", value_name = "BOOL", num_args = 0..=1, require_equals = true,
        default_value = "false", default_missing_value = "true", hide_default_value = true,
        value_parser = BoolishValueParser::new())]
    pub demo: bool,

    /// Does not bring the schema of the database up to date first, but refuses to serve an older one
    #[arg(long, env = "CRM_NO_MIGRATE", value_name = "BOOL", num_args = 0..=1, require_equals = true,
        default_value = "false", default_missing_value = "true", hide_default_value = true,
        value_parser = BoolishValueParser::new())]
    pub no_migrate: bool,

    /// What clients may take.
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serves the CRM over HTTP (what happens without a command)
    ///
    /// Prints the address and a sign-in to use. SIGTERM and Ctrl-C end it: requests in flight finish first.
    Serve(ServeArgs),

    /// Makes the database or brings its schema up to date, and says what that took
    Migrate,

    /// Creates, lists, exports, imports and erases tenants
    #[command(subcommand)]
    Tenant(TenantCommand),

    /// Creates users and sets passwords
    #[command(subcommand)]
    User(UserCommand),

    /// Recounts what is stored and prints each difference; the exit code is 1 if there is one
    Verify {
        /// Only this tenant, by its slug; all of them otherwise
        #[arg(long, value_name = "SLUG")]
        tenant: Option<String>,
    },

    /// Imports customers or leads from a CSV file
    #[command(long_about = IMPORT)]
    Import(ImportArgs),

    /// Exports records of one kind to a CSV file
    #[command(long_about = EXPORT)]
    Export(ExportArgs),
}

const EXPORT: &str = "\
Exports the records of one kind that are not deleted to a CSV file (UTF-8, commas), newest first.

`import` reads customers and leads back as they were, into another tenant too: `--map owner_id=owner_id` keeps their \
owners, who are told by their e-mail addresses. A record without external_id gets one then.

A cell that a spreadsheet would run as a formula begins with an apostrophe, which `import` takes away again.";

const IMPORT: &str = "\
Imports customers or leads from a CSV file of another system.

The encoding (UTF-8, UTF-16, windows-1252 and its like) and the delimiter (comma, semicolon, tab, bar) are found out, \
and columns are recognized by the names that exports use: First Name and Last Name, Company, Email 1, Phone, Deal \
Stage, Lead Source, Zip and so on. The mapping is printed, with every column that is ignored.

Each row ends as one of four: created, updated, already there, or refused with its line and every reason. A refused \
row does not keep the others from being imported. Importing a file again changes nothing: rows are told by their \
id column (Customer Id, Account Id, Record ID, External ID, Id), which becomes external_id. A row without an id gets \
`row-` and a digest of its cells, so that a row that has changed since counts as another.

created_at and closed_at (leads) take the times at which a record was made and a lead was closed in the other \
system, so that series, cohorts and durations honour them; a day, or a time without an offset, is one of the tenant's \
time zone. owner_id takes a user's e-mail address, name or id.

The exit code is 0 if no row was refused, 3 if some were, 1 if the import could not be done.";

/// What to do with tenants.
#[derive(Debug, Subcommand)]
pub enum TenantCommand {
    /// Creates a tenant, in a new database if there is none
    Create {
        /// The key of the tenant in addresses and commands: lower case letters, digits, `_` and `-`
        slug: String,
        /// The name that people see; the slug if none is given
        #[arg(long)]
        name: Option<String>,
        /// The time zone by whose days figures are kept, such as Europe/Berlin
        #[arg(long, value_name = "ZONE", default_value = "UTC")]
        time_zone: String,
    },
    /// Prints slug, status and name of each tenant, separated by tabs
    List,
    /// Writes a whole tenant to a file: its records, its log, its users and settings
    ///
    /// The file has lines of JSON, says itself what is in it, and ends in a digest. It has no passwords and no secrets of
    /// API keys. It is of one moment: if the tenant is written to meanwhile, the export begins anew, a few times.
    Export {
        /// The tenant, by its slug
        slug: String,
        /// The file, which must not be there yet; `-` writes to the standard output
        file: PathBuf,
    },
    /// Takes in a tenant from such a file, into a new database if there is none
    ///
    /// It keeps its ids and its log, and is refused where there is such a tenant already. It can be seen once all of it
    /// is there. Passwords and API keys are given anew; who has an account here keeps it.
    Import {
        /// The file
        file: PathBuf,
        /// Another slug than the one that the tenant has in the file
        #[arg(long)]
        slug: Option<String>,
    },
    /// Erases a tenant with everything it has; there is no way back
    ///
    /// Its records, its log, its users, keys and sign-ins are removed, and the accounts of people who are in no other
    /// tenant. Nobody gets in from the first moment on. A SQLite file is then rewritten, so that nothing is left in it;
    /// that takes as long as writing the file and twice its room, and whoever writes to it meanwhile waits.
    Erase {
        /// The tenant, by its slug
        slug: String,
        /// The slug once more, as a sign that it is meant
        #[arg(long, value_name = "SLUG")]
        confirm: String,
    },
}

/// What to do with users.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Creates a user in a tenant
    ///
    /// The password is read from the standard input with --password-stdin, or from CRM_PASSWORD; else one is made up
    /// and printed once. A person who has an account already, through another tenant, keeps the password.
    Create(UserArgs),
    /// Gives a person a new password, in all tenants, and ends all sign-ins
    SetPassword {
        /// The e-mail address
        #[arg(long)]
        email: String,
        /// Where the password comes from.
        #[command(flatten)]
        password: PasswordArgs,
    },
}

/// Who is to be a user.
#[derive(Debug, Args)]
pub struct UserArgs {
    /// The tenant, by its slug
    #[arg(long, value_name = "SLUG")]
    pub tenant: String,
    /// The e-mail address to sign in with
    #[arg(long)]
    pub email: String,
    /// The person's name
    #[arg(long)]
    pub name: Option<String>,
    /// What the person may do
    #[arg(long, value_enum)]
    pub role: RoleName,
    /// Where the password comes from.
    #[command(flatten)]
    pub password: PasswordArgs,
}

/// What a user may do.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum RoleName {
    /// Reads
    Viewer,
    /// Also writes, deletes and restores records
    Member,
    /// Also imports, exports, sees the log, manages users and the pipeline
    Admin,
    /// Also erases and manages owners
    Owner,
}

/// Where a password comes from.
#[derive(Debug, Args)]
pub struct PasswordArgs {
    /// Reads the password from the first line of the standard input
    #[arg(long)]
    pub password_stdin: bool,
    /// The password
    // Not as a flag: arguments are seen by every user of the system.
    #[arg(skip = std::env::var("CRM_PASSWORD").ok().filter(|password| !password.is_empty()))]
    pub password: Option<String>,
}

/// What can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ImportKind {
    /// Customers
    Customers,
    /// Leads
    Leads,
}

/// What can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportKind {
    /// Customers
    Customers,
    /// Contacts
    Contacts,
    /// Leads
    Leads,
    /// Interactions
    Interactions,
    /// Projects
    Projects,
    /// Tasks
    Tasks,
}

/// What to export.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// What the records are
    #[arg(value_enum)]
    pub kind: ExportKind,
    /// The file, which must not be there yet; `-` writes to the standard output
    pub file: PathBuf,
    /// The tenant to export from, by its slug
    #[arg(long, value_name = "SLUG")]
    pub tenant: String,
    /// Only records with this value, such as stage=qualified. Can be given several times
    #[arg(long, value_name = "FIELD=VALUE", value_parser = filter)]
    pub filter: Vec<(String, String)>,
    /// Only records in whose texts each of these words occurs
    #[arg(long, value_name = "WORDS")]
    pub search: Option<String>,
}

/// What to import, and how.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// What the rows are
    #[arg(value_enum)]
    pub kind: ImportKind,
    /// The file; `-` reads the standard input
    pub file: PathBuf,
    /// The tenant to import into, by its slug
    #[arg(long, value_name = "SLUG")]
    pub tenant: String,
    /// Which field a column feeds; `--map "COLUMN="` ignores the column. Several columns can feed `notes` and `tags`.
    /// Can be given several times
    #[arg(long, value_name = "COLUMN=FIELD", value_parser = pair)]
    pub map: Vec<(String, String)>,
    /// Which stage a cell of the stage column means, by key or name. Can be given several times
    #[arg(long, value_name = "CELL=STAGE", value_parser = pair)]
    pub stage: Vec<(String, String)>,
    /// Does everything but write, and tells what would happen
    #[arg(long)]
    pub dry_run: bool,
    /// Changes records that are already there to what the file says; empty cells change nothing
    #[arg(long)]
    pub update: bool,
    /// Moves a cell that its field cannot take, such as a broken e-mail address, to the notes instead of refusing the
    /// row. Unknown stages are refused all the same
    #[arg(long)]
    pub lenient: bool,
    /// Adds the columns that no field takes to the notes, as `COLUMN: CELL`
    #[arg(long)]
    pub keep_unmapped: bool,
    /// The currency of amounts on rows that name none, such as EUR. Without it and without a column of currencies,
    /// amounts are ignored
    #[arg(long, value_name = "CODE", value_parser = currency)]
    pub currency: Option<Currency>,
    /// What comes first in dates such as 03/04/2026, which are refused otherwise
    #[arg(long, value_enum, value_name = "ORDER")]
    pub dates: Option<DateOrder>,
    /// The character between cells: `,` `;` `|` or `tab`, where it is not found out rightly
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    pub delimiter: Option<char>,
    /// The encoding, such as windows-1250, where it is not found out rightly
    #[arg(long, value_name = "NAME", value_parser = encoding)]
    pub encoding: Option<&'static Encoding>,
}

impl ImportArgs {
    /// The options of the import.
    pub fn options(self) -> Options {
        Options {
            dry_run: self.dry_run,
            update: self.update,
            lenient: self.lenient,
            keep_unmapped: self.keep_unmapped,
            maps: self.map,
            stages: self.stage,
            currency: self.currency,
            dates: self.dates,
            delimiter: self.delimiter,
            encoding: self.encoding,
        }
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let pair = text.rsplit_once('=').filter(|(left, _)| !left.trim().is_empty());
    let (left, right) = pair.ok_or("it must have a `=` with something before it")?;
    Ok((left.trim().to_owned(), right.trim().to_owned()))
}

fn filter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it must have a `=` between a field and a value")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

fn currency(text: &str) -> Result<Currency, String> {
    Currency::new(&text.to_ascii_uppercase())
        .ok_or_else(|| "it must be an ISO 4217 code such as EUR".to_owned())
}

fn delimiter(text: &str) -> Result<char, String> {
    let text = if matches!(text, "tab" | "\\t") { "\t" } else { text };
    let found = DELIMITERS.into_iter().find(|delimiter| text == delimiter.to_string());
    found.ok_or_else(|| "it must be `,`, `;`, `|` or `tab`".to_owned())
}

fn encoding(text: &str) -> Result<&'static Encoding, String> {
    Encoding::for_label(text.as_bytes())
        .ok_or_else(|| "it must be an encoding such as utf-8 or windows-1252".to_owned())
}

/// Reads a command line. How to serve may stand before the command or after it; before another command it is refused.
///
/// # Errors
/// What is wrong with it, or the help that was asked for.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let matches = Cli::command().try_get_matches_from(arguments)?;
    let mut cli = Cli::from_arg_matches(&matches)?;
    match (&mut cli.command, matches.subcommand()) {
        (Some(Command::Serve(serve)), Some((_, own))) => {
            // Of an option that is told twice, what stands after the command counts.
            let before = told(&matches).into_iter().filter(|(name, _)| !told(own).contains_key(name));
            let all = before.chain(told(own)).flat_map(|(name, values)| {
                values.into_iter().map(move |value| {
                    let mut flag = OsString::from(format!("--{name}="));
                    flag.push(value);
                    flag
                })
            });
            *serve = ServeArgs::from_arg_matches(&serving().try_get_matches_from(all)?)?;
        }
        (Some(_), Some((name, _))) => {
            if let Some(flag) = told(&matches).keys().next() {
                let message = format!("--{flag} is for `serve`, not for `{name}`");
                return Err(Cli::command().error(ErrorKind::ArgumentConflict, message));
            }
        }
        _ => {}
    }
    Ok(cli)
}

/// How to serve, as a command line of its own.
fn serving() -> clap::Command {
    ServeArgs::augment_args(clap::Command::new("serve").no_binary_name(true))
}

/// The options of how to serve that stand on the command line, by their flags, with their values.
fn told(matches: &ArgMatches) -> BTreeMap<String, Vec<OsString>> {
    let command = serving();
    let told = command.get_arguments().filter_map(|argument| {
        let id = argument.get_id().as_str();
        let is_told = matches.try_contains_id(id).unwrap_or(false)
            && matches.value_source(id) == Some(ValueSource::CommandLine);
        let values = matches.get_raw(id).filter(|_| is_told)?;
        Some((argument.get_long()?.to_owned(), values.map(OsStr::to_owned).collect()))
    });
    told.collect()
}
