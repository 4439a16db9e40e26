//! Steps that only together would open a way: to more rights, or to what another tenant has.

use axum::http::Method;
use crm_core::Role;
use serde_json::{Value as Json, json};

use crate::{
    client::{Answer, Client},
    on_each_store,
    opened::Kind,
    probe::unknown_id,
    seed,
    world::{Caller, MARKER, WORD, World, email},
};

/// A world, with what the other tenant had at first.
struct Scene {
    world: World,
    callers: Vec<Caller>,
    dice: fastrand::Rng,
    foreign: crate::digest::Hash,
}

impl Scene {
    async fn new(kind: Kind) -> Self {
        let mut dice = fastrand::Rng::with_seed(seed());
        let (mut world, callers) = World::new(kind.open().await, &mut dice).await;
        let foreign = world.foreign.ledger.hash(&*world.opened.store).await;
        Self { world, callers, dice, foreign }
    }

    fn caller(&self, role: Role) -> &Client {
        &self.callers.iter().find(|caller| caller.name == role.name()).expect("each role has one").client
    }

    async fn own(&mut self) -> crate::digest::Hash {
        self.world.own.ledger.hash(&*self.world.opened.store).await
    }

    /// The other tenant has what it had.
    async fn foreign_stays(&mut self) {
        let now = self.world.foreign.ledger.hash(&*self.world.opened.store).await;
        assert_eq!(now, self.foreign, "something of the other tenant changed");
    }

    /// Nothing of the other tenant is in an answer.
    fn shows_nothing(&self, answer: &Answer) {
        assert_eq!(self.world.secrets.shown(&answer.all_bytes()), None, "{answer:?}");
    }

    /// Sends the same with a foreign id and with an unknown one: the answers are one, and refuse.
    async fn refused_alike(
        &mut self,
        method: Method,
        path: &str,
        body: Option<Json>,
        foreign: &str,
    ) -> Answer {
        let unknown = unknown_id(&mut self.dice);
        let mut answers = Vec::new();
        for id in [foreign, &unknown] {
            let fill = |text: &str| text.replace("ID", id);
            let body = body.as_ref().map(|body| serde_json::from_str(&fill(&body.to_string())).unwrap());
            let owner = self.caller(Role::Owner);
            answers.push(owner.send(method.clone(), &fill(path), &[], body.as_ref()).await);
        }
        let [foreign, unknown] = <[Answer; 2]>::try_from(answers).unwrap();
        assert!(foreign.status.is_client_error(), "{foreign:?}");
        assert_eq!(foreign.seen(), unknown.seen(), "{method} {path}");
        self.shows_nothing(&foreign);
        foreign
    }
}

fn user(id: &str) -> String {
    format!("/api/users/{id}")
}

async fn nobody_promotes_themselves(kind: Kind) {
    let mut scene = Scene::new(kind).await;
    let before = scene.own().await;
    for role in [Role::Viewer, Role::Member, Role::Admin] {
        let client = scene.caller(role);
        let me = client.me().await;
        for wanted in
            [json!({ "role": "owner" }), json!({ "role": "owner", "name": "Ada", "is_active": true })]
        {
            client.patch(&user(&me), wanted).await.is_problem(403, "forbidden");
        }
        let second = json!({ "email": "second@acme.test", "role": "owner" });
        client.post("/api/users", second).await.is_problem(403, "forbidden");
        let own_role = client.get("/api/auth/me").await.json()["role"].clone();
        assert_eq!(own_role, role.name());
    }
    let owner = scene.caller(Role::Owner).me().await;
    scene
        .caller(Role::Admin)
        .patch(&user(&owner), json!({ "role": "viewer" }))
        .await
        .is_problem(403, "forbidden");
    assert_eq!(scene.own().await, before, "a refused promotion left something");
}

async fn a_tenant_keeps_an_owner_whoever_is_faster(kind: Kind) {
    let scene = Scene::new(kind).await;
    let owner = scene.caller(Role::Owner);
    let me = owner.me().await;
    for last in [json!({ "role": "admin" }), json!({ "is_active": false })] {
        owner.patch(&user(&me), last).await.is_problem(409, "rule");
    }
    let admin = scene.caller(Role::Admin).clone();
    let second = admin.me().await;
    assert_eq!(owner.patch(&user(&second), json!({ "role": "owner" })).await.status, 200);
    let step_down = |client: Client, id: String| {
        tokio::spawn(async move { client.patch(&user(&id), json!({ "role": "member" })).await.status })
    };
    let both = [step_down(owner.clone(), me), step_down(admin, second)];
    let mut done = 0;
    for status in both {
        let status = status.await.unwrap();
        assert!([200, 409].contains(&status.as_u16()), "{status}");
        done += usize::from(status == 200);
    }
    assert_eq!(done, 1, "one may step down, the other must stay");
}

