//! What the matrix has no row for: random filters, orders, searches and bodies with what the other tenant has.

use axum::http::Method;
use crm_core::{Key, Kind, Object, Origin};
use crm_http::Route;
use serde_json::{Map, Value as Json, json};

use crate::{
    probe::{HOLE, Probe, plain, unknown_id},
    run::Run,
    world::{MARKER, World},
};

/// As long as the marker, and in no text of any tenant.
const UNKNOWN: &str = "jjwkpdle";
/// After so many probes, both tenants are looked at.
const BATCH: usize = 250;
/// The operators of filters, and whether they find only what is like the text given.
const OPERATORS: [(&str, bool); 8] = [
    ("", true),
    ("[in]", true),
    ("[prefix]", true),
    ("[ne]", false),
    ("[gt]", false),
    ("[gte]", false),
    ("[lt]", false),
    ("[lte]", false),
];

/// Sends random probes until so many requests have been sent in all.
pub(crate) async fn send(run: &mut Run<'_>, dice: &mut fastrand::Rng, until: u64) {
    let routes = crm_http::routes(true);
    let insiders: Vec<usize> =
        run.callers.iter().enumerate().filter(|(_, caller)| caller.role.is_some()).map(|(n, _)| n).collect();
    while run.probes < until {
        for _ in 0..BATCH {
            let outsider = dice.u8(..20) == 0;
            let caller = if outsider {
                dice.usize(..run.callers.len())
            } else {
                insiders[dice.usize(..insiders.len())]
            };
            let probe = Wanderer { world: run.world, dice, routes: &routes }.probe();
            run.twins(caller, &probe).await;
        }
        run.look("a random batch").await;
    }
}

struct Wanderer<'a> {
    world: &'a World,
    dice: &'a mut fastrand::Rng,
    routes: &'a [Route],
}

