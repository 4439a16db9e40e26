//! Serving, until a signal ends it.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use crm_core::{Actor, Crm, Query, Role, Tenant, User};
use crm_http::{
    Dashboard, Metrics,
    auth::{self, Login},
};
use tokio::net::{TcpListener, lookup_host};

use crate::{
    accounts::{has_password, made_up},
    cli::ServeArgs,
    commands::print,
    database::Database,
    demo, process,
};

/// The tenant that an empty database gets, and the address of its owner.
const FIRST_TENANT: &str = "main";
const FIRST_OWNER: &str = "owner@localhost.test";

pub(crate) async fn serve(database: &Database, arguments: &ServeArgs) -> Result<()> {
    let addresses = addresses(&arguments.listen).await?;
    let is_local = addresses.iter().all(|address| address.ip().is_loopback());
    if arguments.demo && !is_local {
        return exposed(&arguments.listen);
    }
    let metrics = Metrics::new();
    process::measure(&metrics)?;
    let crm = database.open(!arguments.no_migrate, &metrics).await?;
    if !is_local && has_demo_account(&crm).await? {
        return exposed(&arguments.listen);
    }
    let listener = TcpListener::bind(&*addresses).await;
    let listener = listener.with_context(|| format!("cannot listen on {}", arguments.listen))?;
    let address = listener.local_addr().context("the address that is listened on is unknown")?;
    let ended = signals()?;
    let sign_in = sign_in(&crm, arguments.demo).await?;
    print(&format!("listening on http://{address}"))?;
    for line in sign_in {
        print(&line)?;
    }
    if !is_local {
        tracing::warn!("passwords and tokens pass in the clear: put a proxy that speaks TLS in front");
    }
    let mut settings = arguments.limits.requests(metrics);
    settings.dashboard = Some(Dashboard::default());
    let router = crm_http::service_with(crm.clone(), Login::new(crm), settings);
    crm_http::serve(listener, router, ended, arguments.limits.connections())
        .await
        .context("not everything was answered")?;
    tracing::info!("ended: what was in flight is answered");
    Ok(())
}

async fn addresses(listen: &str) -> Result<Vec<SocketAddr>> {
    let found = lookup_host(listen).await;
    let found =
        found.with_context(|| format!("`{listen}` is no address to listen on, such as 127.0.0.1:8005"))?;
    let found: Vec<_> = found.collect();
    if found.is_empty() {
        bail!("`{listen}` leads to no address to listen on");
    }
    Ok(found)
}

fn exposed(listen: &str) -> Result<()> {
    bail!(
        "refusing to listen on {listen} with demo accounts, whose password everybody knows: listen on 127.0.0.1, or \
         use a database without them"
    )
}

async fn has_demo_account(crm: &Crm) -> Result<bool> {
    for email in demo::accounts() {
        if has_password(crm, email, demo::PASSWORD).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Sees to it that somebody can sign in, and says who and how.
async fn sign_in(crm: &Crm, demo: bool) -> Result<Vec<String>> {
    let maintenance = crm.maintenance();
    let is_empty = crm.directory(&maintenance).tenants(Query::new().limit(1)).await?.data.is_empty();
    if is_empty && demo {
        demo::fill(crm).await?;
    }
    if demo && has_password(crm, demo::OWNER, demo::PASSWORD).await? {
        return Ok(vec![
            format!("sign in as {} with the password {}", demo::OWNER, demo::PASSWORD),
            format!(
                "or, with the same password, as {}",
                demo::accounts().skip(1).collect::<Vec<_>>().join(", ")
            ),
        ]);
    }
    if is_empty {
        let password = first_tenant(crm).await?;
        return Ok(vec![format!(
            "created tenant {FIRST_TENANT}: sign in as {FIRST_OWNER} with the password {password} (shown this once)"
        )]);
    }
    let demo = demo.then(|| "the database has tenants already, so that no demo data was added".to_owned());
    let hint = "sign in as a user of it; `crm-server user create` makes one, `crm-server user set-password` gives a \
                new password";
    Ok(demo.into_iter().chain([hint.to_owned()]).collect())
}

/// Creates the first tenant and its owner; the owner's password.
async fn first_tenant(crm: &Crm) -> Result<String> {
    let maintenance = crm.maintenance();
    let tenant = crm.directory(&maintenance).create_tenant(Tenant::new(FIRST_TENANT, "Main")).await?;
    let scope = crm.scope(tenant.id, Actor::job("first start"));
    crm.users(&scope).create(User::new(FIRST_OWNER, Role::Owner).name("Owner")).await?;
    let password = made_up()?;
    auth::set_password(crm, FIRST_OWNER, &password).await?;
    Ok(password)
}

/// Ends with the first SIGTERM or Ctrl-C; the second one ends the process at once.
fn signals() -> Result<impl Future<Output = ()> + Send> {
    // Each is listened to from here to the end: a signal that came between two waits would be lost.
    #[cfg(unix)]
    let (mut terminate, mut interrupt) = {
        use tokio::signal::unix::{SignalKind, signal};
        let terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be waited for")?;
        (terminate, signal(SignalKind::interrupt()).context("Ctrl-C cannot be waited for")?)
    };
    let mut next = async move || {
        #[cfg(unix)]
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    };
    let (ended, end) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        next().await;
        tracing::info!("ending: requests in flight are answered first, a second signal cuts them");
        let _ = ended.send(());
        next().await;
        std::process::exit(130);
    });
    Ok(async {
        let _ = end.await;
    })
}
