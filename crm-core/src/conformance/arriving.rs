//! Moving a tenant: what is taken in is what was elsewhere, or nothing of it is there.

use std::{io::Cursor, sync::Arc};

use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use crate::{
    Actor, ApiKey, ArchiveError, Conflict, CounterQuery, Crm, Customer, Delta, Entity, Error, Event, Intake,
    Lead, MemoryStore, Query, Record, Role, Row, Settings, Store, Tenant, TenantId, TenantScope, User, Value,
    archive::kinds, objects, referred_to_first,
};

use super::{
    specimen::{populate, populate_with},
    workbench::{Draft, Everything, Workbench, anything, counter_names, refused, search},
};

/// Counters as what a part adds to them.
async fn counted(bench: &Workbench, scope: &TenantScope) -> Vec<Delta> {
    let names = counter_names();
    let counters = bench.store.counters(scope, &CounterQuery::of(&names)).await.expect("counters succeeds");
    let counters = counters.counters.into_iter().filter_map(|counter| {
        let name = names.iter().find(|name| **name == counter.name)?;
        Some(Delta { name, key: counter.key, by: counter.value })
    });
    counters.collect()
}

/// Everything of a tenant in parts of seven rows or events.
async fn parts(bench: &Workbench, scope: &TenantScope) -> Vec<Intake> {
    let mut parts = vec![Intake { founds_tenant: true, ..Intake::default() }];
    for object in referred_to_first() {
        for rows in bench.all(scope, object, &anything()).await.chunks(7) {
            let rows = rows.iter().map(|row| (object, row.clone())).collect();
            parts.push(Intake { rows, ..Intake::default() });
        }
    }
    for events in bench.events(scope).await.chunks(7) {
        parts.push(Intake { events: events.to_vec(), ..Intake::default() });
    }
    let last = bench.all(scope, Lead::object(), &anything()).await.iter().filter_map(|row| row.number).max();
    let numbers = vec![(Lead::object(), last.unwrap_or(0))];
    parts.push(Intake { counters: counted(bench, scope).await, numbers, ..Intake::default() });
    parts
}

pub(super) async fn a_tenant_is_taken_in_as_it_was(bench: &Workbench) {
    let (source, target) = (bench.found().await, bench.nowhere());
    populate(bench, &source, 20).await;
    let solar = bench.customers(&source, &["Solar Ltd"]).await.remove(0);
    let other = bench.found().await;
    let before = bench.everything(&other, &[]).await;
    for part in parts(bench, &source).await {
        bench.store.take_in(&target, part).await.expect("take_in succeeds");
    }
    assert_eq!(bench.everything(&target, &[]).await, bench.everything(&source, &[]).await);
    assert_eq!(bench.everything(&other, &[]).await, before);
    for terms in ["solar", "so", "a", "é", "10"] {
        for object in [Customer::object(), Lead::object(), User::object()] {
            let (there, here) = (
                bench.all(&source, object, &search(terms)).await,
                bench.all(&target, object, &search(terms)).await,
            );
            assert_eq!(here, there, "{terms} in {object:?}");
        }
    }
    assert_eq!(bench.all(&target, Customer::object(), &search("solar ltd")).await, [solar]);
    let mut given = Vec::new();
    for scope in [&source, &target] {
        let lead = bench.lead(Lead::company("Next"));
        given.push(bench.create(scope, Lead::object(), &[lead]).await);
    }
    assert_eq!(given[0], given[1], "numbers and events go on alike");
}

