//! Any query of any list is answered or refused, always in the same way, and with nobody else's records.

#![no_main]

use std::{collections::HashSet, sync::LazyLock};

use crm_fuzz::{LISTS, World, choose};
use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::Value as Json;

/// The world, and the ids of each list of the first tenant.
static WORLD: LazyLock<(World, Vec<HashSet<String>>)> = LazyLock::new(|| {
    let world = World::furnished();
    let ids = LISTS.map(|list| ids(&world.get(0, &format!("/api/{list}?limit=200")).expect("a list").json));
    (world, ids.into())
});

fn ids(json: &Json) -> HashSet<String> {
    rows(json).map(|row| row["id"].as_str().expect("an id").to_owned()).collect()
}

fn rows(json: &Json) -> impl Iterator<Item = &Json> {
    json["data"].as_array().expect("a list").iter()
}

fuzz_target!(|input: &[u8]| -> Corpus {
    let Some((list, query)) = choose(&LISTS, input) else { return Corpus::Reject };
    let Ok(query) = str::from_utf8(query) else { return Corpus::Reject };
    let (world, known) = &*WORLD;
    let path = format!("/api/{}?{query}", LISTS[list]);
    let Some(answer) = world.get(0, &path) else { return Corpus::Reject };
    assert_eq!(world.get(0, &path).as_ref(), Some(&answer), "{path}: the same query has two answers");
    match answer.status {
        200 => {
            let found = ids(&answer.json);
            assert_eq!(found.len(), rows(&answer.json).count(), "{path}: a record is there twice");
            assert!(found.is_subset(&known[list]), "{path}: a record of nobody's");
            if let Some(total) = answer.json.get("total") {
                assert!(total.as_u64().is_some_and(|total| total >= found.len() as u64), "{path}: {total}");
            }
        }
        400 => assert!(answer.json["code"].is_string(), "{path}"),
        status => panic!("{status} for {path}"),
    }
    Corpus::Keep
});
