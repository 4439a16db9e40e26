//! A PostgreSQL server for one run: one of our own on data that is kept, or the one at `CRM_BENCH_POSTGRES_URL`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crm_store_postgres::Migrate;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::{measure::ok, seed};

/// As durable as PostgreSQL is by itself: `fsync` and `synchronous_commit` stay on. The memory is what a small server
/// has, and checkpoints are rare enough not to fall into one benchmark and not into another.
const SETTINGS: [&str; 6] = [
    "listen_addresses=",
    "max_connections=150",
    "shared_buffers=1GB",
    "max_wal_size=8GB",
    "checkpoint_timeout=30min",
    "maintenance_work_mem=256MB",
];

/// A server with the roles of the benchmarks; our own is stopped when this goes.
#[derive(Debug)]
pub struct Cluster {
    /// A superuser's address.
    url: String,
    data: Option<PathBuf>,
}

impl Cluster {
    /// Starts a server, or takes the one that is named.
    pub async fn start() -> Self {
        let own = match std::env::var("CRM_BENCH_POSTGRES_URL") {
            Ok(url) => Self { url, data: None },
            Err(_) => Self::own(),
        };
        own.roles().await;
        own
    }

    fn own() -> Self {
        let folder = seed::folder().join("postgres");
        let data = folder.join("data");
        // The path of a socket must be short.
        let socket = std::env::temp_dir().join(format!("crm-bench-{}", std::process::id()));
        for folder in [&folder, &socket] {
            ok(fs::create_dir_all(folder));
            run(Command::new("chmod").arg("777").arg(folder));
        }
        if !data.exists() {
            let mut command = as_user(&program("initdb"));
            command.args(["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--username=postgres"]);
            run(command.arg("--pgdata").arg(&data));
        }
        // A run that was killed has left its server behind.
        if running(&data) {
            stop(&data);
        }
        let mut options = format!("-c unix_socket_directories={}", socket.display());
        SETTINGS.iter().for_each(|setting| options.push_str(&format!(" -c {setting}")));
        let mut command = as_user(&program("pg_ctl"));
        command.arg("--pgdata").arg(&data).arg("--log").arg(folder.join("log")).args(["--wait", "--silent"]);
        run(command.arg("--options").arg(options).arg("start"));
        let url = format!("postgres://postgres@localhost/postgres?host={}", socket.display());
        Self { url, data: Some(data) }
    }

    /// Who owns, who runs, and who runs without being bound by any policy.
    async fn roles(&self) {
        for (role, options) in [("crm_owner", ""), ("crm_app", ""), ("crm_unbound", "BYPASSRLS")] {
            let make = format!("CREATE ROLE {role} LOGIN {options}");
            self.run(&format!(
                "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN {make}; END IF; END $$"
            ))
            .await;
        }
        self.run("GRANT crm_app TO crm_unbound").await;
    }

    /// The address of a database for a role.
    pub fn address(&self, role: &str, database: &str) -> String {
        let Some((host, options)) = self.url.split_once('@').and_then(|(_, rest)| rest.split_once('/'))
        else {
            panic!("CRM_BENCH_POSTGRES_URL must read postgres://superuser@host/database");
        };
        let options = options.split_once('?').map_or(String::new(), |(_, options)| format!("?{options}"));
        format!("postgres://{role}@{host}/{database}{options}")
    }

    /// Runs SQL as the superuser.
    pub async fn run(&self, sql: &str) {
        self.run_in(&self.url, sql).await;
    }

    async fn run_in(&self, url: &str, sql: &str) {
        let mut connection = ok(PgConnection::connect(url).await);
        ok(sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await);
        ok(connection.close().await);
    }

    /// Runs SQL as the superuser of a database, which may be named otherwise than `postgres`.
    pub async fn run_on(&self, database: &str, sql: &str) {
        let role = self.url.trim_start_matches("postgres://");
        let role = role.split_once('@').map_or("postgres", |(role, _)| role);
        self.run_in(&self.address(role, database), sql).await;
    }

    /// Whether there is a database of this name.
    pub async fn has(&self, database: &str) -> bool {
        let mut connection = ok(PgConnection::connect(&self.url).await);
        let found = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)");
        ok(found.bind(database).fetch_one(&mut connection).await)
    }

    /// Makes an empty database anew, with the schema in place.
    pub async fn create(&self, database: &str) {
        self.run(&format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)")).await;
        self.run(&format!("CREATE DATABASE {database} TEMPLATE template0 OWNER crm_owner")).await;
        let mut owner = ok(PgConnection::connect(&self.address("crm_owner", database)).await);
        ok(Migrate::new().role("crm_app").run(&mut owner).await);
        ok(owner.close().await);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(data) = &self.data {
            stop(data);
        }
    }
}

/// Where PostgreSQL's programs are.
fn program(name: &str) -> PathBuf {
    let mut folders: Vec<PathBuf> = std::env::var_os("PATH").iter().flat_map(std::env::split_paths).collect();
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut installed: Vec<PathBuf> = installed.map(|folder| folder.path().join("bin")).collect();
    installed.sort();
    folders.extend(installed.into_iter().rev());
    let found = folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| {
        panic!("there is no `{name}`: install PostgreSQL 15 or newer, or set CRM_BENCH_POSTGRES_URL")
    })
}

/// A command as a user that PostgreSQL lets run its server: it refuses root.
fn as_user(program: &Path) -> Command {
    let root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.starts_with(b"0\n"));
    if root {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

/// The server must not inherit a pipe that somebody waits on, so that nothing is read of what is said.
fn run(command: &mut Command) {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let status = ok(quiet.status());
    assert!(status.success(), "{command:?}: {status}");
}

fn running(data: &Path) -> bool {
    let mut command = as_user(&program("pg_ctl"));
    command.arg("--pgdata").arg(data).arg("status").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn stop(data: &Path) {
    let mut command = as_user(&program("pg_ctl"));
    run(command.arg("--pgdata").arg(data).args(["--mode", "fast", "--wait", "stop"]));
}
