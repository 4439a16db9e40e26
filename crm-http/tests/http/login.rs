//! Signing in and out.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use axum::{extract::ConnectInfo, http::Request};
use chrono::{TimeDelta, Utc};
use crm_core::{Actor, Crm, MemoryStore, Role, Tenant, User};
use serde_json::{Value as Json, json};

use crate::{
    counting::Counting,
    world::{Answer, PASSWORD, World, cheap, pairs},
};

#[tokio::test]
async fn a_password_opens_the_tenant_and_the_token_lets_in() {
    let world = World::new().await;
    let answer = world.sign_in(" Owner@ACME.test ", PASSWORD).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let login = answer.json();
    assert_eq!(
        (&login["user"]["email"], &login["user"]["role"]),
        (&json!("owner@acme.test"), &json!("owner"))
    );
    assert_eq!(login["tenant"], json!({ "id": world.acme.id, "slug": "acme", "name": "Acme Ltd" }));
    let expires_at = chrono::DateTime::parse_from_rfc3339(login["expires_at"].as_str().unwrap()).unwrap();
    let hours = (expires_at.with_timezone(&Utc) - Utc::now()).num_minutes();
    assert!((719..=720).contains(&hours), "{hours}");
    let client = world.stranger().with_token(login["token"].as_str().unwrap());
    let me = client.get("/api/auth/me").await.json();
    assert_eq!(
        (&me["user"], &me["tenant"], &me["role"]),
        (&login["user"], &login["tenant"], &json!("owner"))
    );
    let permissions: Vec<&str> =
        me["permissions"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert!(permissions.contains(&"erase:customers") && permissions.contains(&"update:pipelines"));
    assert!(!permissions.iter().any(|name| name.ends_with(":sessions")), "the directory is nobody's");
}

#[tokio::test]
async fn each_login_has_a_token_of_its_own() {
    let world = World::new().await;
    let (first, second) = (world.member().await, world.member().await);
    assert_ne!(first.token(), second.token());
    assert_eq!(first.token().len(), 43, "256 bits");
    let gone = first.call(axum::http::Method::POST, "/api/auth/logout", &[], None).await;
    assert_eq!(gone.status, 204);
    let refused = first.get("/api/auth/me").await;
    refused.is_problem(401, "unauthenticated");
    assert_eq!(refused.header("www-authenticate"), "Bearer error=\"invalid_token\"");
    assert_eq!(second.get("/api/auth/me").await.status, 200);
}

#[tokio::test]
async fn whoever_is_in_several_tenants_names_one() {
    let world = World::new().await;
    let login = world.sign_in("both@demo.test", PASSWORD).await;
    assert_eq!(login.status, 200);
    let tenants = json!([{ "slug": "acme", "name": "Acme Ltd" }, { "slug": "globex", "name": "Globex" }]);
    assert_eq!(login.json(), json!({ "token": null, "tenants": tenants }));
    for slug in ["acme", "globex"] {
        let credentials = json!({ "email": "both@demo.test", "password": PASSWORD, "tenant": slug });
        let login = world.stranger().post("/api/auth/login", credentials).await.json();
        assert_eq!(login["tenant"]["slug"], slug);
        let client = world.stranger().with_token(login["token"].as_str().unwrap());
        assert_eq!(client.get("/api/auth/me").await.json()["tenant"]["slug"], slug);
    }
    let admin = world.admin().await;
    let page = admin.get("/api/users?email=both@demo.test").await.json();
    let path = format!("/api/users/{}", page["data"][0]["id"].as_str().unwrap());
    assert_eq!(admin.patch(&path, json!({ "is_active": false })).await.status, 200);
    let login = world.sign_in("both@demo.test", PASSWORD).await.json();
    assert_eq!(login["tenant"]["slug"], "globex", "the only one that is left");
}

#[tokio::test]
async fn whatever_is_wrong_has_the_same_answer() {
    let world = World::new().await;
    let maintenance = world.crm.maintenance();
    let directory = world.crm.directory(&maintenance);
    let closed = directory.create_tenant(Tenant::new("closed", "Closed")).await.unwrap();
    let scope = world.crm.scope(closed.id, Actor::job("test"));
    world.crm.users(&scope).create(User::new("closed@demo.test", Role::Owner)).await.unwrap();
    let login = crm_http::auth::Login::with(world.crm.clone(), cheap());
    login.set_password("closed@demo.test", PASSWORD).await.unwrap();
    directory.update_tenant(closed.id, |tenant| tenant.status = "suspended".into()).await.unwrap();
    login.set_password("nowhere@demo.test", PASSWORD).await.unwrap();
    let wrong = [
        json!({ "email": "member@acme.test", "password": "wrong" }),
        json!({ "email": "member@acme.test", "password": "" }),
        json!({ "email": "member@acme.test", "password": PASSWORD, "tenant": "globex" }),
        json!({ "email": "member@acme.test", "password": PASSWORD, "tenant": "nothing" }),
        json!({ "email": "unknown@acme.test", "password": PASSWORD }),
        json!({ "email": "no address", "password": PASSWORD }),
        json!({ "email": "", "password": "" }),
        json!({ "email": "nowhere@demo.test", "password": PASSWORD }),
        json!({ "email": "closed@demo.test", "password": PASSWORD }),
        json!({ "email": "\u{0}", "password": "\u{0}" }),
    ];
    let mut seen = Vec::new();
    for credentials in wrong {
        let answer = world.stranger().post("/api/auth/login", credentials).await;
        answer.is_problem(401, "invalid_credentials");
        seen.push(answer.seen());
    }
    assert!(seen.iter().all(|answer| *answer == seen[0]));
}

#[tokio::test]
async fn an_unknown_user_costs_what_a_wrong_password_costs() {
    let store = Counting::default();
    let calls = Arc::clone(&store.calls);
    let world = World::on(Crm::new(store), cheap()).await;
    let mut seen = Vec::new();
    for email in ["member@acme.test", "unknown@acme.test"] {
        calls.lock().unwrap().clear();
        world.sign_in(email, "wrong password").await.is_problem(401, "invalid_credentials");
        // Beside the answer it is looked up whom to tell; only that finds something for the one and nothing for the other.
        while !calls.lock().unwrap().contains(&("query", "memberships")) {
            tokio::task::yield_now().await;
        }
        let calls = calls.lock().unwrap();
        let answered = calls.iter().position(|call| *call == ("query", "memberships")).unwrap();
        seen.push(calls[..=answered].to_vec());
    }
    assert_eq!(seen[0], [("query", "accounts"), ("query", "memberships")]);
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn what_is_taken_away_stops_working_at_once() {
    let world = World::new().await;
    let maintenance = world.crm.maintenance();
    let directory = world.crm.directory(&maintenance);
    let member = world.member().await;
    assert_eq!(member.get("/api/auth/me").await.status, 200);
    directory.update_tenant(world.acme.id, |tenant| tenant.status = "suspended".into()).await.unwrap();
    member.get("/api/auth/me").await.is_problem(401, "unauthenticated");
    directory.update_tenant(world.acme.id, |tenant| tenant.status = "active".into()).await.unwrap();
    assert_eq!(member.get("/api/auth/me").await.status, 200);
    let login = crm_http::auth::Login::with(world.crm.clone(), cheap());
    login.set_password("member@acme.test", "another password").await.unwrap();
    member.get("/api/auth/me").await.is_problem(401, "unauthenticated");
    world.sign_in("member@acme.test", PASSWORD).await.is_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn a_session_ends_when_its_time_is_over() {
    let offset = Arc::new(AtomicI64::new(0));
    let clock = Arc::clone(&offset);
    let crm = Crm::new(MemoryStore::new())
        .with_clock(move || Utc::now() + TimeDelta::seconds(clock.load(Ordering::SeqCst)));
    let mut settings = cheap();
    settings.session = Duration::from_secs(60);
    let world = World::on(crm, settings).await;
    let member = world.member().await;
    offset.store(55, Ordering::SeqCst);
    assert_eq!(member.get("/api/auth/me").await.status, 200);
    offset.store(61, Ordering::SeqCst);
    member.get("/api/auth/me").await.is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn expired_sessions_are_removed() {
    let offset = Arc::new(AtomicI64::new(0));
    let clock = Arc::clone(&offset);
    let crm = Crm::new(MemoryStore::new())
        .with_clock(move || Utc::now() + TimeDelta::seconds(clock.load(Ordering::SeqCst)));
    let world = World::on(crm, cheap()).await;
    let maintenance = world.crm.maintenance();
    world.member().await;
    offset.store(13 * 60 * 60, Ordering::SeqCst);
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(61)).await;
    tokio::time::resume();
    world.member().await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(
        world.crm.directory(&maintenance).purge_sessions().await.unwrap(),
        0,
        "nothing is left to remove"
    );
    offset.store(26 * 60 * 60, Ordering::SeqCst);
    assert_eq!(
        world.crm.directory(&maintenance).purge_sessions().await.unwrap(),
        1,
        "the second one was there"
    );
}

#[tokio::test]
async fn what_is_no_token_lets_nobody_in() {
    let world = World::new().await;
    let member = world.member().await;
    let token = member.token();
    let basic = format!("Basic {token}");
    let (cut, long) = (format!("Bearer {}", &token[1..]), format!("Bearer {token}A"));
    let other = if token.starts_with('A') { "B" } else { "A" };
    let other = format!("Bearer {other}{}", &token[1..]);
    for given in ["", "Bearer", "Bearer ", "Bearer null", token, &basic, &cut, &long, &other, "Bearer é"] {
        let headers = [("authorization", given)];
        let answer = world.stranger().call(axum::http::Method::GET, "/api/auth/me", &headers, None).await;
        answer.is_problem(401, "unauthenticated");
    }
    let given = format!("bearer {token}");
    let headers = [("authorization", given.as_str())];
    let answer = world.stranger().call(axum::http::Method::GET, "/api/auth/me", &headers, None).await;
    assert_eq!(answer.status, 200, "the scheme has no case");
}

#[tokio::test]
async fn credentials_of_the_wrong_shape_are_named() {
    let world = World::new().await;
    let stranger = world.stranger();
    let faults =
        stranger.post("/api/auth/login", json!({ "email": 1, "tenant": [], "user": "x" })).await.faults();
    let expected = [
        ("/email", "wrong_type"),
        ("/password", "required"),
        ("/tenant", "wrong_type"),
        ("/user", "unknown_field"),
    ];
    assert_eq!(faults, pairs(&expected));
}

/// Tries to sign in from an address.
async fn from(world: &World, address: &str, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password }).to_string();
    let request = Request::post("/api/auth/login").header("content-type", "application/json");
    let mut request = request.body(body.into()).unwrap();
    let address: SocketAddr = address.parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(address));
    world.stranger().send(request).await
}

