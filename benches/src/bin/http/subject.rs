//! A server that is measured, and whether it does what it is measured for.

use std::{collections::BTreeMap, path::Path, time::Duration};

use crm_benches::seed;
use serde_json::{Value as Json, json};

use crate::{
    client::{Answer, Client},
    load::{self, Figure, Load},
    server::Server,
    table::told,
};

/// The word that one customer in a thousand has.
pub(crate) const RARE: &str = "quokka";
/// A word that many have.
pub(crate) const COMMON: &str = "solar";
/// How the companies that are made begin.
const MADE: &str = "Made by load";

/// A server that runs, and the paths by which it is asked for the same things as the others.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) server: Server,
    pub(crate) client: Client,
    /// The paths of each load; a server is not asked for what is not here.
    pub(crate) paths: BTreeMap<Load, Vec<String>>,
    /// What a list calls its records.
    pub(crate) list: &'static str,
    /// What a list calls its total.
    pub(crate) total: &'static str,
    /// What a new customer needs beside the fields that it has everywhere.
    pub(crate) extra: Json,
    /// How many customers can be seen.
    pub(crate) customers: usize,
}

/// What was measured of a server.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) figures: BTreeMap<Load, Figure>,
    /// Bytes.
    pub(crate) memory: u64,
}

impl Subject {
    /// Measures those loads of it that are wanted.
    pub(crate) async fn measure(self, wanted: &[Load], seconds: u64, scratch: &Path) -> Measured {
        let mut figures = BTreeMap::new();
        for (load, paths) in self.paths.iter().filter(|(load, _)| wanted.contains(load)) {
            let lines: Vec<String> = if *load == Load::Create {
                paths.iter().map(|path| format!("POST {path} {}", self.body("@N"))).collect()
            } else {
                paths.iter().map(|path| format!("GET {path}")).collect()
            };
            let seen = self.check(*load, &paths[0]).await;
            let figure = load::run(&self.client, &lines, scratch, seconds, seen);
            eprintln!("  {}: {} requests a second", load.title(), told(&figure));
            figures.insert(*load, figure);
            if *load == Load::Create {
                let head = self.client.must(&self.paths[&Load::First][0], None).await;
                let newest = text(&head.json[self.list][0], "company");
                assert!(
                    newest.starts_with(MADE) && !newest.contains("alone"),
                    "what was made is not there: {newest}"
                );
            } else {
                self.check(*load, &paths[0]).await;
            }
        }
        Measured { figures, memory: self.server.peak_memory() }
    }

    /// What a new customer is made of.
    fn body(&self, number: &str) -> Json {
        let mut body = json!({
            "company": format!("{MADE} {number}"),
            "name": "Ada Lovelace",
            "email": format!("made{number}@example.com"),
            "phone": "+49301234567",
            "city": "Berlin",
            "country": "Germany",
            "external_id": format!("made-{number}"),
            "is_active": true,
            "tags": [],
        });
        if let (Json::Object(body), Json::Object(extra)) = (&mut body, &self.extra) {
            body.extend(extra.clone());
        }
        body
    }

    /// Asks once and looks at the answer: how long it took, and how many bytes it has.
    async fn check(&self, load: Load, path: &str) -> (Duration, usize) {
        let answer = match load {
            Load::Create => self.made(path).await,
            _ => self.client.must(path, None).await,
        };
        let items = answer.json[self.list].as_array().map(Vec::as_slice).unwrap_or_default();
        let good = match load {
            Load::Get => {
                let id = text(&answer.json, "id");
                path.ends_with(&format!("/{id}")) && !text(&answer.json, "company").is_empty()
            }
            Load::Create => text(&answer.json, "company").starts_with(MADE),
            Load::First | Load::Deep => items.len() == 50,
            Load::Count => {
                items.len() == 50 && answer.json[self.total].as_u64() == u64::try_from(self.customers).ok()
            }
            Load::Rare => has(items, RARE),
            Load::Single => {
                items.len() < 10 && single_terms(self.customers).take(1).all(|term| has(items, &term))
            }
            Load::Common => items.len() == 50 && has(items, COMMON),
        };
        assert!(good, "{path}: {answer:?}");
        (answer.took, answer.bytes)
    }

    /// Makes a customer, and finds it by its id and at the head of the list.
    async fn made(&self, path: &str) -> Answer {
        let answer =
            self.client.must(path, Some(&self.body(&format!("alone-{}", uuid::Uuid::now_v7())))).await;
        let company = text(&answer.json, "company");
        let found = self.client.must(&format!("{path}/{}", text(&answer.json, "id")), None).await;
        assert_eq!(text(&found.json, "company"), company, "{path}");
        let head = self.client.must(&self.paths[&Load::First][0], None).await;
        assert_eq!(text(&head.json[self.list][0], "company"), company, "{path}");
        answer
    }
}

/// Terms that few have, mostly one.
pub(crate) fn single_terms(customers: usize) -> impl Iterator<Item = String> {
    (0..1000).map(move |nth| format!("{:06x}", seed::mix(seed::mix(nth) % customers) % 0x00ff_ffff))
}

fn text<'a>(record: &'a Json, name: &str) -> &'a str {
    record[name].as_str().unwrap_or_default()
}

/// Whether there are records and each has the term.
fn has(items: &[Json], term: &str) -> bool {
    !items.is_empty() && items.iter().all(|item| item.to_string().to_lowercase().contains(term))
}