impl Wanderer<'_> {
    fn probe(&mut self) -> Probe {
        match self.dice.u8(..20) {
            0..=2 => self.in_path(),
            3..=5 => self.in_body(),
            6 => self.in_events(),
            _ => self.in_list(),
        }
    }

    fn route(&mut self, wanted: impl Fn(&Route) -> bool) -> Route {
        let fitting: Vec<&Route> = self.routes.iter().filter(|route| wanted(route)).collect();
        fitting[self.dice.usize(..fitting.len())].clone()
    }

    fn plain(&self, route: &Route) -> Probe {
        plain(&route.method, &route.path, &self.world.own)
    }

    /// A record of the other tenant, of whatever kind.
    fn foreign(&mut self) -> String {
        let filling = &self.world.foreign.filling;
        let ids: Vec<&String> = filling.live.values().flatten().chain(filling.deleted.values()).collect();
        ids[self.dice.usize(..ids.len())].clone()
    }

    fn with_id(&mut self, probe: Probe) -> Probe {
        Probe { foreign: self.foreign(), unknown: unknown_id(self.dice), ..probe }
    }

    fn in_path(&mut self) -> Probe {
        let route = self.route(|route| route.path.contains("{id}"));
        let probe = Probe { path: route.path.replace("{id}", HOLE), ..self.plain(&route) };
        self.with_id(probe)
    }

    /// One to three references to the other tenant, among texts that fit.
    fn in_body(&mut self) -> Probe {
        let writes = |route: &Route| matches!(route.method, Method::POST | Method::PATCH);
        let refers = |route: &Route| route.object.is_some_and(|object| object.references().next().is_some());
        let route = self.route(|route| writes(route) && refers(route) && !route.path.ends_with("/restore"));
        let mut probe = self.plain(&route);
        let object = route.object.expect("it was chosen so");
        let fields: Vec<&str> = object
            .references()
            .filter(|(field, _)| object.fields[*field].origin == Origin::Written)
            .map(|(field, _)| object.public_name(field))
            .collect();
        let mut body: Map<String, Json> =
            probe.body.as_ref().and_then(Json::as_object).cloned().unwrap_or_default();
        for _ in 0..self.dice.usize(1..=3) {
            body.insert(fields[self.dice.usize(..fields.len())].to_owned(), json!(HOLE));
        }
        let texts = object.public_fields().filter(|(_, field)| field.kind == Kind::Text && !field.unique);
        for (_, field) in texts.take(self.dice.usize(..3)) {
            body.entry(field.name).or_insert_with(|| json!("Bob"));
        }
        probe.body = Some(Json::Object(body));
        self.with_id(probe)
    }

    fn in_events(&mut self) -> Probe {
        let route = self.route(|route| route.name == "events");
        let mut probe = self.plain(&route);
        let narrowing = ["record_id", "actor"][self.dice.usize(..2)];
        let (limit, after) = (self.dice.u8(1..=200), self.dice.u8(..9));
        probe.path = format!("{}?{narrowing}={HOLE}&limit={limit}&after={after}", probe.path);
        probe.empty = probe.path.contains("record_id");
        self.with_id(probe)
    }

    fn in_list(&mut self) -> Probe {
        let route = self.route(|route| route.name.starts_with("list_"));
        let object = route.object.expect("a list is of something");
        let by_id = self.dice.bool();
        let probe = self.plain(&route);
        let mut probe = if by_id { self.with_id(probe) } else { self.with_text(probe) };
        let mut parameters: Vec<String> = Vec::new();
        for _ in 0..self.dice.usize(1..=3) {
            let (name, operator, finds_like) = self.filter(object, by_id);
            probe.twins &= finds_like || operator == "[ne]";
            probe.empty |= finds_like;
            parameters.push(format!("{name}{operator}={HOLE}"));
        }
        if let Some(sort) = self.sort(object) {
            parameters.push(format!("sort={sort}"));
        }
        if self.dice.bool() {
            parameters.push(format!("limit={}", self.dice.u8(1..=201)));
        }
        if self.dice.u8(..4) > 0 {
            parameters.push("count=true".to_owned());
        }
        self.dice.shuffle(&mut parameters);
        // A nested list of the other tenant's is none.
        let path =
            if self.dice.u8(..8) == 0 && by_id { route.path.replace("{id}", HOLE) } else { probe.path };
        Probe { path: format!("{path}?{}", parameters.join("&")), ..probe }
    }

    /// A text that only the other tenant has, or a part of it, in any case, and one that nobody has.
    fn with_text(&mut self, probe: Probe) -> Probe {
        let from = self.dice.usize(..MARKER.len() - 3);
        let to = self.dice.usize(from + 3..=MARKER.len());
        let ends = ["", "+works+1", "@demo.test", "-2", "+0", "+note"];
        let end = ends[self.dice.usize(..ends.len())];
        let (part, upper) = (self.dice.bool(), self.dice.bool());
        let [foreign, unknown] = [MARKER, UNKNOWN].map(|marker| {
            let text = if part { marker[from..to].to_owned() } else { format!("{marker}{end}") };
            if upper { text.to_uppercase() } else { text }
        });
        Probe { foreign, unknown, ..probe }
    }

    /// A field to compare with an id or with a text, how, and whether only what is like it is found.
    fn filter(&mut self, object: &Object, by_id: bool) -> (String, &'static str, bool) {
        if !by_id && object.is_searchable() && self.dice.bool() {
            return ("search".to_owned(), "", true);
        }
        let wanted = if by_id { Kind::Id } else { Kind::Text };
        let fields = object.public_fields().map(|(index, field)| (Key::Field(index), field.name));
        let system = [(Key::Id, "id"), (Key::CreatedBy, "created_by")];
        let names: Vec<&str> = fields
            .chain(system)
            .filter(|(key, _)| object.key_kind(*key) == wanted && object.is_filterable(*key))
            .map(|(_, name)| name)
            .collect();
        let (operator, finds_like) = OPERATORS[self.dice.usize(..OPERATORS.len())];
        (names[self.dice.usize(..names.len())].to_owned(), operator, finds_like)
    }

    fn sort(&mut self, object: &Object) -> Option<String> {
        let fields: Vec<&str> = object.public_fields().map(|(_, field)| field.name).collect();
        let field = match self.dice.u8(..4) {
            0 => return None,
            1 => "created_at",
            2 => "id",
            _ => fields[self.dice.usize(..fields.len())],
        };
        Some(format!("{}{field}", if self.dice.bool() { "-" } else { "" }))
    }
}