pub(super) async fn what_is_taken_in_must_fit_what_is_there(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let there = bench.row(Customer::company("There").external_id("x"));
    bench.create(&scope, object, std::slice::from_ref(&there)).await;
    let before = bench.everything(&scope, &[]).await;
    let fresh = || bench.customer("Fresh");
    let next = Event { seq: bench.head(&scope).await + 1, ..bench.events(&scope).await.remove(0) };
    let mut lost = fresh();
    lost.values[object.index_of("owner_id").expect("a field")] = Value::Id(bench.new_id());
    let rows = |rows: &[&Row]| Intake {
        rows: rows.iter().map(|row| (object, (*row).clone())).collect(),
        ..Intake::default()
    };
    let events = |events: Vec<Event>| Intake { events, ..rows(&[&fresh()]) };
    let conflict = |intake: Intake| async {
        match bench.store.take_in(&scope, intake).await {
            Err(Error::Conflict(conflict)) => conflict,
            other => panic!("must be refused, got {other:?}"),
        }
    };
    assert_eq!(conflict(rows(&[&fresh(), &there])).await, Conflict::Version { object: "customers" });
    let twin = bench.row(Customer::company("Twin").external_id("x"));
    let taken = Conflict::Unique { object: "customers", field: "external_id" };
    assert_eq!(conflict(rows(&[&fresh(), &twin])).await, taken);
    let nowhere = Conflict::Reference { object: "customers", field: "owner_id" };
    assert_eq!(conflict(rows(&[&fresh(), &lost])).await, nowhere);
    let later = Event { seq: next.seq + 1, ..next.clone() };
    for wrong in [vec![later.clone()], vec![next.clone(), next.clone()], bench.events(&scope).await] {
        assert_eq!(conflict(events(wrong)).await, Conflict::Log);
    }
    assert_eq!(conflict(Intake { founds_tenant: true, ..Intake::default() }).await, Conflict::Tenant);
    let over = Delta { name: "customers", key: "active".into(), by: i64::MAX };
    let over = Intake { counters: vec![over], ..rows(&[&fresh()]) };
    refused!(bench.store.take_in(&scope, over).await, Error::Invalid { .. });
    assert_eq!(bench.everything(&scope, &[]).await, before);

    let nowhere = bench.nowhere();
    refused!(bench.store.take_in(&nowhere, rows(&[&fresh()])).await, Error::NotFound { what: "tenant" });
    let founding = Intake { founds_tenant: true, ..rows(&[&fresh(), &lost]) };
    refused!(bench.store.take_in(&nowhere, founding).await, Error::Conflict(Conflict::Reference { .. }));
    refused!(
        bench.try_commit(&nowhere, bench.draft().create(object, &fresh())).await,
        Error::NotFound { what: "tenant" }
    );
    bench.store.take_in(&scope, events(vec![next, later])).await.expect("what follows fits");
}

/// A tenant with all kinds of records and values, and a past.
async fn acme(bench: &Workbench) -> (Record<Tenant>, TenantScope) {
    let maintenance = bench.crm.maintenance();
    let settings = Settings::default().time_zone("Europe/Berlin");
    let directory = bench.crm.directory(&maintenance);
    let acme = directory.create_tenant_with(None, Tenant::new("acme", "Acme"), settings).await;
    let acme = acme.expect("a tenant");
    let scope = bench.crm.scope(acme.id, Actor::job("conformance"));
    let leads = bench.crm.leads(&scope);
    for nth in 0..7 {
        bench.tick();
        let lead = leads.create(Lead::company(format!("Solar {nth}")).source("Fair")).await.expect("a lead");
        leads.advance(lead.id, "qualified").await.expect("it advances");
        match nth % 3 {
            0 => drop(leads.convert(lead.id, None).await.expect("it is won")),
            1 => leads.delete(lead.id, None).await.expect("it is deleted"),
            _ => {}
        }
    }
    let gone = bench.crm.customers(&scope).create(Customer::company("Erased")).await.expect("a customer");
    bench.crm.customers(&scope).delete(gone.id, None).await.expect("it is deleted");
    bench.crm.customers(&scope).erase(gone.id).await.expect("it is erased");
    (acme, scope)
}

async fn exported(crm: &Crm, tenant: TenantId) -> Vec<u8> {
    let mut file = Vec::new();
    crm.directory(&crm.maintenance()).export_tenant(tenant, &mut file).await.expect("it is exported");
    file
}

async fn imported(crm: &Crm, file: &[u8], slug: Option<&str>) -> Result<Record<Tenant>, ArchiveError> {
    crm.directory(&crm.maintenance()).import_tenant(Cursor::new(file), slug).await
}

