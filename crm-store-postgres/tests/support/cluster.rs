//! A PostgreSQL server for the tests of one run, and databases in it.
//!
//! The first test process that finds none starts one, in a folder of its own with a socket in it; every process holds a
//! lock on it while it lives, and a watcher stops the server some time after the last one has let go. With
//! `CRM_TEST_POSTGRES_URL`, the address of a superuser, a server that runs already is used.

use std::{
    fs::{self, File},
    hash::{DefaultHasher, Hash, Hasher},
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use crm_store_postgres::Migrate;

/// Where PostgreSQL's programs are.
pub fn program(name: &str) -> PathBuf {
    let asked = Command::new("pg_config").arg("--bindir").output();
    let asked = asked.ok().and_then(|output| String::from_utf8(output.stdout).ok());
    let mut folders: Vec<PathBuf> = asked.map(|folder| PathBuf::from(folder.trim())).into_iter().collect();
    folders.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    let mut installed: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|folder| folder.path().join("bin"))
        .collect();
    installed.sort();
    folders.extend(installed.into_iter().rev());
    let found = folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| {
        panic!("there is no `{name}`: install PostgreSQL 15 or newer, or set CRM_TEST_POSTGRES_URL")
    })
}

/// A command as a user that PostgreSQL lets run its server: it refuses root.
pub fn as_user(program: &Path) -> Command {
    let root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.starts_with(b"0\n"));
    if root {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

pub fn done(mut command: Command) {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A server's folder, set up and started.
pub fn start(folder: &Path, settings: &[&str]) {
    fs::create_dir_all(folder).expect("a folder can be made");
    let data = folder.join("data");
    if !data.exists() {
        done({
            let mut command = Command::new("chmod");
            command.arg("777").arg(folder);
            command
        });
        let mut command = as_user(&program("initdb"));
        command.args([
            "--no-sync",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--username=postgres",
        ]);
        command.arg("--pgdata").arg(&data);
        done(command);
    }
    let mut options = format!("-c listen_addresses= -c unix_socket_directories={}", folder.display());
    for setting in settings {
        options.push_str(&format!(" -c {setting}"));
    }
    let mut command = as_user(&program("pg_ctl"));
    command.arg("--pgdata").arg(&data).arg("--log").arg(folder.join("log")).args(["--wait", "--silent"]);
    command.arg("--options").arg(options).arg("start");
    // The server must not inherit a pipe that somebody waits on.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let status = command.stdin(Stdio::null()).status().expect("pg_ctl runs");
    let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
    assert!(status.success(), "the server does not start: {log}");
}

/// Stops a server that [`start`] has started.
pub fn stop(folder: &Path, mode: &str) {
    let mut command = as_user(&program("pg_ctl"));
    command.arg("--pgdata").arg(folder.join("data")).args(["--wait", "--silent", "--mode", mode, "stop"]);
    done(command);
}

/// A server of a test's own, with a database whose schema is in place for two roles. Stopped at the end.
#[derive(Debug)]
pub struct Server {
    folder: tempfile::TempDir,
    settings: Vec<String>,
}

impl Server {
    /// With the settings of a server that loses nothing, and these.
    pub fn new(settings: &[&str]) -> Self {
        let folder = tempfile::Builder::new().prefix("crm-pg-").tempdir().expect("a folder can be made");
        let own = ["fsync=on", "max_connections=100", "shared_buffers=64MB"];
        let settings = own.iter().chain(settings).map(|setting| (*setting).to_owned()).collect();
        let server = Self { folder, settings };
        server.start();
        let url = server.superuser("postgres");
        roles(&url);
        psql(&url, "CREATE DATABASE crm OWNER crm_owner;");
        let migrate = Migrate::new().role("crm_app").sql().expect("the names are plain");
        psql(&address(&url, "crm_owner", "crm"), &migrate);
        server
    }

    pub fn start(&self) {
        let settings: Vec<&str> = self.settings.iter().map(String::as_str).collect();
        start(self.folder.path(), &settings);
    }

    pub fn stop(&self, mode: &str) {
        stop(self.folder.path(), mode);
    }

    pub fn superuser(&self, database: &str) -> String {
        format!("postgres://postgres@localhost/{database}?host={}", self.folder.path().display())
    }

    /// For the role that runs.
    pub fn app(&self) -> String {
        address(&self.superuser("crm"), "crm_app", "crm")
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut command = as_user(&program("pg_ctl"));
        command.arg("--pgdata").arg(self.folder.path().join("data"));
        command.args(["--silent", "--mode", "immediate", "stop"]);
        // It may be stopped already.
        let _ = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

/// The server of this run.
fn server() -> &'static str {
    static SERVER: OnceLock<String> = OnceLock::new();
    SERVER.get_or_init(|| {
        if let Ok(url) = std::env::var("CRM_TEST_POSTGRES_URL") {
            templates(&url, &databases(&url).expect("the server at CRM_TEST_POSTGRES_URL answers"));
            return url;
        }
        let mut hash = DefaultHasher::new();
        env!("CARGO_TARGET_TMPDIR").hash(&mut hash);
        let folder = std::env::temp_dir().join(format!("crm-pg-{:x}", hash.finish()));
        let locks = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let lock = |name: &str| {
            File::options().create(true).append(true).open(locks.join(name)).expect("a lock can be made")
        };
        let starting = lock("postgres-start.lock");
        starting.lock().expect("the lock can be had");
        let using = lock("postgres-use.lock");
        using.lock_shared().expect("the lock can be had");
        // Held until the process ends.
        std::mem::forget(using);
        let url = format!("postgres://postgres@localhost/postgres?host={}", folder.display());
        let there = databases(&url);
        if there.is_none() {
            let _ = fs::remove_dir_all(&folder);
            let settings = [
                "fsync=off",
                "full_page_writes=off",
                "synchronous_commit=off",
                "max_connections=300",
                "shared_buffers=256MB",
                "autovacuum_naptime=5s",
            ];
            start(&folder, &settings);
            watch(&folder, &locks.join("postgres-use.lock"));
        }
        templates(&url, &there.unwrap_or_default());
        drop(starting);
        url
    })
}

/// The databases there are; `None` if the server does not answer.
fn databases(url: &str) -> Option<Vec<String>> {
    let there = try_psql(url, "SELECT datname FROM pg_database").ok()?;
    Some(there.lines().map(str::to_owned).collect())
}

/// Stops the server when nobody has used it for a while. There are moments without a user between two test processes.
fn watch(folder: &Path, lock: &Path) {
    let stop =
        format!("{} --pgdata {}/data --mode immediate stop", program("pg_ctl").display(), folder.display());
    let mut stop_as_user = as_user(Path::new("sh"));
    stop_as_user.args(["-c", &stop]);
    let stop = std::iter::once(stop_as_user.get_program()).chain(stop_as_user.get_args());
    let stop: Vec<String> = stop.map(|word| format!("'{}'", word.to_string_lossy())).collect();
    let (lock, folder, stop) = (lock.display(), folder.display(), stop.join(" "));
    let script = format!(
        "while :; do flock -x '{lock}' true; sleep 15; \
         flock -n -x '{lock}' sh -c \"{stop}; rm -rf '{folder}'\" && exit; done"
    );
    let mut command = Command::new("setsid");
    command.args(["sh", "-c", &script]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    drop(command.spawn().expect("the watcher starts"));
}

/// Runs SQL with `psql`, in one session.
pub fn psql(url: &str, sql: &str) -> String {
    try_psql(url, sql).unwrap_or_else(|error| panic!("{error}"))
}

fn try_psql(url: &str, sql: &str) -> Result<String, String> {
    let mut command = Command::new(program("psql"));
    command.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "-v", "ON_ERROR_STOP=1"]).arg(url);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("psql runs");
    child.stdin.take().expect("a pipe").write_all(sql.as_bytes()).expect("psql reads");
    let output = child.wait_with_output().expect("psql ends");
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// Runs SQL that must have a database to itself. On a busy machine a worker of autovacuum may be in it for longer than
/// the server waits for it.
fn alone(url: &str, sql: &str) -> Result<String, String> {
    let mut answer = try_psql(url, sql);
    for _ in 0..5 {
        match &answer {
            Err(error) if error.contains("being accessed by other users") => answer = try_psql(url, sql),
            _ => break,
        }
    }
    answer
}

/// The same address for another role and database.
pub fn address(url: &str, role: &str, database: &str) -> String {
    let (_, rest) = url.split_once('@').expect("the address names a role");
    let (host, rest) = rest.split_once('/').expect("the address names a database");
    let options = rest.split_once('?').map_or(String::new(), |(_, options)| format!("?{options}"));
    format!("postgres://{role}@{host}/{database}{options}")
}

/// The database to copy for one owner; another program, with another schema, may be using the same server.
fn template(roles: Roles) -> (String, &'static str, Migrate) {
    let (kind, owner, migrate) = match roles {
        Roles::Two => ("two", "crm_owner", Migrate::new().role("crm_app")),
        Roles::One => ("one", "crm_both", Migrate::new()),
    };
    let mut hash = DefaultHasher::new();
    migrate.sql().expect("the names are plain").hash(&mut hash);
    (format!("crm_template_{kind}_{:x}", hash.finish()), owner, migrate)
}

/// Roles, and a database of each kind to copy, if they are not there yet.
fn templates(url: &str, there: &[String]) {
    let all = [Roles::Two, Roles::One].map(template);
    if all.iter().all(|(database, ..)| there.contains(database)) {
        return;
    }
    roles(url);
    for (database, owner, migrate) in all {
        let making = format!("{database}_");
        psql(url, &format!("DROP DATABASE IF EXISTS {database};"));
        psql(url, &format!("DROP DATABASE IF EXISTS {making};"));
        psql(url, &format!("CREATE DATABASE {making} OWNER {owner};"));
        psql(&address(url, owner, &making), &migrate.sql().expect("the names are plain"));
        psql(url, &format!("ALTER DATABASE {making} RENAME TO {database};"));
    }
}

/// Makes the roles, if they are not there yet.
pub fn roles(url: &str) {
    psql(
        url,
        "DO $$ DECLARE own text; BEGIN FOREACH own IN ARRAY ARRAY['crm_owner', 'crm_app', 'crm_both'] LOOP \
         IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = own) THEN EXECUTE format('CREATE ROLE %I LOGIN', own); \
         END IF; END LOOP; END $$;",
    );
}

/// Which roles there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Roles {
    /// `crm_owner` migrates, `crm_app` runs.
    Two,
    /// `crm_both` does both.
    One,
}

/// A database that nobody else uses meanwhile.
#[derive(Debug)]
pub struct Database {
    name: String,
    roles: Roles,
    /// Held for as long as it is in use, where the next test has it after this one. The others are dropped at the end.
    lent: Option<File>,
}

/// Removes whatever is in the tables. What refers to what does not matter: nothing is left.
const EMPTY: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
     WHERE datname = current_database() AND pid <> pg_backend_pid(); \
     DO $$ DECLARE own text; BEGIN \
     SET LOCAL session_replication_role = replica; \
     FOR own IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'crm' LOOP \
     EXECUTE 'DELETE FROM ' || own; END LOOP; END $$;";

impl Database {
    /// With the schema in place.
    pub fn new(roles: Roles) -> Self {
        Self::of(roles, &template(roles).0)
    }

    /// With the schema in place, for a test that leaves that as it is: one that another test has had before, if there is
    /// one, since to make and drop a database takes longer than most tests.
    pub fn lent(roles: Roles) -> Self {
        // What is left on a server that is not ours would stay there.
        if std::env::var_os("CRM_TEST_POSTGRES_URL").is_some() {
            return Self::new(roles);
        }
        let (template, owner, _) = template(roles);
        let locks = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let free = (0..).find_map(|nth| {
            let name = format!("{template}_{nth}");
            let lock = locks.join(format!("{name}.lock"));
            let lock = File::options().create(true).append(true).open(lock).expect("a lock can be made");
            lock.try_lock().is_ok().then_some((name, lock))
        });
        let (name, lock) = free.expect("there are as many names as one likes");
        let own = Self { name, roles, lent: Some(lock) };
        if try_psql(&own.superuser(), EMPTY).is_err() {
            let create = format!("CREATE DATABASE {} TEMPLATE {template} OWNER {owner};", own.name);
            alone(server(), &create).unwrap_or_else(|error| panic!("{error}"));
        }
        own
    }

    /// Without anything.
    pub fn empty(roles: Roles) -> Self {
        Self::of(roles, "template0")
    }

    /// Without anything, and in another encoding.
    pub fn encoded(roles: Roles, encoding: &str) -> Self {
        Self::of(roles, &format!("template0 ENCODING '{encoding}' LOCALE 'C'"))
    }

    fn of(roles: Roles, template: &str) -> Self {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let name = format!("crm_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::SeqCst));
        let owner = if roles == Roles::Two { "crm_owner" } else { "crm_both" };
        let create = format!("CREATE DATABASE {name} TEMPLATE {template} OWNER {owner};");
        alone(server(), &create).unwrap_or_else(|error| panic!("{error}"));
        Self { name, roles, lent: None }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// For the role that runs.
    pub fn app(&self) -> String {
        self.role(if self.roles == Roles::Two { "crm_app" } else { "crm_both" })
    }

    /// For the role that owns.
    pub fn owner(&self) -> String {
        self.role(if self.roles == Roles::Two { "crm_owner" } else { "crm_both" })
    }

    /// For the superuser, whom nothing binds.
    pub fn superuser(&self) -> String {
        self.role("postgres")
    }

    pub fn role(&self, role: &str) -> String {
        address(server(), role, &self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if self.lent.is_some() {
            return;
        }
        // What a test has found must not be hidden by this; the server is thrown away as well.
        if let Err(error) = alone(server(), &format!("DROP DATABASE IF EXISTS {} WITH (FORCE);", self.name)) {
            eprintln!("{error}");
        }
    }
}
