//! The store in memory keeps every promise of a store.

use crm_core::MemoryStore;

crm_core::store_conformance!(|| async { MemoryStore::new() });
