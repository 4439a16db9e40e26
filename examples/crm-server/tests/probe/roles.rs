//! Role by action by object: the permission table, held against what the service lets each role do.

use std::collections::BTreeSet;

use crm_core::{Access, Action, Role, objects, permission::least_role};
use uuid::Uuid;

use crate::{on_each_store, opened::Kind, probe::plain, seed, world::World};

fn may(role: Role, action: Action, access: Access) -> bool {
    least_role(action, access).is_some_and(|least| role >= least)
}

async fn each_role_may_do_what_the_table_says(kind: Kind) {
    let seed = seed();
    let mut dice = fastrand::Rng::with_seed(seed);
    let (world, mut callers) = World::new(kind.open().await, &mut dice).await;
    let (mut cells, mut nth, mut answered) = (0, 0, BTreeSet::new());
    let routes = crm_http::routes(true);
    for caller in
        callers.iter_mut().filter(|caller| caller.role.is_some_and(|role| caller.name == role.name()))
    {
        let role = caller.role.expect("it was chosen so");
        let me = caller.client.get("/api/auth/me").await.json();
        let granted: BTreeSet<&str> =
            me["permissions"].as_array().unwrap().iter().map(|granted| granted.as_str().unwrap()).collect();
        for object in objects() {
            for action in Action::ALL {
                let name = format!("{}:{}", action.name(), object.name);
                assert_eq!(
                    granted.contains(name.as_str()),
                    may(role, action, object.access),
                    "{role} {name}"
                );
                cells += 1;
            }
        }
        for route in &routes {
            let (Some(object), Some(action)) = (route.object, route.action) else { continue };
            assert_ne!(object.access, Access::Directory, "{route:?} is about the engine's own directory");
            nth += 1;
            let filled = plain(&route.method, &route.path, &world.own).filled("", nth);
            let method = route.method.clone();
            let answer = caller.client.send(method, &filled.path, &[], filled.body.as_ref()).await;
            // The user that is asked for is an owner, whom owners alone invite.
            let is_owners = route.name == "invite_user" && role < Role::Owner;
            if may(role, action, object.access) && !is_owners {
                assert!(answer.status.is_success(), "{role} {route:?} {answer:?}");
                let made = answer.headers.contains_key("location").then(|| answer.json()["id"].clone());
                let made = made.and_then(|id| Uuid::parse_str(id.as_str()?).ok());
                world.take_back(caller, route.method.as_str(), &filled.path, made).await;
            } else {
                answer.is_problem(403, "forbidden");
            }
            answered.insert((role, action.name(), object.name));
        }
    }
    let all = Role::ALL.len() * Action::ALL.len() * objects().len();
    let answering = routes.iter().filter(|route| route.action.is_some()).count();
    println!(
        "roles: store {}, cells {cells}/{all}, of which {} have routes, requests {nth}/{}, differences 0",
        kind.name(),
        answered.len(),
        Role::ALL.len() * answering
    );
    assert_eq!(cells, all);
    assert_eq!(nth as usize, Role::ALL.len() * answering);
}

on_each_store! { each_role_may_do_what_the_table_says }
