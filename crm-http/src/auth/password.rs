//! Passwords: argon2id, computed off the event loop and never more at once than there are processors.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash,
};
use crm_core::{Error, Result};
use tokio::{sync::Semaphore, task::spawn_blocking};

/// The fewest characters of a new password.
pub const MIN_PASSWORD_CHARS: usize = 10;
/// The most characters of a new password.
pub const MAX_PASSWORD_CHARS: usize = 1_000;
/// The password of nobody.
const NOBODY: &str = "the password of nobody";
/// How long a sign-in waits for a processor before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(5);

/// How much work a password hash takes. The default is what OWASP recommends for argon2id: 19 MiB, two passes.
#[derive(Clone, Copy, Debug)]
pub struct HashCost {
    /// Memory in KiB, at least 8.
    pub memory_kib: u32,
    /// Passes over it, at least 1.
    pub passes: u32,
}

impl Default for HashCost {
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2 }
    }
}

/// Computes and checks password hashes.
#[derive(Debug)]
pub(crate) struct Passwords {
    cost: HashCost,
    /// The hash of a password that nobody has, checked in place of that of an account that does not exist.
    decoy: Arc<OnceLock<String>>,
    places: Arc<Semaphore>,
}

impl Passwords {
    pub(crate) fn new(cost: HashCost) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { cost, decoy: Arc::default(), places: Arc::new(Semaphore::new(processors)) }
    }

    /// The hash of a new password, in PHC format.
    ///
    /// # Errors
    /// [`Error::Invalid`] if it is too short or too long.
    pub(crate) async fn hash(&self, password: &str) -> Result<String> {
        let chars = password.chars().count();
        if chars < MIN_PASSWORD_CHARS {
            let detail = format!("must have at least {MIN_PASSWORD_CHARS} characters");
            return Err(Error::invalid("password", "too_short", detail));
        }
        if chars > MAX_PASSWORD_CHARS {
            let detail = format!("must have at most {MAX_PASSWORD_CHARS} characters");
            return Err(Error::invalid("password", "too_long", detail));
        }
        let (cost, password) = (self.cost, password.to_owned());
        self.run(move || hash(cost, password.as_bytes())).await
    }

    /// Whether this is the password of that hash. Without a hash it takes as long, and it is not.
    pub(crate) async fn verify(&self, password: &str, stored: Option<String>) -> Result<bool> {
        let (cost, decoy, password) = (self.cost, Arc::clone(&self.decoy), password.to_owned());
        self.run(move || {
            let decoy = match decoy.get() {
                Some(decoy) => decoy,
                None => {
                    let hash = hash(cost, NOBODY.as_bytes())?;
                    decoy.get_or_init(|| hash)
                }
            };
            let hash = PasswordHash::new(stored.as_ref().unwrap_or(decoy));
            let hash = hash.map_err(|error| Error::Corrupt(format!("a password hash: {error}")))?;
            let fits = Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
            Ok(fits && stored.is_some())
        })
        .await
    }

    async fn run<V: Send + 'static>(&self, work: impl FnOnce() -> Result<V> + Send + 'static) -> Result<V> {
        let place = tokio::time::timeout(PATIENCE, Arc::clone(&self.places).acquire_owned());
        let place = place.await.map_err(|late| Error::Unavailable(late.into()))?;
        let place = place.map_err(|closed| Error::Backend(closed.into()))?;
        // The place goes along, so that work whose caller has given up still counts.
        let work = move || {
            let outcome = work();
            drop(place);
            outcome
        };
        spawn_blocking(work).await.map_err(|panic| Error::Backend(panic.into()))?
    }
}

fn hash(cost: HashCost, password: &[u8]) -> Result<String> {
    let failed = |error: &dyn std::fmt::Display| Error::Backend(error.to_string().into());
    let params = Params::new(cost.memory_kib, cost.passes, 1, None).map_err(|error| failed(&error))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash: PasswordHash = argon2.hash_password(password).map_err(|error| failed(&error))?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nobody_has_the_password_of_nobody() {
        let passwords = Passwords::new(HashCost { memory_kib: 8, passes: 1 });
        let hash = passwords.hash(NOBODY).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
        assert_ne!(hash, passwords.hash(NOBODY).await.unwrap(), "salted");
        assert!(passwords.verify(NOBODY, Some(hash)).await.unwrap());
        assert!(!passwords.verify(NOBODY, None).await.unwrap());
        let decoy = passwords.decoy.get().unwrap();
        assert!(decoy.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "it takes the work of any other: {decoy}");
    }

    #[test]
    fn a_password_costs_what_is_recommended() {
        let hash = hash(HashCost::default(), b"password").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    }
}
