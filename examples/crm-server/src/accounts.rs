//! Users and their passwords, as the person at the machine sets them.

use std::io::{self, BufRead};

use anyhow::{Context, Result, anyhow, bail};
use argon2::{Argon2, PasswordVerifier, password_hash::phc::PasswordHash};
use crm_core::{Actor, Conflict, Crm, Error, Role, User};
use crm_http::auth::{self, MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS};

use crate::{
    cli::{PasswordArgs, RoleName, UserArgs},
    commands::{print, tenant},
};

/// Letters and digits that cannot be taken for each other.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789A";
/// How many of them a made-up password has: 100 bits.
const LENGTH: usize = 20;

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Viewer => Self::Viewer,
            RoleName::Member => Self::Member,
            RoleName::Admin => Self::Admin,
            RoleName::Owner => Self::Owner,
        }
    }
}

/// A password that nobody can guess.
pub(crate) fn made_up() -> Result<String> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("the system gives no random numbers: {error}"))?;
    Ok(bytes
        .iter()
        .filter_map(|byte| LETTERS.get(usize::from(byte % 32)))
        .map(|byte| char::from(*byte))
        .collect())
}

/// The password that was given, if one was.
fn given(arguments: &PasswordArgs) -> Result<Option<String>> {
    let password = if arguments.password_stdin {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).context("the password cannot be read")?;
        Some(line.trim_end_matches(['\n', '\r']).to_owned())
    } else {
        arguments.password.clone()
    };
    if let Some(password) = &password {
        let chars = password.chars().count();
        if !(MIN_PASSWORD_CHARS..=MAX_PASSWORD_CHARS).contains(&chars) {
            bail!(
                "the password must have {MIN_PASSWORD_CHARS} to {MAX_PASSWORD_CHARS} characters, not {chars}"
            );
        }
    }
    Ok(password)
}

pub(crate) async fn create_user(crm: &Crm, arguments: UserArgs) -> Result<()> {
    let password = given(&arguments.password)?;
    let (slug, email, role) = (arguments.tenant, arguments.email, Role::from(arguments.role));
    let tenant = tenant(crm, &slug).await?;
    let scope = crm.scope(tenant.id, Actor::job("user create"));
    let known = crm.directory(&crm.maintenance()).account(&email).await?.is_some();
    let user = User { name: arguments.name, ..User::new(&email, role) };
    crm.users(&scope).create(user).await.map_err(|error| match error {
        Error::Conflict(Conflict::Unique { .. }) => anyhow!(
            "`{slug}` has a user `{email}` already; `crm-server user set-password` gives a new password"
        ),
        error => error.into(),
    })?;
    let done = format!("created user {email}, {role} of {slug}");
    if known && password.is_none() {
        print(&done)?;
        return print("password: as before, through another tenant");
    }
    assign(crm, &email, password, &done).await
}

pub(crate) async fn set_password(crm: &Crm, email: &str, arguments: &PasswordArgs) -> Result<()> {
    let password = given(arguments)?;
    let directory = crm.maintenance();
    if crm.directory(&directory).memberships(email).await?.is_empty() {
        bail!("there is no user `{email}` in any tenant: `crm-server user create` makes one");
    }
    assign(crm, email, password, &format!("new password for {email}")).await
}

/// Sets the password, then prints what was done, and the password if it is made up here. In this order, so that what is
/// printed is true and a reader who has gone away keeps nothing from being done.
async fn assign(crm: &Crm, email: &str, password: Option<String>, done: &str) -> Result<()> {
    match password {
        Some(password) => {
            auth::set_password(crm, email, &password).await?;
            print(done)
        }
        None => {
            let password = made_up()?;
            auth::set_password(crm, email, &password).await?;
            print(done)?;
            print(&format!("password: {password} (shown this once)"))
        }
    }
}

/// Whether this is the password of that account.
pub(crate) async fn has_password(crm: &Crm, email: &str, password: &str) -> Result<bool> {
    let account = crm.directory(&crm.maintenance()).account(email).await?;
    Ok(account.is_some_and(|account| {
        let hash = PasswordHash::new(&account.password_hash);
        hash.is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    }))
}
