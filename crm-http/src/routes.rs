//! Every route there is, in one table: the router is built from it, and whatever describes the interface reads it.

use axum::{
    http::Method,
    routing::{self, MethodRouter},
};
use crm_core::{
    Action, Contact, Customer, Entity, Interaction, Lead, Object, Pipeline, Project, Settings, Task, User,
};

use crate::{
    figures, leads, live, log, me, openapi, pipeline, records, search, service::Shared, settings, tasks,
};

/// A route: what is asked for, and what it does.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path below the mount point, as in `/api/customers/{id}`.
    pub path: String,
    /// The name of the operation: `list_customers`.
    pub name: String,
    /// The kind of record that it answers with, where it is about records.
    pub object: Option<&'static Object>,
    /// What the caller must be permitted to do to that kind of record; `None` for what anybody who is signed in may
    /// do.
    pub action: Option<Action>,
    /// Whether it answers without anybody being signed in.
    pub open: bool,
}

/// The routes of a service, with those of the built-in login if `login` is set.
pub fn routes(login: bool) -> Vec<Route> {
    table(login).into_iter().map(|(route, _)| route).collect()
}

type Handler = MethodRouter<Shared>;

/// What can be done with the records of a kind at a route of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    List,
    Create,
    Read,
    Patch,
    Delete,
    Restore,
    History,
}

const ALL: [Operation; 7] = [
    Operation::List,
    Operation::Create,
    Operation::Read,
    Operation::Patch,
    Operation::Delete,
    Operation::Restore,
    Operation::History,
];
/// Contacts and interactions are made where they belong.
const BELONGING: [Operation; 6] = [
    Operation::List,
    Operation::Read,
    Operation::Patch,
    Operation::Delete,
    Operation::Restore,
    Operation::History,
];
/// Tasks are listed in a way of their own.
const UNLISTED: [Operation; 6] = [
    Operation::Create,
    Operation::Read,
    Operation::Patch,
    Operation::Delete,
    Operation::Restore,
    Operation::History,
];
/// An API key is made in a way of its own, and never changed.
#[cfg(feature = "auth")]
const KEPT: [Operation; 4] = [Operation::List, Operation::Read, Operation::Delete, Operation::History];
/// A user is made inactive, never deleted.
const LASTING: [Operation; 5] =
    [Operation::List, Operation::Create, Operation::Read, Operation::Patch, Operation::History];

pub(crate) fn table(login: bool) -> Vec<(Route, Handler)> {
    let mut table = Table(Vec::new());
    table.open(Method::GET, "/healthz", "health", routing::get(crate::health::live));
    table.open(Method::GET, "/readyz", "readiness", routing::get(crate::health::ready));
    #[cfg(feature = "metrics")]
    table.open(Method::GET, "/metrics", "metrics", routing::get(crate::metrics::metrics));
    table.open(Method::GET, "/openapi.json", "openapi", routing::get(openapi::document));
    #[cfg(feature = "auth")]
    if login {
        table.open(Method::POST, "/api/auth/login", "login", routing::post(crate::auth::login));
        table.open(
            Method::POST,
            "/api/auth/invitation",
            "accept_invitation",
            routing::post(crate::auth::accept),
        );
        table.of::<User>(
            Method::POST,
            format!("/api/{}/{{id}}/invitation", segment(User::object())),
            "invite_user",
            Action::Update,
            routing::post(crate::auth::invite),
        );
        table.own(Method::POST, "/api/auth/logout", "logout", routing::post(crate::auth::logout));
        table.own(
            Method::POST,
            "/api/auth/password",
            "change_password",
            routing::post(crate::auth::password),
        );
        let path = format!("/api/{}", segment(crm_core::ApiKey::object()));
        let create = routing::post(crate::auth::create_key);
        table.of::<crm_core::ApiKey>(Method::POST, path, "create_api_key", Action::Create, create);
        table.records::<crm_core::ApiKey>(&KEPT);
    }
    #[cfg(not(feature = "auth"))]
    let _ = login;
    table.own(Method::GET, "/api/auth/me", "me", routing::get(me::me));
    table.records::<User>(&LASTING);
    table.records::<Customer>(&ALL);
    table.records::<Contact>(&BELONGING);
    table.belonging::<Customer, Contact>();
    table.records::<Interaction>(&BELONGING);
    table.belonging::<Customer, Interaction>();
    table.records::<Lead>(&ALL);
    table.belonging::<Lead, Interaction>();
    let lead = |table: &mut Table, action, method, end: &str, handler| {
        table.of::<Lead>(method, format!("/api/leads/{{id}}/{end}"), &format!("{end}_lead"), action, handler);
    };
    lead(&mut table, Action::Update, Method::POST, "convert", routing::post(leads::convert));
    lead(&mut table, Action::Read, Method::GET, "stages", routing::get(leads::stages));
    table.records::<Project>(&ALL);
    table.of::<Task>(
        Method::GET,
        "/api/tasks".to_owned(),
        "list_tasks",
        Action::Read,
        routing::get(tasks::list),
    );
    table.records::<Task>(&UNLISTED);
    let path = || "/api/settings".to_owned();
    table.of::<Settings>(Method::GET, path(), "read_settings", Action::Read, routing::get(settings::read));
    table.of::<Settings>(
        Method::PATCH,
        path(),
        "update_settings",
        Action::Update,
        routing::patch(settings::patch),
    );
    let path = || "/api/pipeline".to_owned();
    table.of::<Pipeline>(Method::GET, path(), "read_pipeline", Action::Read, routing::get(pipeline::read));
    table.of::<Pipeline>(
        Method::PUT,
        path(),
        "replace_pipeline",
        Action::Update,
        routing::put(pipeline::replace),
    );
    let figures: [(&str, Handler); 7] = [
        ("", routing::get(figures::overview)),
        ("/timeseries", routing::get(figures::series)),
        ("/funnel", routing::get(figures::funnel)),
        ("/velocity", routing::get(figures::velocity)),
        ("/cohorts", routing::get(figures::cohorts)),
        ("/forecast", routing::get(figures::forecast)),
        ("/leaderboard", routing::get(figures::leaderboard)),
    ];
    for (end, handler) in figures {
        let (path, name) =
            (format!("/api/crm/analytics{end}"), format!("analytics{}", end.replace('/', "_")));
        table.of::<Lead>(Method::GET, path, &name, Action::Read, handler);
    }
    table.of::<User>(
        Method::GET,
        "/api/events".to_owned(),
        "events",
        Action::ReadLog,
        routing::get(log::events),
    );
    table.own(Method::GET, "/api/search", "search", routing::get(search::search));
    table.own(Method::GET, "/api/live", "live", routing::get(live::stream));
    table.own(Method::GET, "/api/live/ws", "live_socket", routing::get(live::socket));
    table.0
}

