//! No text is taken for a cursor but one that was handed out for that very query in that very tenant.

#![no_main]

use std::{collections::HashMap, sync::LazyLock};

use crm_fuzz::{World, choose};
use libfuzzer_sys::{Corpus, fuzz_target};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;

/// Queries that page: by the default order, by every kind of key, filtered, searched; events, and those of a record.
const QUERIES: [&str; 12] = [
    "/api/customers?limit=1",
    "/api/customers?limit=1&sort=name",
    "/api/customers?limit=1&sort=-company,name",
    "/api/customers?limit=1&is_active=true",
    "/api/customers?limit=1&search=asa",
    "/api/leads?limit=1",
    "/api/leads?limit=1&sort=value,-expected_close",
    "/api/leads?limit=1&stage[in]=new,qualified",
    "/api/tasks?limit=1&sort=-due_at",
    "/api/events?limit=1",
    "/api/events?limit=1&object=leads",
    "/api/customers/CUSTOMER/history?limit=1",
];

/// One way through the pages of a query: each cursor that it handed out, with the records that follow.
struct Trail {
    query: String,
    pages: HashMap<String, Json>,
}

/// The trails of each tenant, and all their cursors in a fixed order.
struct Trails {
    world: World,
    trails: [Vec<Trail>; 2],
    cursors: Vec<String>,
}

static TRAILS: LazyLock<Trails> = LazyLock::new(|| {
    let world = World::furnished();
    let trails = [0, 1].map(|tenant| -> Vec<Trail> {
        let customer = world.get(tenant, "/api/customers?limit=1").expect("an address");
        let customer = customer.json["data"][0]["id"].as_str().expect("an id").to_owned();
        QUERIES.map(|query| trail(&world, tenant, query.replace("CUSTOMER", &customer))).into()
    });
    let all = trails.iter().flatten().flat_map(|trail| trail.pages.keys().cloned());
    let mut cursors: Vec<String> = all.collect();
    cursors.sort();
    Trails { world, trails, cursors }
});

fn trail(world: &World, tenant: usize, query: String) -> Trail {
    let mut pages = HashMap::new();
    let mut page = world.get(tenant, &query).expect("an address").json;
    while let Some(cursor) = page["next_cursor"].as_str().map(str::to_owned) {
        page = world.get(tenant, &address(&query, &cursor)).expect("an address").json;
        let before = pages.insert(cursor, page["data"].clone());
        assert!(before.is_none(), "{query} goes round in circles");
    }
    assert!(!pages.is_empty(), "{query} has one page only");
    Trail { query, pages }
}

fn address(query: &str, cursor: &str) -> String {
    format!("{query}&cursor={}", utf8_percent_encode(cursor, NON_ALPHANUMERIC))
}

impl Trails {
    /// A text to try: as it is, or one of all the genuine cursors with some bytes replaced and perhaps its end cut off.
    fn made_up(&self, input: &[u8]) -> Option<String> {
        let (origin, rest) = input.split_first()?;
        let Some(origin) = origin.checked_sub(1) else { return str::from_utf8(rest).ok().map(str::to_owned) };
        let (high, edits) = rest.split_first()?;
        let number = usize::from(origin) + 255 * usize::from(*high);
        let mut bytes = self.cursors[number % self.cursors.len()].clone().into_bytes();
        let edits = edits.chunks_exact(2);
        if let [kept] = edits.remainder() {
            bytes.truncate(usize::from(*kept).max(1));
        }
        for edit in edits {
            let at = usize::from(edit[0]) % bytes.len();
            bytes[at] = edit[1];
        }
        String::from_utf8(bytes).ok()
    }
}

fuzz_target!(|input: &[u8]| -> Corpus {
    let trails = &*TRAILS;
    let Some((tenant, rest)) = choose(&trails.trails, input) else { return Corpus::Reject };
    let Some((query, rest)) = choose(&QUERIES, rest) else { return Corpus::Reject };
    let Some(cursor) = trails.made_up(rest) else { return Corpus::Reject };
    // No query may have it, whatever the parameter.
    if cursor.contains('\0') {
        return Corpus::Reject;
    }
    let Trail { query, pages } = &trails.trails[tenant][query];
    let path = address(query, &cursor);
    let Some(answer) = trails.world.get(tenant, &path) else { return Corpus::Reject };
    match (answer.status, pages.get(&cursor)) {
        (200, Some(following)) => assert_eq!(answer.json["data"], *following, "{path} leads elsewhere"),
        (200, None) => panic!("{path}: a cursor that nobody handed out leads to {}", answer.json),
        (400, None) => assert_eq!(answer.json["code"], "bad_cursor", "{path}"),
        (400, Some(_)) => panic!("{path}: a genuine cursor is refused: {}", answer.json),
        (status, _) => panic!("{status} for {path}"),
    }
    Corpus::Keep
});
