//! Invitations: how a user whom nobody has given a password comes to sign in, and what a tenant cannot take by them.

use chrono::TimeDelta;
use crm_core::{Actor, Crm, MemoryStore, Role, Tenant, User, testing::ManualClock};
use crm_http::Settings;
use serde_json::{Value as Json, json};

use crate::world::{Answer, Client, PASSWORD, World, cheap};

/// Makes a user, and the token that invites them.
async fn invited(admin: &Client, email: &str) -> (String, String) {
    let id = admin.make("/api/users", json!({ "email": email })).await["id"].as_str().unwrap().to_owned();
    let token = invite(admin, &id).await.json()["token"].as_str().unwrap().to_owned();
    (id, token)
}

async fn invite(admin: &Client, id: &str) -> Answer {
    admin.post(&format!("/api/users/{id}/invitation"), json!({})).await
}

async fn accept(world: &World, token: &str, password: &str) -> Answer {
    world.stranger().post("/api/auth/invitation", json!({ "token": token, "password": password })).await
}

/// The slug of the tenant that an answer signs in to.
fn tenant(answer: &Answer) -> Json {
    answer.json()["tenant"]["slug"].clone()
}

async fn sign_in(world: &World, email: &str, password: &str, tenant: &str) -> Answer {
    let credentials = json!({ "email": email, "password": password, "tenant": tenant });
    world.stranger().post("/api/auth/login", credentials).await
}

#[tokio::test]
async fn who_is_invited_sets_a_password_and_signs_in() {
    let world = World::new().await;
    let admin = world.admin().await;
    let (id, token) = invited(&admin, "new@acme.test").await;
    sign_in(&world, "new@acme.test", PASSWORD, "acme").await.is_problem(401, "invalid_credentials");
    let short = accept(&world, &token, "short").await;
    assert_eq!(short.faults(), [("/password".to_owned(), "too_short".to_owned())]);
    let signed_in = accept(&world, &token, "a password of their own").await;
    assert_eq!((signed_in.status.as_u16(), tenant(&signed_in)), (200, json!("acme")));
    let client = world.stranger().with_token(signed_in.json()["token"].as_str().unwrap());
    assert_eq!(client.get("/api/auth/me").await.json()["user"]["id"], json!(id));
    assert_eq!(sign_in(&world, "new@acme.test", "a password of their own", "acme").await.status, 200);
    // It was good for once, and there is no other one.
    accept(&world, &token, "a password of their own").await.is_problem(401, "invalid_invitation");
    invite(&admin, &id).await.is_problem(409, "rule");
}