/// How a kind of record is called in paths: `api-keys`.
pub(crate) fn segment(object: &Object) -> String {
    object.name.replace('_', "-")
}

/// The name of what is done to a kind of record: `read_api_key`.
pub(crate) fn operation_name(verb: &str, what: &str) -> String {
    format!("{verb}_{what}").to_lowercase().replace(' ', "_")
}

struct Table(Vec<(Route, Handler)>);

impl Table {
    fn open(&mut self, method: Method, path: &str, name: &str, handler: Handler) {
        let (path, name) = (path.to_owned(), name.to_owned());
        self.0.push((Route { method, path, name, object: None, action: None, open: true }, handler));
    }

    fn own(&mut self, method: Method, path: &str, name: &str, handler: Handler) {
        let (path, name) = (path.to_owned(), name.to_owned());
        self.0.push((Route { method, path, name, object: None, action: None, open: false }, handler));
    }

    fn of<T: Entity>(&mut self, method: Method, path: String, name: &str, action: Action, handler: Handler) {
        let (object, action, name) = (Some(T::object()), Some(action), name.to_owned());
        self.0.push((Route { method, path, name, object, action, open: false }, handler));
    }

    /// The routes of one kind of record.
    fn records<T: Entity>(&mut self, operations: &[Operation]) {
        let Object { name, singular, .. } = T::object();
        let segment = segment(T::object());
        let (all, one) = (format!("/api/{segment}"), format!("/api/{segment}/{{id}}"));
        for operation in operations {
            let (method, path, verb, action, handler): (_, _, _, _, Handler) = match operation {
                Operation::List => {
                    (Method::GET, all.clone(), "list", Action::Read, routing::get(records::list::<T>))
                }
                Operation::Create => {
                    (Method::POST, all.clone(), "create", Action::Create, routing::post(records::create::<T>))
                }
                Operation::Read => {
                    (Method::GET, one.clone(), "read", Action::Read, routing::get(records::read::<T>))
                }
                Operation::Patch => (
                    Method::PATCH,
                    one.clone(),
                    "update",
                    Action::Update,
                    routing::patch(records::patch::<T>),
                ),
                Operation::Delete => (
                    Method::DELETE,
                    one.clone(),
                    "delete",
                    Action::Delete,
                    routing::delete(records::delete::<T>),
                ),
                Operation::Restore => {
                    let path = format!("{one}/restore");
                    (Method::POST, path, "restore", Action::Restore, routing::post(records::restore::<T>))
                }
                Operation::History => {
                    let path = format!("{one}/history");
                    (Method::GET, path, "history_of", Action::Read, routing::get(records::history::<T>))
                }
            };
            let what = if *operation == Operation::List { name } else { singular };
            self.of::<T>(method, path, &operation_name(verb, what), action, handler);
        }
    }

    /// The routes of the records of a kind that belong to one record of another kind.
    fn belonging<P: Entity, C: Entity>(&mut self) {
        let (parent, child) = (P::object(), C::object());
        let path = format!("/api/{}/{{id}}/{}", parent.name, child.name);
        let list = routing::get(records::list_of::<P, C>);
        let create = routing::post(records::create_in::<P, C>);
        let name = format!("list_{}_of_{}", child.name, parent.singular);
        self.of::<C>(Method::GET, path.clone(), &name, Action::Read, list);
        let name = format!("create_{}_of_{}", child.singular, parent.singular);
        self.of::<C>(Method::POST, path, &name, Action::Create, create);
    }
}