async fn assert_sound(crm: &Crm, tenant: TenantId) {
    let report = crm.verify(&crm.maintenance(), tenant).await.expect("verify succeeds");
    assert_eq!(report.differences, [""; 0]);
}

pub(super) async fn an_archive_brings_a_tenant_back(bench: &Workbench) {
    let (acme, scope) = acme(bench).await;
    comes_back(bench, &acme, &scope).await;
    let found = bench.crm.leads(&scope).list(Query::new().search("solar")).await.expect("a page").data;
    assert_eq!(found.len(), 5);
    bench.crm.leads(&scope).advance(found[1].id, "contacted").await.expect("work goes on");
    assert_sound(&bench.crm, acme.id).await;

    let maintenance = bench.crm.maintenance();
    let all = bench.crm.directory(&maintenance).create_tenant(Tenant::new("all", "All values")).await;
    let all = all.expect("a tenant");
    let scope = bench.crm.scope(all.id, Actor::job("conformance"));
    populate_with(bench, &scope, 40, &kinds().collect::<Vec<_>>()).await;
    comes_back(bench, &all, &scope).await;
}

/// Erases a tenant and takes it in again from its archive.
async fn comes_back(bench: &Workbench, tenant: &Record<Tenant>, scope: &TenantScope) {
    let maintenance = bench.crm.maintenance();
    let directory = bench.crm.directory(&maintenance);
    let (before, file) = (bench.everything(scope, &[]).await, exported(&bench.crm, tenant.id).await);
    directory.erase_tenant(tenant.id).await.expect("it is erased");
    let back = imported(&bench.crm, &file, None).await.expect("it is taken in");
    assert_eq!((back.id, &back.data, back.created_at), (tenant.id, &tenant.data, tenant.created_at));
    let listed = directory.tenant_by_slug(&tenant.slug).await.expect("an answer");
    assert_eq!(listed.map(|own| own.id), Some(tenant.id));
    assert_eq!(without_secrets(bench.everything(scope, &[]).await), without_secrets(before));
    assert_sound(&bench.crm, tenant.id).await;
    assert!(exported(&bench.crm, tenant.id).await == file, "its archive is another one");
}

/// What is kept of a secret is that there was one.
fn without_secrets(mut everything: Everything) -> Everything {
    for object in objects() {
        let secret = object.fields.iter().position(|field| field.secret);
        for row in everything.rows.get_mut(object.name).into_iter().flatten() {
            secret.into_iter().for_each(|index| row.values[index] = Value::Null);
        }
    }
    everything
}

pub(super) async fn an_archive_carries_a_tenant_to_another_store(bench: &Workbench) {
    let (tenant, scope) = acme(bench).await;
    let file = exported(&bench.crm, tenant.id).await;
    let memory: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let elsewhere = bench.crm_on(&memory);
    imported(&elsewhere, &file, None).await.expect("it is taken in");
    assert_sound(&elsewhere, tenant.id).await;
    assert!(exported(&elsewhere, tenant.id).await == file, "its archive is another one");
    let made =
        elsewhere.customers(&scope).create(Customer::company("Made elsewhere")).await.expect("a customer");
    let file = exported(&elsewhere, tenant.id).await;
    bench.crm.directory(&bench.crm.maintenance()).erase_tenant(tenant.id).await.expect("it is erased");
    imported(&bench.crm, &file, Some("acme-again")).await.expect("it is taken in");
    assert_eq!(bench.crm.customers(&scope).get(made.id).await.expect("it is there"), made);
    let renamed = String::from_utf8(file).expect("text").replacen("\"acme\"", "\"acme-again\"", 1);
    let again = String::from_utf8(exported(&bench.crm, tenant.id).await).expect("text");
    let records = |text: &str| text.lines().rev().skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(records(&again), records(&renamed), "but for the slug and the digest it is the same");
}

