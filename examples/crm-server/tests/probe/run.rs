//! Sends probes and holds every answer to the three oracles.

use std::fmt;

use axum::http::Method;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::{
    client::{Answer, Seen},
    digest::Hash,
    probe::Probe,
    world::{Caller, World},
};

/// What must hold of every probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Oracle {
    /// No marker and no id of the other tenant is in the answer.
    NothingShows,
    /// The answer about something foreign is, byte for byte, the one about what never was.
    AnswersAreAlike,
    /// And it costs the same calls of the store.
    CostsAreAlike,
    /// All that the other tenant has is as it was.
    ForeignStays,
    /// A request that is refused has changed nothing.
    RefusedWritesNothing,
}

/// Where an oracle was not content.
pub(crate) struct Finding {
    pub(crate) oracle: Oracle,
    told: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.oracle, self.told)
    }
}

/// A run of probes.
pub(crate) struct Run<'a> {
    pub(crate) world: &'a mut World,
    pub(crate) callers: &'a mut [Caller],
    /// How many requests have been sent.
    pub(crate) probes: u64,
    /// How many lists had to be empty, and were answered with.
    pub(crate) empty: u64,
    pub(crate) findings: Vec<Finding>,
    /// What the own and the other tenant had when it was last looked at.
    own: Hash,
    foreign: Hash,
    /// Whether something has been done in the own tenant since, as was asked for.
    done: bool,
}

impl<'a> Run<'a> {
    pub(crate) async fn new(world: &'a mut World, callers: &'a mut [Caller]) -> Self {
        let store = &*world.opened.store;
        let (own, foreign) = (world.own.ledger.hash(store).await, world.foreign.ledger.hash(store).await);
        Self { world, callers, probes: 0, empty: 0, findings: Vec::new(), own, foreign, done: false }
    }

    fn find(&mut self, oracle: Oracle, told: String) {
        self.findings.push(Finding { oracle, told });
    }

    /// How many findings an oracle has.
    pub(crate) fn found(&self, oracle: Oracle) -> usize {
        self.findings.iter().filter(|finding| finding.oracle == oracle).count()
    }

    /// Sends a probe twice, with something foreign in its hole and with what never was, and compares.
    pub(crate) async fn twins(&mut self, caller: usize, probe: &Probe) {
        let foreign = self.send(caller, probe, &probe.foreign).await;
        let unknown = self.send(caller, probe, &probe.unknown).await;
        if probe.empty {
            self.is_empty(caller, probe, &foreign);
        }
        if !probe.twins {
            return;
        }
        let (seen, twin) = (seen(probe, &foreign), seen(probe, &unknown));
        if seen != twin {
            let told = format!("{}\n  foreign {seen:?}\n  unknown {twin:?}", self.described(caller, probe));
            self.find(Oracle::AnswersAreAlike, told);
        }
        if foreign.asked != unknown.asked {
            self.compare_settled(caller, probe).await;
        }
    }

    /// What a request costs may depend on what the one before it has left in the engine's memory. Sent twice in a row,
    /// either finds there what it left there itself.
    async fn compare_settled(&mut self, caller: usize, probe: &Probe) {
        let mut asked = Vec::new();
        for text in [&probe.foreign, &probe.unknown] {
            self.send(caller, probe, text).await;
            asked.push(self.send(caller, probe, text).await.asked);
        }
        if asked[0] != asked[1] {
            let described = self.described(caller, probe);
            let told = format!("{described}\n  foreign {:?}\n  unknown {:?}", asked[0], asked[1]);
            self.find(Oracle::CostsAreAlike, told);
        }
    }

    /// An answer to what must find nothing finds nothing, unless it refuses to look.
    fn is_empty(&mut self, caller: usize, probe: &Probe, answer: &Answer) {
        let Ok(json) = serde_json::from_slice::<Json>(&answer.bytes) else { return };
        if answer.status != 200 {
            return;
        }
        self.empty += 1;
        let nothing = json["data"].as_array().is_some_and(Vec::is_empty);
        if !nothing || json.get("total").is_some_and(|total| total != 0) {
            let told = format!("{} is not empty: {json}", self.described(caller, probe));
            self.find(Oracle::NothingShows, told);
        }
    }

    async fn send(&mut self, caller: usize, probe: &Probe, text: &str) -> Answer {
        self.probes += 1;
        let filled = probe.filled(text, self.probes);
        let headers: Vec<(&str, &str)> =
            filled.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let caller = &mut self.callers[caller];
        let method = probe.method.clone();
        let answer = caller.client.send(method, &filled.path, &headers, filled.body.as_ref()).await;
        if answer.status.is_success() && !matches!(probe.method, Method::GET | Method::HEAD) {
            self.done = true;
            let json: Json = serde_json::from_slice(&answer.bytes).unwrap_or_default();
            let made = json["id"].as_str().and_then(|id| Uuid::parse_str(id).ok());
            let made = made.filter(|_| answer.status == 201);
            self.world.take_back(caller, probe.method.as_str(), &filled.path, made).await;
        }
        let request = format!("{} {} {}", caller.name, probe.method, filled.path);
        if let Some(shown) = self.world.secrets.shown(&answer.all_bytes()) {
            self.find(Oracle::NothingShows, format!("{request} shows {shown}: {answer:?}"));
        }
        if answer.status.is_server_error() {
            self.find(Oracle::AnswersAreAlike, format!("{request} fails: {answer:?}"));
        }
        answer
    }

    fn described(&self, caller: usize, probe: &Probe) -> String {
        let Probe { method, path, headers, body, foreign, .. } = probe;
        let body = body.as_ref().map(Json::to_string).unwrap_or_default();
        format!("{} {method} {path} {headers:?} {body} with {foreign}", self.callers[caller].name)
    }

    /// Looks at what both tenants have, after a batch of probes named `batch`.
    pub(crate) async fn look(&mut self, batch: &str) {
        let store = &*self.world.opened.store;
        let (own, foreign) = (&mut self.world.own.ledger, &mut self.world.foreign.ledger);
        let (own, foreign) = tokio::join!(own.hash(store), foreign.hash(store));
        if foreign != self.foreign {
            self.find(Oracle::ForeignStays, format!("{batch} changed the other tenant"));
        }
        if own != self.own && !self.done {
            self.find(
                Oracle::RefusedWritesNothing,
                format!("{batch} was refused, and changed the own tenant"),
            );
        }
        (self.own, self.foreign, self.done) = (own, foreign, false);
    }

    /// Looks at everything once more, the logs from their beginnings.
    pub(crate) async fn look_anew(&mut self) {
        let store = &*self.world.opened.store;
        let own = self.world.own.ledger.hash_anew(store).await;
        let foreign = self.world.foreign.ledger.hash_anew(store).await;
        if foreign != self.foreign {
            self.find(Oracle::ForeignStays, "the past of the other tenant has changed".to_owned());
        }
        if own != self.own {
            self.find(Oracle::RefusedWritesNothing, "the past of the own tenant has changed".to_owned());
        }
    }
}

/// What is compared of an answer: where a request could make something new, not what is new in it.
fn seen(probe: &Probe, answer: &Answer) -> Seen {
    let makes = !matches!(probe.method, Method::GET | Method::HEAD) && answer.status.is_success();
    if makes { answer.seen_of_new() } else { answer.seen() }
}