async fn what_is_taken_away_is_gone_with_the_next_request(kind: Kind) {
    let mut scene = Scene::new(kind).await;
    let (owner, admin) = (scene.caller(Role::Owner).clone(), scene.caller(Role::Admin).clone());
    let id = admin.me().await;
    assert_eq!(admin.get("/api/events").await.status, 200);
    assert_eq!(owner.patch(&user(&id), json!({ "role": "viewer" })).await.status, 200);
    admin.get("/api/events").await.is_problem(403, "forbidden");
    admin.post("/api/customers", json!({ "company": "Ada" })).await.is_problem(403, "forbidden");
    assert_eq!(owner.patch(&user(&id), json!({ "is_active": false })).await.status, 200);
    admin.get("/api/customers").await.is_problem(401, "unauthenticated");
    // Who is in both tenants leaves one of them, and has the other one still.
    let both = scene.callers.iter().find(|caller| caller.name == "member of both").unwrap().client.clone();
    let elsewhere = Client::sign_in(&scene.world.router, "both@demo.test", MARKER).await;
    scene.foreign = scene.world.foreign.ledger.hash(&*scene.world.opened.store).await;
    let id = both.me().await;
    assert_eq!(owner.patch(&user(&id), json!({ "is_active": false })).await.status, 200);
    both.get("/api/customers").await.is_problem(401, "unauthenticated");
    assert_eq!(elsewhere.get("/api/customers").await.status, 200);
    let credentials =
        json!({ "email": "both@demo.test", "password": crate::client::PASSWORD, "tenant": WORD });
    let stranger = Client::new(scene.world.router.clone(), None);
    stranger.post("/api/auth/login", credentials).await.is_problem(401, "invalid_credentials");
    scene.foreign_stays().await;
}

async fn a_lead_becomes_no_customer_of_another_tenant(kind: Kind) {
    let mut scene = Scene::new(kind).await;
    let foreign = scene.world.foreign.filling.one("customers").to_owned();
    let theirs = scene.world.foreign.owner.get(&format!("/api/customers/{foreign}")).await.json();
    let lead = json!({ "name": "Bob", "email": theirs["email"] });
    let lead = scene.caller(Role::Owner).make("/api/leads", lead).await;
    let path = format!("/api/leads/{}/convert", lead["id"].as_str().unwrap());
    let before = scene.own().await;
    let body = json!({ "customer_id": "ID" });
    scene.refused_alike(Method::POST, &path, Some(body), &foreign).await.is_problem(422, "invalid");
    assert_eq!(scene.own().await, before, "a refused conversion left something");
    // The other tenant has a customer with this address; it is not found, and a new one is made.
    let converted = scene.caller(Role::Owner).post(&path, json!({})).await;
    assert_eq!(converted.status, 200, "{converted:?}");
    let customer = converted.json()["customer"].clone();
    assert_ne!(customer["id"], json!(foreign));
    assert_eq!((&customer["name"], &customer["company"]), (&json!("Bob"), &Json::Null));
    scene.foreign_stays().await;
}

async fn a_deleted_record_of_another_tenant_stays_deleted(kind: Kind) {
    let mut scene = Scene::new(kind).await;
    let before = scene.own().await;
    let deleted = scene.world.foreign.filling.deleted.clone();
    for (object, id) in &deleted {
        let path = format!("/api/{object}/ID/restore");
        scene.refused_alike(Method::POST, &path, None, id).await.is_problem(404, "not_found");
    }
    assert_eq!(scene.own().await, before);
    scene.foreign_stays().await;
    assert_eq!(deleted.len(), 6);
    for (object, id) in &deleted {
        let path = format!("/api/{object}/{id}/restore");
        let answer = scene.world.foreign.owner.send(Method::POST, &path, &[], None).await;
        assert_eq!(answer.status, 200, "its own owner restores it: {answer:?}");
    }
}

async fn nothing_is_made_or_listed_under_a_foreign_parent(kind: Kind) {
    let mut scene = Scene::new(kind).await;
    let before = scene.own().await;
    let bodies = [("contacts", json!({ "name": "Ada" })), ("interactions", json!({ "type": "note" }))];
    for (parent, link) in [("customers", "customer_id"), ("leads", "lead_id")] {
        let foreign = scene.world.foreign.filling.one(parent).to_owned();
        let own = scene.world.own.filling.one(parent).to_owned();
        for (child, body) in
            bodies.iter().filter(|(child, _)| parent == "customers" || *child == "interactions")
        {
            let path = format!("/api/{parent}/ID/{child}");
            scene.refused_alike(Method::GET, &path, None, &foreign).await.is_problem(404, "not_found");
            let answer = scene.refused_alike(Method::POST, &path, Some(body.clone()), &foreign).await;
            answer.is_problem(404, "not_found");
            // The path names an own parent, the body a foreign one.
            let mut body = body.clone();
            body[link] = json!("ID");
            let path = path.replace("ID", &own);
            scene.refused_alike(Method::POST, &path, Some(body), &foreign).await.is_problem(422, "invalid");
        }
    }
    assert_eq!(scene.own().await, before);
    scene.foreign_stays().await;
}