pub(super) async fn no_number_is_given_again_after_a_move(bench: &Workbench) {
    let (tenant, scope) = acme(bench).await;
    let leads = bench.crm.leads(&scope);
    let last = leads.create(Lead::company("Last")).await.expect("a lead");
    leads.delete(last.id, None).await.expect("it is deleted");
    leads.erase(last.id).await.expect("it is erased");
    let file = exported(&bench.crm, tenant.id).await;
    bench.crm.directory(&bench.crm.maintenance()).erase_tenant(tenant.id).await.expect("it is erased");
    imported(&bench.crm, &file, None).await.expect("it is taken in");
    let next = leads.create(Lead::company("Next")).await.expect("a lead");
    assert_eq!(next.number, last.number.map(|number| number + 1));
}

pub(super) async fn an_archive_lets_nobody_in(bench: &Workbench) {
    let (tenant, scope) = acme(bench).await;
    let maintenance = bench.crm.maintenance();
    let directory = bench.crm.directory(&maintenance);
    let ada = bench.crm.users(&scope).create(User::new("ada@acme.test", Role::Owner)).await.expect("a user");
    directory.set_password_hash("ada@acme.test", "hidden-of-ada").await.expect("an account");
    let key = ApiKey { secret_hash: "hidden-of-a-key".into(), ..ApiKey::default().name("Sync") };
    let key = bench.crm.records::<ApiKey>(&scope).create(key).await.expect("a key");
    let file = exported(&bench.crm, tenant.id).await;
    assert!(!String::from_utf8_lossy(&file).contains("hidden-of"), "a secret is in the archive");
    directory.erase_tenant(tenant.id).await.expect("it is erased");
    imported(&bench.crm, &file, None).await.expect("it is taken in");
    assert_eq!(directory.account("ada@acme.test").await.expect("an answer"), None);
    let places = directory.memberships("ada@acme.test").await.expect("an answer");
    assert_eq!(places, [(tenant.id, ada.id)]);
    assert_eq!(directory.user(tenant.id, ada.id).await.expect("an answer"), Some(ada));
    let key = directory.api_key(tenant.id, key.id).await.expect("an answer").expect("it is listed");
    assert_eq!((key.name.as_str(), key.secret_hash.as_str()), ("Sync", ""));
}

pub(super) async fn a_tenant_that_is_there_is_not_taken_in_again(bench: &Workbench) {
    let (tenant, scope) = acme(bench).await;
    let file = exported(&bench.crm, tenant.id).await;
    let before = bench.everything(&scope, &[]).await;
    let taken = |done: Result<Record<Tenant>, ArchiveError>| match done {
        Err(ArchiveError::Taken(what)) => what,
        other => panic!("must be refused, got {other:?}"),
    };
    assert_eq!(taken(imported(&bench.crm, &file, None).await), "a tenant `acme`");
    let other = taken(imported(&bench.crm, &file, Some("other")).await);
    assert_eq!(other, format!("the tenant {}, as `acme`,", tenant.id));
    let maintenance = bench.crm.maintenance();
    let directory = bench.crm.directory(&maintenance);
    directory.create_tenant(Tenant::new("globex", "Globex")).await.expect("a tenant");
    assert_eq!(taken(imported(&bench.crm, &file, Some("globex")).await), "a tenant `globex`");
    assert_eq!(bench.everything(&scope, &[]).await, before);
    // Data that no entry leads to may be a host's that keeps no directory.
    let (unlisted, own) = (bench.found().await, tenant.id.to_string());
    let file = String::from_utf8(file).expect("text").replace(&own, &unlisted.tenant().to_string());
    let file = signed(file.lines().map(str::to_owned).collect());
    let unlisted = format!("data of a tenant {}", unlisted.tenant());
    assert_eq!(taken(imported(&bench.crm, &file, Some("other")).await), unlisted);
}

/// An archive of these lines, but for the last, with the digest that it should have.
fn signed(mut lines: Vec<String>) -> Vec<u8> {
    lines.pop();
    let mut text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let digest: String = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
    text.push_str(&format!("{}\n", json!({ "line": "end", "lines": lines.len(), "sha256": digest })));
    text.into_bytes()
}