#[tokio::test]
async fn an_invitation_takes_the_place_of_the_one_before_and_ends() {
    let clock = ManualClock::default();
    let crm = Crm::new(MemoryStore::new()).with_clock(clock.clone());
    let world = World::on_with(crm, cheap(), Settings::default()).await;
    let admin = world.admin().await;
    let (id, first) = invited(&admin, "new@acme.test").await;
    let second = invite(&admin, &id).await;
    assert_eq!(second.status, 201);
    accept(&world, &first, PASSWORD).await.is_problem(401, "invalid_invitation");
    clock.advance(TimeDelta::days(7));
    let second = second.json()["token"].as_str().unwrap().to_owned();
    accept(&world, &second, PASSWORD).await.is_problem(401, "invalid_invitation");
    let admin = world.admin().await;
    let third = invite(&admin, &id).await.json()["token"].as_str().unwrap().to_owned();
    for wrong in ["", "AAAA", &third[1..], &format!("{third}AA")] {
        accept(&world, wrong, PASSWORD).await.is_problem(401, "invalid_invitation");
    }
    // Who is made inactive meanwhile does not come in.
    admin.patch(&format!("/api/users/{id}"), json!({ "is_active": false })).await;
    accept(&world, &third, PASSWORD).await.is_problem(401, "invalid_credentials");
    invite(&admin, &id).await.is_problem(409, "inactive_user");
    admin.patch(&format!("/api/users/{id}"), json!({ "is_active": true })).await;
    assert_eq!(accept(&world, &third, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn an_address_that_has_an_account_needs_its_password() {
    let world = World::new().await;
    let admin = world.admin().await;
    // The operator has set the password of this one, so that it opens the tenant without an invitation too.
    let (_, token) = invited(&admin, "member@globex.test").await;
    accept(&world, &token, "another password").await.is_problem(401, "invalid_credentials");
    assert_eq!(tenant(&accept(&world, &token, PASSWORD).await), json!("acme"));
    for tenant in ["acme", "globex"] {
        assert_eq!(sign_in(&world, "member@globex.test", PASSWORD, tenant).await.status, 200);
    }
}

#[tokio::test]
async fn a_tenant_cannot_take_an_address_that_another_one_trusts() {
    let world = World::new().await;
    let (evil, honest) = (world.admin().await, world.user("admin@globex.test").await);
    let (_, token) = invited(&evil, "victim@globex.test").await;
    assert_eq!(accept(&world, &token, "known to the evil one").await.status, 200);
    let (id, token) = invited(&honest, "victim@globex.test").await;
    sign_in(&world, "victim@globex.test", "known to the evil one", "globex")
        .await
        .is_problem(401, "invalid_credentials");
    assert_eq!(sign_in(&world, "victim@globex.test", "known to the evil one", "acme").await.status, 200);
    accept(&world, &token, "the victim's own").await.is_problem(401, "invalid_credentials");
    // The operator settles whose it is.
    crm_http::auth::set_password(&world.crm, "victim@globex.test", "the victim's own").await.unwrap();
    assert_eq!(sign_in(&world, "victim@globex.test", "the victim's own", "globex").await.status, 200);
    sign_in(&world, "victim@globex.test", "known to the evil one", "acme")
        .await
        .is_problem(401, "invalid_credentials");
    assert_eq!(honest.get(&format!("/api/users/{id}")).await.status, 200);
}

#[tokio::test]
async fn another_address_is_another_person() {
    let world = World::new().await;
    let (evil, honest) = (world.admin().await, world.user("admin@globex.test").await);
    let (_, token) = invited(&evil, "evil@acme.test").await;
    assert_eq!(accept(&world, &token, "known to the evil one").await.status, 200);
    let (id, token) = invited(&honest, "new@globex.test").await;
    assert_eq!(accept(&world, &token, "a password of their own").await.status, 200);
    let path = format!("/api/users/{id}");
    assert_eq!(honest.patch(&path, json!({ "email": "evil@acme.test" })).await.status, 200);
    sign_in(&world, "evil@acme.test", "known to the evil one", "globex")
        .await
        .is_problem(401, "invalid_credentials");
    // What has been accepted under the old address is over, and so is what is still open under it.
    let token = invite(&honest, &id).await.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(honest.patch(&path, json!({ "email": "new@globex.test" })).await.status, 200);
    accept(&world, &token, "known to the evil one").await.is_problem(401, "invalid_invitation");
}

#[tokio::test]
async fn owners_are_invited_by_owners_and_nobody_elsewhere() {
    let world = World::new().await;
    let owner = world.user("owner@acme.test").await;
    let made = owner.make("/api/users", json!({ "email": "second@acme.test", "role": "owner" })).await;
    let id = made["id"].as_str().unwrap();
    invite(&world.admin().await, id).await.is_problem(403, "forbidden");
    invite(&world.member().await, id).await.is_problem(403, "forbidden");
    invite(&world.user("owner@globex.test").await, id).await.is_problem(404, "not_found");
    assert_eq!(invite(&owner, id).await.status, 201);
}

#[tokio::test]
async fn hosts_and_operators_stand_for_the_users_that_they_give_a_password() {
    let world = World::new().await;
    let directory = world.crm.maintenance();
    let third = world.crm.directory(&directory).create_tenant(Tenant::new("third", "Third")).await.unwrap();
    let scope = world.crm.scope(third.id, Actor::job("host"));
    world.crm.users(&scope).create(User::new("member@acme.test", Role::Viewer)).await.unwrap();
    assert_eq!(sign_in(&world, "member@acme.test", PASSWORD, "third").await.status, 200);
}
