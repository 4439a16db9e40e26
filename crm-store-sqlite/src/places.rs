//! Where rows were found last, so that the next read of one goes to its row without a search of the index.
//!
//! A place is no more than a hint: the statement that follows it asks for the tenant and the id as well, and where it
//! finds nothing the index is searched. So it may be old, and it may be another row's.

use std::sync::{
    OnceLock,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use uuid::Uuid;

/// How many are remembered, in 4 MiB.
const PLACES: usize = 1 << 18;

/// The places of rows by their tenant and id, each in the one slot that it can be in.
#[derive(Default)]
pub(crate) struct Places(OnceLock<Box<[Place]>>);

#[derive(Default)]
struct Place {
    /// What the tenant and the id come to; 0 for none.
    name: AtomicU64,
    rid: AtomicI64,
}

impl Places {
    /// Where a row was.
    pub(crate) fn of(&self, tenant: Uuid, id: Uuid) -> Option<i64> {
        let name = name(tenant, id);
        let place = self.slot(name)?;
        // The two are not read at one moment, which makes a hint wrong at worst.
        (place.name.load(Ordering::Relaxed) == name).then(|| place.rid.load(Ordering::Relaxed))
    }

    /// Notes where a row is.
    pub(crate) fn note(&self, tenant: Uuid, id: Uuid, rid: i64) {
        let name = name(tenant, id);
        if let Some(place) = self.slot(name) {
            place.name.store(name, Ordering::Relaxed);
            place.rid.store(rid, Ordering::Relaxed);
        }
    }

    fn slot(&self, name: u64) -> Option<&Place> {
        let places = self.0.get_or_init(|| std::iter::repeat_with(Place::default).take(PLACES).collect());
        places.get(usize::try_from(name).ok()? % PLACES)
    }
}

/// One number for a tenant and an id. The tenant is in it so that who asks for another tenant's id finds no hint, and
/// waits no longer than for one that nobody has.
fn name(tenant: Uuid, id: Uuid) -> u64 {
    let (mut name, (high, low)) = (0_u64, id.as_u64_pair());
    for part in [tenant.as_u64_pair().0, tenant.as_u64_pair().1, high, low] {
        name = (name ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        name ^= name >> 32;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_its_tenants_and_the_last_one_noted() {
        let (places, tenant, other) = (Places::default(), Uuid::from_u128(1), Uuid::from_u128(2));
        for nth in 0..1_000 {
            places.note(tenant, Uuid::from_u128(nth), i64::try_from(nth).unwrap());
        }
        let known = (0..1_000).filter(|nth| {
            let rid = places.of(tenant, Uuid::from_u128(*nth));
            assert!(rid.is_none_or(|rid| rid == i64::try_from(*nth).unwrap()), "another row's");
            assert_eq!(places.of(other, Uuid::from_u128(*nth)), None);
            rid.is_some()
        });
        assert!(known.count() > 990, "few share a slot");
        places.note(tenant, Uuid::from_u128(7), 8);
        assert_eq!(places.of(tenant, Uuid::from_u128(7)), Some(8));
    }
}
