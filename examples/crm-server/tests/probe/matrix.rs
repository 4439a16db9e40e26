//! The whole matrix: every route and every method, every caller, something foreign in every place.

use std::collections::BTreeSet;

use axum::http::Method;
use crm_http::Route;

use crate::{
    probe::{HOLE, Probe, Variants, object_of, plain},
    run::{Oracle, Run},
    world::World,
};

/// The methods that every path is asked with.
const METHODS: [Method; 9] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::OPTIONS,
    Method::TRACE,
    Method::CONNECT,
];

/// Sends the whole matrix as these callers; the routes that were asked. It ends early once `until` has found something.
pub(crate) async fn send(
    run: &mut Run<'_>,
    dice: &mut fastrand::Rng,
    callers: &[usize],
    until: Option<Oracle>,
) -> BTreeSet<(String, String)> {
    let routes = crm_http::routes(true);
    let paths: BTreeSet<&str> = routes.iter().map(|route| route.path.as_str()).collect();
    let mut asked = BTreeSet::new();
    for path in paths {
        let mut unanswered = Vec::new();
        for method in METHODS {
            // Whatever can be got has a head.
            let answered = if method == Method::HEAD { Method::GET } else { method.clone() };
            let route = routes.iter().find(|route| route.path == path && route.method == answered);
            let Some(route) = route else {
                unanswered.extend(Variants::of_no_route(run.world, dice, method, path));
                continue;
            };
            asked.insert((answered.to_string(), path.to_owned()));
            let mut probes = of_route(run.world, dice, route).await;
            probes.iter_mut().for_each(|probe| probe.method = method.clone());
            // What is refused is looked at by itself: nothing may have changed.
            let (done, refused): (Vec<Probe>, Vec<Probe>) = probes.into_iter().partition(Probe::may_be_done);
            for probes in [refused, done] {
                batch(run, callers, &probes, &format!("{method} {path}")).await;
            }
        }
        batch(run, callers, &unanswered, &format!("methods that {path} does not have")).await;
        if until.is_some_and(|oracle| run.found(oracle) > 0) {
            return asked;
        }
    }
    asked
}

async fn batch(run: &mut Run<'_>, callers: &[usize], probes: &[Probe], name: &str) {
    for caller in callers {
        for probe in probes {
            run.twins(*caller, probe).await;
        }
    }
    if !probes.is_empty() {
        run.look(name).await;
    }
}

async fn of_route(world: &World, dice: &mut fastrand::Rng, route: &Route) -> Vec<Probe> {
    let mut probes = Variants::of(world, dice, route);
    if route.method == Method::GET {
        probes.extend(cursors(world, route).await);
    }
    probes
}

/// Cursors that do not belong to the query, against one that never was any: those of the other tenant for the same
/// query, those of the own tenant for another one, and those of the own tenant with one bit changed.
async fn cursors(world: &World, route: &Route) -> Vec<Probe> {
    let probe = plain(&route.method, &route.path, &world.own);
    let with = |path: &str, parameters: &str| {
        format!("{path}{}{parameters}", if path.contains('?') { '&' } else { '?' })
    };
    let next = async |client: &crate::client::Client, path: &str| -> Option<String> {
        let answer = client.get(path).await;
        let json: serde_json::Value = serde_json::from_slice(&answer.bytes).ok()?;
        json["next_cursor"].as_str().map(str::to_owned)
    };
    let theirs = world.foreign.filling.live.get(object_of(&route.path)).map(|ids| ids[0].as_str());
    let theirs = route.path.replace("{id}", theirs.unwrap_or_default());
    let mut cursors: Vec<String> =
        next(&world.foreign.owner, &with(&theirs, "limit=1")).await.into_iter().collect();
    if let Some(own) = next(&world.own.owner, &with(&probe.path, "limit=1")).await {
        let flipped = [0, own.len() / 2, own.len() - 2].map(|at| {
            let other = |n, letter| {
                if n != at {
                    letter
                } else if letter == 'A' {
                    'B'
                } else {
                    'A'
                }
            };
            own.chars().enumerate().map(|(n, letter)| other(n, letter)).collect()
        });
        cursors.extend(flipped);
    }
    for narrowed in ["limit=1&id[is_null]=false", "limit=1&sort=id", "limit=1&after=0"] {
        cursors.extend(next(&world.own.owner, &with(&probe.path, narrowed)).await);
    }
    let unknown = "bm8gc3VjaCBjdXJzb3IgaGFzIGV2ZXIgYmVlbiBpc3N1ZWQ";
    let path = with(&probe.path, &format!("limit=1&cursor={HOLE}"));
    let probe = |foreign| Probe { path: path.clone(), foreign, unknown: unknown.to_owned(), ..probe.clone() };
    cursors.into_iter().map(probe).collect()
}
