//! One request with a hole in it, into which goes something of the other tenant, and then something that never was.

use axum::http::Method;
use crm_core::Origin;
use crm_http::Route;
use serde_json::{Value as Json, json};

use crate::world::{Side, World};

/// Where the text of the hole goes.
pub(crate) const HOLE: &str = "~hole~";
/// Where it goes without its hyphens, as entity tags have it.
const SIMPLE: &str = "~simple~";
/// Where a number goes that no other request has.
const NTH: &str = "~nth~";

/// A request with a hole.
#[derive(Clone, Debug)]
pub(crate) struct Probe {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<Json>,
    /// What the other tenant has.
    pub(crate) foreign: String,
    /// What nobody has, of the same form.
    pub(crate) unknown: String,
    /// Whether an answer to the first must be the answer to the second. Not so where the two are compared by order.
    pub(crate) twins: bool,
    /// Whether nothing of the own tenant fits, so that a list must be empty and its total 0.
    pub(crate) empty: bool,
}

/// A request as it is sent.
pub(crate) struct Filled {
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<Json>,
}

impl Probe {
    /// The request with a text in its hole, as the `nth` of all.
    pub(crate) fn filled(&self, text: &str, nth: u64) -> Filled {
        let fill = |template: &str| {
            let simple = text.replace('-', "");
            template.replace(HOLE, text).replace(SIMPLE, &simple).replace(NTH, &nth.to_string())
        };
        let headers = self.headers.iter().map(|(name, value)| (*name, fill(value))).collect();
        let body = self.body.as_ref().map(|body| fill(&body.to_string()));
        let body = body.map(|body| serde_json::from_str(&body).expect("ids need no escaping"));
        Filled { path: fill(&self.path), headers, body }
    }

    /// Whether the service may do what is asked although there is something foreign in it: it lies where nobody looks.
    pub(crate) fn may_be_done(&self) -> bool {
        let safe = matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE");
        let looked_at = self.path.contains(HOLE)
            || self.body.as_ref().is_some_and(|body| body.to_string().contains(HOLE));
        !safe && !looked_at
    }
}

/// A request that a route answers without a hole.
pub(crate) fn plain(method: &Method, path: &str, side: &Side) -> Probe {
    let prefix = object_of(path);
    let filling = &side.filling;
    let own = match (method.as_str(), prefix) {
        ("POST", "leads") if path.ends_with("/convert") => filling.converted.as_str(),
        ("DELETE", prefix) if path.ends_with("/{id}") => filling.spare(prefix),
        // Owners are for owners alone.
        ("PATCH", "users") => filling.spare("users"),
        (_, prefix) if path.contains("{id}") => filling.one(prefix),
        _ => "",
    };
    let needed = match path {
        path if path.ends_with("/timeseries") => "?metric=value_won",
        "/api/search" => "?q=ada",
        _ => "",
    };
    Probe {
        method: method.clone(),
        path: format!("{}{needed}", path.replace("{id}", own)),
        headers: Vec::new(),
        body: body(method, path, side),
        foreign: String::new(),
        unknown: String::new(),
        twins: true,
        empty: false,
    }
}

/// The kind of record by whose name a path begins.
pub(crate) fn object_of(path: &str) -> &str {
    path.split('/').nth(2).unwrap_or_default()
}