async fn keyed(client: &Client, path: &str, key: &str, body: &Json) -> Answer {
    client.send(Method::POST, path, &[("idempotency-key", key)], Some(body)).await
}

async fn an_idempotency_key_means_nothing_to_anybody_else(kind: Kind) {
    let mut scene = Scene::new(kind).await;
    let body = json!({ "company": "Ada" });
    let foreign = scene.world.foreign.owner.clone();
    let admin = Client::sign_in(&scene.world.router, &email(Role::Admin, WORD), WORD).await;
    let theirs = keyed(&foreign, "/api/customers", "k", &body).await;
    let mut made = vec![theirs.json()["id"].clone()];
    // Another tenant, another user, another route: each has an effect of its own.
    for (client, path) in
        [(scene.caller(Role::Owner), "/api/customers"), (&admin, "/api/customers"), (&admin, "/api/leads")]
    {
        let answer = keyed(client, path, "k", &body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert!(!answer.headers.contains_key("idempotency-replayed"), "{answer:?}");
        scene.shows_nothing(&answer);
        let id = answer.json()["id"].clone();
        assert!(!made.contains(&id));
        made.push(id);
    }
    // Another body is refused, and leaves nothing.
    let before = scene.own().await;
    keyed(&admin, "/api/leads", "k", &json!({ "company": "Bob" }))
        .await
        .is_problem(409, "idempotency_conflict");
    let again = keyed(&admin, "/api/leads", "k", &body).await;
    assert_eq!((&again.json()["id"], again.header("idempotency-replayed")), (&made[3], "true"));
    assert_eq!(scene.own().await, before);
    // Twins side by side, in both tenants under the same key, have one effect each.
    let twins: Vec<_> = (0..16)
        .map(|n| {
            let client = if n % 2 == 0 { admin.clone() } else { foreign.clone() };
            let body = body.clone();
            tokio::spawn(async move { (n % 2, keyed(&client, "/api/leads", "twin", &body).await) })
        })
        .collect();
    let mut ids = [const { Vec::new() }; 2];
    for twin in twins {
        let (side, answer) = twin.await.unwrap();
        assert_eq!(answer.status, 201, "{answer:?}");
        ids[side].push((answer.json()["id"].clone(), answer.headers.contains_key("idempotency-replayed")));
    }
    for ids in &ids {
        assert!(ids.iter().all(|(id, _)| *id == ids[0].0), "{ids:?}");
        assert_eq!(ids.iter().filter(|(_, replayed)| !replayed).count(), 1, "{ids:?}");
    }
    assert_ne!(ids[0][0].0, ids[1][0].0);
}

async fn what_is_unique_in_another_tenant_is_free(kind: Kind) {
    let mut scene = Scene::new(kind).await;
    let owner = scene.caller(Role::Owner).clone();
    let external = format!("{MARKER}-0");
    for (path, foreign, unknown) in [
        (
            "/api/customers",
            json!({ "company": "Ada", "external_id": external }),
            json!({ "company": "Ada", "external_id": "free" }),
        ),
        (
            "/api/leads",
            json!({ "company": "Ada", "external_id": external }),
            json!({ "company": "Ada", "external_id": "free" }),
        ),
        (
            "/api/users",
            json!({ "email": format!("extra0@{MARKER}.example") }),
            json!({ "email": "free@acme.test" }),
        ),
    ] {
        let field = if path == "/api/users" { "email" } else { "external_id" };
        let mut seen = Vec::new();
        for body in [foreign, unknown] {
            let answer = owner.post(path, body.clone()).await;
            assert_eq!(answer.status, 201, "{answer:?}");
            let (status, headers, text) = answer.seen_of_new();
            seen.push((status, headers, text.replace(body[field].as_str().unwrap(), "TEXT"), answer.asked));
        }
        assert_eq!(seen[0], seen[1], "{path}");
    }
    scene.foreign_stays().await;
}

on_each_store! {
    nobody_promotes_themselves
    a_tenant_keeps_an_owner_whoever_is_faster
    what_is_taken_away_is_gone_with_the_next_request
    a_lead_becomes_no_customer_of_another_tenant
    a_deleted_record_of_another_tenant_stays_deleted
    nothing_is_made_or_listed_under_a_foreign_parent
    an_idempotency_key_means_nothing_to_anybody_else
    what_is_unique_in_another_tenant_is_free
}