pub(super) async fn a_damaged_archive_is_refused_and_leaves_nothing(bench: &Workbench) {
    let (tenant, scope) = acme(bench).await;
    let file = exported(&bench.crm, tenant.id).await;
    let maintenance = bench.crm.maintenance();
    let directory = bench.crm.directory(&maintenance);
    directory.erase_tenant(tenant.id).await.expect("it is erased");
    let lines: Vec<String> =
        String::from_utf8(file.clone()).expect("text").lines().map(str::to_owned).collect();
    let changed = |nth: usize, change: &dyn Fn(&mut Json)| {
        let mut lines = lines.clone();
        let mut line: Json = serde_json::from_str(&lines[nth]).expect("JSON");
        change(&mut line);
        lines[nth] = line.to_string();
        signed(lines)
    };
    let with = |what: &str| lines.iter().position(|line| line.contains(what)).expect("there is such a line");
    let (lead, event) = (with("\"object\":\"leads\",\"id\""), with("\"line\":\"event\""));
    let mut flipped = file.clone();
    flipped[file.len() / 2] ^= 1;
    let mut damaged = vec![
        (Vec::new(), "no archive"),
        (b"Id,Name\n1,Ada\n".to_vec(), "no archive"),
        (file[..file.len() - 1].to_vec(), "cut"),
        (file[..file.len() / 2].to_vec(), "cut"),
        (flipped, "line "),
        ([&file[..], b"more"].concat(), "follows"),
        ([&file[..], &file[..]].concat(), "follows"),
        (changed(0, &|line| line["version"] = json!(2)), "version 2"),
        (changed(0, &|line| line["format"] = json!("tar")), "no archive"),
        (changed(0, &|line| line["records"]["leads"] = json!(1)), "as many"),
        (changed(0, &|line| line["events"] = json!(1)), "as many"),
        (changed(lead, &|line| line["object"] = json!("sessions")), "no kind of record"),
        (changed(lead, &|line| line["values"]["more"] = json!(1)), "no field"),
        (changed(lead, &|line| line["values"]["company"] = json!(7)), "does not fit"),
        (changed(lead, &|line| line["values"]["company"] = json!("a\u{0}b")), "control character"),
        (changed(lead, &|line| line["version"] = json!(99)), "contradicts itself"),
        (changed(lead, &|line| line["number"] = Json::Null), "no number"),
        (changed(event, &|line| line["seq"] = json!(7)), "event 7"),
        (changed(event, &|line| line["object"] = json!("cars")), "unknown kind"),
        (changed(event, &|line| line["kind"] = json!("sold")), "no line of an archive"),
    ];
    let without = |nth: usize| {
        let mut lines = lines.clone();
        lines.remove(nth);
        signed(lines)
    };
    damaged.push((without(lead), "as many"));
    damaged.push((without(with("\"object\":\"settings\",\"id\"")), "before the settings"));
    for end in (1..lines.len()).step_by(5) {
        damaged.push((
            lines[..end].iter().map(|line| format!("{line}\n")).collect::<String>().into_bytes(),
            "cut",
        ));
    }
    for (nth, (archive, word)) in damaged.iter().enumerate() {
        let told = match imported(&bench.crm, archive, None).await {
            Err(error) => error.to_string(),
            Ok(done) => panic!("{nth}, {word}: was taken in as {done:?}"),
        };
        assert!(told.contains(word), "{nth}: no `{word}` in `{told}`");
        assert_eq!(directory.tenants(Query::new()).await.expect("a page").data, []);
        assert!(bench.all(&scope, Lead::object(), &anything()).await.is_empty(), "{word}");
        assert_eq!(bench.head(&scope).await, 0, "{word}");
        refused!(
            bench
                .try_commit(
                    &scope,
                    Draft::new(bench.now()).create(Customer::object(), &bench.customer("Late"))
                )
                .await,
            Error::NotFound { what: "tenant" }
        );
    }
    bench.clock.advance(TimeDelta::hours(1));
    imported(&bench.crm, &file, None).await.expect("the whole one is taken in after all of that");
    assert_sound(&bench.crm, tenant.id).await;
}