/// A body that a route takes.
fn body(method: &Method, path: &str, side: &Side) -> Option<Json> {
    Some(match (method.as_str(), path) {
        ("POST", "/api/auth/login") => {
            json!({ "email": "viewer@acme.test", "password": crate::client::PASSWORD })
        }
        ("POST", "/api/auth/invitation") => json!({ "token": "none", "password": "another-password-1" }),
        ("POST", path) if path.ends_with("/invitation") => return None,
        // A right one would end every sign-in of the caller.
        ("POST", "/api/auth/password") => {
            json!({ "current_password": "wrong password", "new_password": "another-password-1" })
        }
        ("POST", "/api/api-keys") => json!({ "name": "import" }),
        ("POST", path) if path.ends_with("/restore") || path.ends_with("/logout") => return None,
        ("POST", path) if path.ends_with("/convert") => json!({}),
        ("POST", path) if path.ends_with("/interactions") => json!({ "type": "note" }),
        ("POST", path) if path.ends_with("/contacts") => json!({ "name": "Ada" }),
        ("POST", "/api/users") => json!({ "email": format!("new{NTH}@acme.test") }),
        ("POST", "/api/projects") => json!({ "name": "Roof" }),
        ("POST", "/api/tasks") => json!({ "title": "Call" }),
        ("POST", _) => json!({ "company": "Ada" }),
        ("PATCH", _) => json!({}),
        ("PUT", _) => json!({ "stages": side.filling.stages }),
        _ => return None,
    })
}

/// Writes one probe after the other for one route.
pub(crate) struct Variants<'a> {
    world: &'a World,
    dice: &'a mut fastrand::Rng,
    method: Method,
    path: String,
    all: Vec<Probe>,
}

impl<'a> Variants<'a> {
    /// Everywhere that something foreign can go in a request to a route, but for cursors.
    pub(crate) fn of(world: &'a World, dice: &'a mut fastrand::Rng, route: &Route) -> Vec<Probe> {
        let (method, path) = (route.method.clone(), route.path.clone());
        let mut own = Variants { world, dice, method, path, all: Vec::new() };
        own.in_path();
        own.in_query(route);
        own.in_body(route);
        own.in_headers();
        if route.name == "login" {
            own.in_login();
        }
        own.all
    }

    /// The same for a method that a path does not have: it must not be looked at any further.
    pub(crate) fn of_no_route(
        world: &'a World,
        dice: &'a mut fastrand::Rng,
        method: Method,
        path: &str,
    ) -> Vec<Probe> {
        let mut own = Variants { world, dice, method, path: path.to_owned(), all: Vec::new() };
        own.in_path();
        let tenant = own.world.foreign.tenant.to_string();
        let mut probe = plain(&own.method, &own.path, &own.world.own);
        probe.headers.push(("x-tenant-id", HOLE.to_owned()));
        own.add(probe, &tenant);
        own.all
    }

    fn add(&mut self, probe: Probe, foreign: &str) {
        let unknown = unknown_id(self.dice);
        self.all.push(Probe { foreign: foreign.to_owned(), unknown, ..probe });
    }

    fn plain(&self) -> Probe {
        plain(&self.method, &self.path, &self.world.own)
    }

    /// The other tenant's records at the place of the own one, also with the entity tags of theirs.
    fn in_path(&mut self) {
        if !self.path.contains("{id}") {
            return;
        }
        let filling = &self.world.foreign.filling;
        let object = object_of(&self.path);
        let ids = [Some(filling.one(object)), filling.deleted.get(object).map(String::as_str)];
        let template = self.path.replace("{id}", HOLE);
        for id in ids.into_iter().flatten() {
            for condition in [None, Some("if-match"), Some("if-none-match")] {
                let mut probe = Probe { path: template.clone(), ..self.plain() };
                probe.headers.extend(condition.map(|name| (name, format!("\"{SIMPLE}-1\""))));
                self.add(probe, id);
            }
        }
    }

