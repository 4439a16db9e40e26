//! Through a pooler in transaction mode, which gives a server's connection to another client after each transaction and
//! knows no prepared statements: every answer is the right one, and no setting of one client reaches another.
//!
//! Needs `pgbouncer`; 1.18 is the one that knows no prepared statements.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use crm_core::{
    Actor, Crm, Customer, Lead, Moved, Query, Store, Tenant, TenantId,
    conformance::model::{Options, compare},
};
use crm_store_postgres::PostgresStore;
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use support::{
    Database, Roles,
    cluster::{as_user, psql},
    found,
};
use tokio::time::timeout;

/// How many of the server's connections the clients share.
const SHARED: usize = 4;

/// A pooler in front of a database, with a folder of its own.
struct Pooler {
    child: Child,
    folder: tempfile::TempDir,
    port: u16,
}

/// Where the pooler's program is: in a folder that is in the path of administrators.
fn pgbouncer() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
    let found = folders.map(|folder| folder.join("pgbouncer")).find(|path| path.is_file());
    found.expect("there is no `pgbouncer`: install it")
}

impl Pooler {
    fn before(database: &Database) -> Self {
        let server: PgConnectOptions = database.app().parse().unwrap();
        let host = match server.get_socket() {
            Some(socket) => socket.display().to_string(),
            None => server.get_host().to_owned(),
        };
        let folder = tempfile::Builder::new().prefix("crm-pool-").tempdir().unwrap();
        let at = folder.path().display();
        // A port names the socket; nothing listens on the network.
        let port = 6432;
        let config = format!(
            "[databases]\n{0} = host={host} port={1} dbname={0}\n[pgbouncer]\nlisten_addr =\nlisten_port = {port}\n\
             unix_socket_dir = {at}\nauth_type = trust\nauth_file = {at}/users\npool_mode = transaction\n\
             default_pool_size = {SHARED}\nmax_client_conn = 500\nserver_reset_query =\nignore_startup_parameters = \
             extra_float_digits\nlogfile = {at}/log\npidfile = {at}/pid\n",
            database.name(),
            server.get_port()
        );
        std::fs::write(folder.path().join("pgbouncer.ini"), config).unwrap();
        std::fs::write(folder.path().join("users"), "\"crm_app\" \"\"\n\"crm_both\" \"\"\n").unwrap();
        let open = Command::new("chmod").arg("-R").arg("777").arg(folder.path()).status().unwrap();
        assert!(open.success());
        let mut command = as_user(&pgbouncer());
        command.arg("--quiet").arg(folder.path().join("pgbouncer.ini"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self { child: command.spawn().expect("pgbouncer starts"), folder, port }
    }

    fn at(&self) -> &Path {
        self.folder.path()
    }

    /// For the role that runs, once the pooler answers.
    async fn address(&self, database: &Database) -> String {
        let url = format!(
            "postgres://crm_app@localhost:{}/{}?host={}&statement-cache-capacity=0",
            self.port,
            database.name(),
            self.at().display()
        );
        let begun = Instant::now();
        loop {
            match PgConnection::connect(&url).await {
                Ok(connection) => {
                    connection.close().await.unwrap();
                    return url;
                }
                Err(error) => {
                    let log = std::fs::read_to_string(self.at().join("log")).unwrap_or_default();
                    assert!(begun.elapsed() < Duration::from_secs(20), "{error}: {log}");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        // The child may be the program that changes the user; the pooler itself has written its own number.
        let pid = std::fs::read_to_string(self.at().join("pid")).unwrap_or_default();
        if !pid.trim().is_empty() {
            let _ = Command::new("kill").arg(pid.trim()).status();
        }
        let _ = self.child.wait();
    }
}

/// How many connections of the application the server has.
fn connections(database: &Database) -> usize {
    let sql =
        "SELECT count(*) FROM pg_stat_activity WHERE usename = 'crm_app' AND datname = current_database()";
    psql(&database.superuser(), sql).parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_behind_a_pooler_never_diverges_from_memory() {
    let database = Database::new(Roles::Two);
    let pooler = Pooler::before(&database);
    let store = PostgresStore::builder().pooled().connect(&pooler.address(&database).await).await.unwrap();
    let stores: Vec<(&str, Arc<dyn Store>)> = vec![("postgres behind a pooler", Arc::new(store))];
    let options = Options { operations: 3_000, ..Options::from_env() };
    if let Err(divergence) = compare(stores, options).await {
        panic!("{divergence}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thirty_two_writers_share_four_connections_and_see_their_own_tenant_alone() {
    const TENANTS: usize = 8;
    const EACH: usize = 20;
    let database = Database::new(Roles::Two);
    let pooler = Pooler::before(&database);
    let url = pooler.address(&database).await;
    let store = PostgresStore::builder().pooled().connections(32).connect(&url).await.unwrap();
    let crm = Crm::new(store);
    let mut tenants: Vec<TenantId> = Vec::new();
    for nth in 0..TENANTS {
        let tenant = Tenant::new(format!("tenant-{nth}"), "Tenant");
        tenants.push(crm.directory(&crm.maintenance()).create_tenant(tenant).await.unwrap().id);
    }
    // Whoever looks on a connection that has just served somebody must see nothing.
    let stranger = tokio::spawn({
        let url = url.clone();
        async move {
            let mut connection = PgConnection::connect(&url).await.unwrap();
            let mut looks = 0;
            for _ in 0..300 {
                let rows = sqlx::raw_sql(
                    "SELECT (SELECT count(*) FROM crm.leads)::text, coalesce(current_setting('crm.tenant', true), '')",
                );
                let row = rows.fetch_one(&mut connection).await.unwrap();
                let (seen, tenant): (String, String) = (sqlx::Row::get(&row, 0), sqlx::Row::get(&row, 1));
                assert_eq!((seen.as_str(), tenant.as_str()), ("0", ""));
                looks += 1;
            }
            looks
        }
    });
    let writers = (0..32).map(|own| {
        let (crm, tenant) = (crm.clone(), tenants[own % TENANTS]);
        tokio::spawn(async move {
            let scope = crm.scope(tenant, Actor::job("test"));
            for nth in 0..EACH {
                let name = format!("{tenant} {own} {nth}");
                crm.leads(&scope).create(Lead::company(name)).await.unwrap();
                let page = crm.leads(&scope).list(Query::new().limit(100).search("00")).await.unwrap();
                for lead in page.data {
                    let company = lead.company.clone().unwrap();
                    assert!(company.starts_with(&tenant.to_string()), "{company} in {tenant}");
                }
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        timeout(Duration::from_secs(120), writer).await.expect("no call hangs").unwrap();
    }
    let looks = stranger.await.unwrap();
    let shared = connections(&database);
    for tenant in &tenants {
        let found = crm.verify(&crm.maintenance(), *tenant).await.unwrap();
        assert!(found.differences.is_empty() && !found.unsettled, "{found:?}");
        let scope = crm.scope(*tenant, Actor::job("test"));
        assert_eq!(crm.leads(&scope).count(&Query::new()).await.unwrap() as usize, 32 / TENANTS * EACH);
    }
    println!(
        "pooler: writers 32, connections {shared}, leads {}, looks of a stranger {looks}, seen 0",
        32 * EACH
    );
    assert!((1..=SHARED).contains(&shared), "{shared}");
}

/// The control: a setting for the session, as a store without transactions would need, reaches the next client.
#[tokio::test]
async fn a_setting_of_the_session_does_reach_the_next_client() {
    let database = Database::new(Roles::Two);
    let pooler = Pooler::before(&database);
    let url = pooler.address(&database).await;
    let mut first = PgConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("SET crm.tenant = '00000000-0000-0000-0000-000000000007'")
        .execute(&mut first)
        .await
        .unwrap();
    first.close().await.unwrap();
    let mut next = PgConnection::connect(&url).await.unwrap();
    let row = sqlx::raw_sql("SELECT current_setting('crm.tenant', true)").fetch_one(&mut next).await.unwrap();
    let left: Option<String> = sqlx::Row::get(&row, 0);
    println!("pooler: a setting of the session is left: {left:?}");
    assert_eq!(left.as_deref(), Some("00000000-0000-0000-0000-000000000007"));
}

/// The control: a store that knows nothing of the pooler prepares its statements, and meets connections without them.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_that_is_not_told_of_the_pooler_fails_there() {
    let database = Database::new(Roles::Two);
    let pooler = Pooler::before(&database);
    let url = pooler.address(&database).await;
    let (_, _, scope) = found(&PostgresStore::builder().pooled().connect(&url).await.unwrap()).await;
    let crm = Crm::new(PostgresStore::builder().connections(16).connect(&url).await.unwrap());
    let tasks = (0..16).map(|_| {
        let (crm, scope) = (crm.clone(), scope.clone());
        tokio::spawn(async move {
            let mut failed = 0;
            for _ in 0..20 {
                failed += usize::from(crm.leads(&scope).list(Query::new()).await.is_err());
            }
            failed
        })
    });
    let mut failed = 0;
    for task in tasks.collect::<Vec<_>>() {
        failed += task.await.unwrap();
    }
    println!("pooler: a store that is not told of it, reads 320, failed {failed}");
    assert!(failed > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_listens_through_a_pooler_is_told_to_look_and_loses_nothing_but_time() {
    let database = Database::new(Roles::Two);
    let pooler = Pooler::before(&database);
    let url = pooler.address(&database).await;
    let store = PostgresStore::builder().pooled().connect(&url).await.unwrap();
    let (crm, tenant, scope) = found(&store).await;
    let other = PostgresStore::builder().pooled().connect(&url).await.unwrap();
    let mut changes = other.changes();
    let mut looks = 0;
    for nth in 0..3 {
        crm.customers(&scope).create(Customer::company(format!("Company {nth}"))).await.unwrap();
        let told = timeout(Duration::from_secs(20), changes.next()).await.expect("a look is told");
        assert!([Some(Moved::Any), Some(Moved::Tenant(tenant))].contains(&told), "{told:?}");
        looks += 1;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    // Its own commits are told without a detour.
    let mut own = store.changes();
    crm.customers(&scope).create(Customer::company("Own")).await.unwrap();
    let told = async { while own.next().await != Some(Moved::Tenant(tenant)) {} };
    timeout(Duration::from_secs(20), told).await.expect("an own commit is told");
    // Past the pooler, the very tenant is told.
    let direct = PostgresStore::builder().pooled().listen_at(database.app()).connect(&url).await.unwrap();
    let mut heard = direct.changes();
    let told = timeout(Duration::from_secs(20), heard.next()).await.expect("it listens");
    assert_eq!(told, Some(Moved::Any));
    crm.customers(&scope).create(Customer::company("Past the pooler")).await.unwrap();
    let told = timeout(Duration::from_secs(20), heard.next()).await.expect("a change is told");
    assert_eq!(told, Some(Moved::Tenant(tenant)));
    println!("pooler: commits 3, looks told {looks}; past the pooler commits 1, told 1");
}
