//! The keys that are good now, and their rotation.

use std::{
    collections::HashSet,
    sync::{Arc, PoisonError, RwLock},
};

use crm_core::Result;

use super::key::{Key, refused};

/// Keys among which a token chooses by name.
#[derive(Clone, Debug)]
pub struct KeySet(Vec<Key>);

impl KeySet {
    /// These keys. A single one needs no id; of several, each has its own.
    ///
    /// # Errors
    /// [`Error::Invalid`](crm_core::Error::Invalid) if there is none, or if one of several has no id or that of another.
    pub fn new(keys: impl IntoIterator<Item = Key>) -> Result<Self> {
        let keys: Vec<Key> = keys.into_iter().collect();
        if keys.is_empty() {
            return Err(refused("no_key", "must be there: without a key, no token can be checked"));
        }
        let mut ids = HashSet::new();
        if keys.len() > 1 && !keys.iter().all(|key| key.id().is_some_and(|id| ids.insert(id))) {
            return Err(refused("ambiguous", "must have an id of its own where there are several"));
        }
        Ok(Self(keys))
    }

    /// The key for a token that names this one, or none.
    pub(super) fn find(&self, id: Option<&str>) -> Option<&Key> {
        match (self.0.as_slice(), id) {
            ([only], None) => Some(only),
            // An issuer may name its key before anybody asks it to.
            ([only], Some(_)) if only.id().is_none() => Some(only),
            (keys, Some(id)) => keys.iter().find(|key| key.id() == Some(id)),
            (_, None) => None,
        }
    }
}

impl From<Key> for KeySet {
    fn from(key: Key) -> Self {
        Self(vec![key])
    }
}

/// A handle on the keys of a resolver, to replace them while it works. Clones are handles on the same keys.
#[derive(Clone, Debug)]
pub struct Keys(Arc<RwLock<Arc<KeySet>>>);

impl Keys {
    pub(super) fn new(keys: KeySet) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(keys))))
    }

    /// Uses these keys from the next request on, and no others.
    pub fn replace(&self, keys: KeySet) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }

    pub(super) fn current(&self) -> Arc<KeySet> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}