    fn in_query(&mut self, route: &Route) {
        let filling = &self.world.foreign.filling;
        let object = route.object.map_or("customers", |object| object.name);
        let one = |name: &str| filling.live.get(name).map_or_else(|| filling.one("customers"), |ids| &ids[0]);
        let user = one("users");
        let mut all: Vec<(String, &str)> =
            ["id", "id[in]", "record_id"].map(|name| (name.to_owned(), one(object))).into();
        all.extend(["actor", "created_by", "owner_id"].map(|name| (name.to_owned(), user)));
        all.push(("customer_id".to_owned(), one("customers")));
        let tenant = self.world.foreign.tenant.to_string();
        all.extend(["tenant_id", "tenant", "after"].map(|name| (name.to_owned(), tenant.as_str())));
        let listed = route.object.filter(|_| route.name.starts_with("list_"));
        for (field, target) in listed.iter().flat_map(|object| object.references()) {
            let name = listed.map_or("", |object| object.public_name(field));
            all.extend(["", "[ne]", "[in]"].map(|operator| (format!("{name}{operator}"), one(target.name))));
        }
        let known = |name: &str| listed.is_some() || matches!(name, "id" | "tenant_id" | "after");
        let events = route.name == "events";
        let all: Vec<(String, &str)> = all.into_iter().filter(|(name, _)| events || known(name)).collect();
        for (name, id) in all {
            let probe = self.plain();
            let and = if probe.path.contains('?') { '&' } else { '?' };
            let total = if listed.is_some() { "&count=true" } else { "" };
            let empty = listed.is_some() && !name.ends_with("[ne]");
            self.add(Probe { path: format!("{}{and}{name}={HOLE}{total}", probe.path), empty, ..probe }, id);
        }
    }

    fn in_body(&mut self, route: &Route) {
        let Some(body) = self.plain().body else { return };
        let filling = &self.world.foreign.filling;
        let tenant = self.world.foreign.tenant.to_string();
        // Settings and the pipeline have the id of their tenant.
        let one = |name: &str| filling.live.get(name).map_or_else(|| tenant.clone(), |ids| ids[0].clone());
        let mut all =
            vec![("id", one(route.object.map_or("", |object| object.name))), ("tenant_id", tenant.clone())];
        for (field, target) in route.object.iter().flat_map(|object| object.references()) {
            let object = route.object.filter(|object| object.fields[field].origin == Origin::Written);
            all.extend(object.map(|object| (object.public_name(field), one(target.name))));
        }
        for (name, id) in all {
            let mut body = body.clone();
            body[name] = json!(HOLE);
            self.add(Probe { body: Some(body), ..self.plain() }, &id);
        }
    }

    /// Where a proxy, another service or an older version might look.
    fn in_headers(&mut self) {
        let foreign = &self.world.foreign;
        let (tenant, key) = (foreign.tenant.to_string(), foreign.filling.keys[0].to_string());
        let record =
            foreign.filling.live.get(object_of(&self.path)).map_or(tenant.clone(), |ids| ids[0].clone());
        let headers = [
            ("if-match", format!("\"{SIMPLE}-1\""), &record),
            ("if-none-match", format!("\"{SIMPLE}-1\", W/\"{SIMPLE}-2\""), &record),
            ("idempotency-key", HOLE.to_owned(), &key),
            ("x-tenant-id", HOLE.to_owned(), &tenant),
            ("x-tenant", HOLE.to_owned(), &tenant),
            ("x-user-id", HOLE.to_owned(), &record),
            ("last-event-id", HOLE.to_owned(), &record),
            ("cookie", format!("tenant={HOLE}; session={HOLE}"), &tenant),
        ];
        for (name, value, id) in headers {
            let mut probe = self.plain();
            probe.headers.push((name, value));
            self.add(probe, id);
        }
    }

    /// The other tenant's name and its users, with a password that is right somewhere.
    fn in_login(&mut self) {
        let marker = crate::world::MARKER;
        for (name, foreign, unknown) in [
            ("tenant", marker.to_owned(), "no-such-tenant".to_owned()),
            ("email", format!("nobody@{marker}.test"), "nobody@unknown.test".to_owned()),
        ] {
            let mut probe = Probe { foreign, unknown, ..self.plain() };
            if let Some(body) = &mut probe.body {
                body[name] = json!(HOLE);
            }
            self.all.push(probe);
        }
    }
}

/// An id that nobody has, of the same version as those that somebody has.
pub(crate) fn unknown_id(dice: &mut fastrand::Rng) -> String {
    let random = std::array::from_fn(|_| dice.u8(..));
    let millis = 1_772_366_400_000 + dice.u64(..86_400_000);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().to_string()
}