#[tokio::test]
async fn an_account_is_guessed_at_only_so_often() {
    let mut settings = cheap();
    settings.account_tries = 3;
    let world = World::with(settings).await;
    for _ in 0..5 {
        assert_eq!(world.sign_in("member@acme.test", PASSWORD).await.status, 200, "success does not count");
    }
    for email in ["member@acme.test", "unknown@acme.test"] {
        for spelling in [email.to_owned(), email.to_uppercase(), format!(" {email} ")] {
            world.sign_in(&spelling, "wrong").await.is_problem(401, "invalid_credentials");
        }
        let limited = world.sign_in(email, PASSWORD).await;
        limited.is_problem(429, "rate_limited");
        let wait: u64 = limited.header("retry-after").parse().unwrap();
        assert!((1..=30).contains(&wait), "{wait}");
    }
    assert_eq!(world.sign_in("admin@acme.test", PASSWORD).await.status, 200, "others are not bothered");
}

#[tokio::test]
async fn guesses_side_by_side_are_counted_too() {
    let mut settings = cheap();
    settings.account_tries = 3;
    let world = Arc::new(World::with(settings).await);
    let guesses = (0..20).map(|_| {
        let world = Arc::clone(&world);
        tokio::spawn(async move { world.sign_in("member@acme.test", "wrong").await.status.as_u16() })
    });
    let mut counts = (0, 0);
    for guess in guesses.collect::<Vec<_>>() {
        match guess.await.unwrap() {
            401 => counts.0 += 1,
            429 => counts.1 += 1,
            status => panic!("{status}"),
        }
    }
    assert_eq!(counts, (3, 17));
}

#[tokio::test]
async fn an_address_guesses_only_so_often_whatever_the_account() {
    let mut settings = cheap();
    settings.address_tries = 3;
    let world = World::with(settings).await;
    for (address, same, other) in [
        ("192.0.2.1:1000", "192.0.2.1:2000", "192.0.2.2:1000"),
        ("[2001:db8::1]:1000", "[2001:db8::2]:1000", "[2001:db8:0:1::1]:1000"),
        ("[::ffff:198.51.100.1]:1000", "198.51.100.1:1000", "198.51.100.2:1000"),
    ] {
        for guess in 0..3 {
            let answer = from(&world, address, &format!("guess{guess}@acme.test"), "wrong").await;
            answer.is_problem(401, "invalid_credentials");
        }
        from(&world, same, "member@acme.test", PASSWORD).await.is_problem(429, "rate_limited");
        assert_eq!(from(&world, other, "member@acme.test", PASSWORD).await.status, 200);
    }
}

#[tokio::test]
async fn a_new_user_signs_in_with_the_account_that_the_address_has() {
    let world = World::new().await;
    let admin = world.admin().await;
    admin.make("/api/users", json!({ "email": "Member@globex.test", "role": "viewer" })).await;
    let login = world.sign_in("member@globex.test", PASSWORD).await.json();
    let slugs: Vec<&Json> =
        login["tenants"].as_array().unwrap().iter().map(|tenant| &tenant["slug"]).collect();
    assert_eq!(slugs, ["acme", "globex"]);
}

#[tokio::test]
async fn a_password_has_a_length_and_is_told_to_nobody() {
    let world = World::new().await;
    let member = world.member().await;
    let login = crm_http::auth::Login::with(world.crm.clone(), cheap());
    for (password, code) in
        [("short", "too_short"), ("éééééééé9", "too_short"), (&"x".repeat(1_001), "too_long")]
    {
        let refused = login.set_password("a@acme.test", password).await.unwrap_err();
        let crm_core::Error::Invalid { violations } = refused else { panic!("{refused}") };
        assert_eq!((violations[0].pointer.as_str(), violations[0].code), ("/password", code));
    }
    assert!(login.set_password("a@acme.test", "éééééééé90").await.is_ok(), "characters count, not bytes");
    for secret in [PASSWORD, member.token()] {
        for path in ["/api/users", "/api/auth/me"] {
            let told = String::from_utf8(member.get(path).await.bytes).unwrap();
            assert!(!told.contains(secret) && !told.contains("argon2"), "{path}");
        }
    }
}
