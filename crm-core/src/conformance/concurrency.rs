//! Concurrency: many tasks on one tenant, and each sees whole commits in one order.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use uuid::Uuid;

use crate::{
    Conflict, Contact, CounterQuery, Customer, Entity, Error, EventQuery, Expect, Id, Lead, Pipeline, Query,
    Role, Row, Stage, StageKind, Store, TenantScope, User, Value,
};

use super::workbench::{Draft, FOUNDING, Workbench, anything, every, ids, revised};

const TASKS: usize = 32;

/// Runs every task at the same time, on all threads of the runtime; their answers in order.
async fn together<T: Send + 'static>(
    tasks: impl Iterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let tasks: Vec<_> = tasks.map(tokio::spawn).collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.expect("the task does not panic"));
    }
    answers
}

fn commit(
    bench: &Workbench,
    scope: &TenantScope,
    draft: Draft,
) -> impl Future<Output = crate::Result<crate::Committed>> + use<> {
    let (store, scope) = (Arc::clone(&bench.store), scope.clone());
    async move { store.commit(&scope, draft.build()).await }
}

pub(super) async fn numbers_and_events_of_many_writers_are_gapless(bench: &Workbench) {
    let scope = bench.found().await;
    let writers = (0..TASKS).map(|task| {
        let drafts: Vec<Draft> = (0..10)
            .map(|nth| {
                let lead = |_| bench.lead(Lead::company(format!("Company {task} {nth}")));
                let rows: Vec<Row> = (0..1 + nth % 3).map(lead).collect();
                rows.iter().fold(bench.draft(), |draft, row| draft.create(Lead::object(), row))
            })
            .collect();
        let (store, scope) = (Arc::clone(&bench.store), scope.clone());
        async move {
            let mut done = Vec::new();
            for draft in drafts {
                done.push(store.commit(&scope, draft.build()).await.expect("the commit succeeds"));
            }
            done
        }
    });
    let done: Vec<_> = together(writers).await.into_iter().flatten().collect();
    let mut numbers: Vec<i64> = done.iter().flat_map(|done| done.numbers.clone()).collect();
    numbers.sort_unstable();
    let total = numbers.len() as i64;
    assert_eq!(numbers, (1..=total).collect::<Vec<_>>());
    for own in &done {
        assert!(own.numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "those of a batch stand together");
        assert_eq!(own.last - own.first + 1, own.numbers.len() as i64, "and so do its events");
    }
    let seqs: Vec<i64> = bench.events(&scope).await.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=FOUNDING + total).collect::<Vec<_>>());
    assert_eq!(bench.counter(&scope, "leads", "new").await, total);
}

pub(super) async fn no_update_is_lost(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let row = bench.row(Customer::company("0"));
    bench.create(&scope, object, std::slice::from_ref(&row)).await;
    let (id, at) = (row.id, bench.draft());
    let writers = (0..TASKS).map(|_| {
        let (store, scope, draft) = (Arc::clone(&bench.store), scope.clone(), at.clone());
        async move {
            for _ in 0..5 {
                for attempt in 0.. {
                    assert!(attempt < 10_000, "a change that rests on the newest version never succeeds");
                    let before = store.get(&scope, object, &[id]).await.expect("get succeeds").remove(0);
                    let count: u32 =
                        before.values[0].as_text().and_then(|text| text.parse().ok()).expect("a count");
                    let after = revised(&before, "company", object, Value::Text((count + 1).to_string()));
                    match store.commit(&scope, draft.clone().update(object, &before, &after).build()).await {
                        Ok(_) => break,
                        Err(Error::Conflict(Conflict::Version { .. })) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
            }
        }
    });
    together(writers).await;
    let row = bench.get(&scope, object, id).await.expect("the row");
    assert_eq!((row.values[0].as_text(), row.version), (Some("160"), 161));
}

pub(super) async fn edits_of_one_record_all_come_through(bench: &Workbench) {
    let scope = bench.found().await;
    let made = bench.crm.customers(&scope).create(Customer::company("Solar").notes("")).await.unwrap();
    let writers = (0..8).map(|task| {
        let (crm, scope, id) = (bench.crm.clone(), scope.clone(), made.id);
        async move {
            let label = format!("task {task}");
            crm.customers(&scope).update(id, move |own| own.tags.push(label.clone())).await.map(drop)
        }
    });
    for done in together(writers).await {
        done.expect("the update succeeds");
    }
    let mut tags = bench.crm.customers(&scope).get(made.id).await.unwrap().tags.clone();
    tags.sort();
    assert_eq!(tags, (0..8).map(|task| format!("task {task}")).collect::<Vec<_>>());
}

pub(super) async fn of_many_with_one_unique_value_one_wins(bench: &Workbench) {
    let scope = bench.found().await;
    for round in 0..5 {
        let rows: Vec<Row> = (0..TASKS)
            .map(|_| bench.row(Customer::company("Twin").external_id(format!("x-{round}"))))
            .collect();
        let tries =
            rows.iter().map(|row| commit(bench, &scope, bench.draft().create(Customer::object(), row)));
        let mut won = 0;
        for done in together(tries).await {
            match done {
                Ok(_) => won += 1,
                Err(Error::Conflict(Conflict::Unique { object: "customers", field: "external_id" })) => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(won, 1);
    }
    assert_eq!(bench.count(&scope, Customer::object(), &anything()).await, 5);
    assert_eq!(bench.head(&scope).await, FOUNDING + 5);
}

pub(super) async fn of_many_updates_to_one_version_one_wins(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let row = bench.customers(&scope, &["Contested"]).await.remove(0);
    let tries = (0..TASKS).map(|task| {
        let after = revised(&row, "company", object, Value::Text(format!("Task {task}")));
        commit(bench, &scope, bench.draft().update(object, &row, &after))
    });
    let done = together(tries).await;
    assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1);
    let winner = done.iter().position(Result::is_ok).expect("a winner");
    let stored = bench.get(&scope, object, row.id).await.expect("the row");
    assert_eq!(
        stored.values[0],
        Value::Text(format!("Task {winner}")),
        "whose answer was yes, that one's is stored"
    );
    assert_eq!(bench.head(&scope).await, FOUNDING + 2);
}

pub(super) async fn concurrent_twins_of_a_key_have_one_effect(bench: &Workbench) {
    let scope = bench.found().await;
    let tries = (0..TASKS).map(|_| {
        let lead = bench.lead(Lead::company("Once"));
        commit(bench, &scope, bench.draft().create(Lead::object(), &lead).once(1, 1))
    });
    let done: Vec<_> =
        together(tries).await.into_iter().map(|done| done.expect("the commit succeeds")).collect();
    assert_eq!(done.iter().filter(|done| !done.replayed).count(), 1);
    let first = FOUNDING + 1;
    assert!(done.iter().all(|done| (done.first, done.last, &done.numbers[..]) == (first, first, &[1][..])));
    assert_eq!(bench.count(&scope, Lead::object(), &anything()).await, 1);
}

pub(super) async fn of_many_founders_one_founds(bench: &Workbench) {
    let scope = bench.nowhere();
    let tries = (0..TASKS).map(|task| {
        let row = bench.customer(&format!("Founder {task}"));
        commit(bench, &scope, bench.draft().founding().create(Customer::object(), &row))
    });
    let mut founded = 0;
    for done in together(tries).await {
        match done {
            Ok(_) => founded += 1,
            Err(Error::Conflict(Conflict::Tenant)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((founded, bench.head(&scope).await), (1, 1));
}

/// Runs a reader over and over while the writer works.
async fn meanwhile<R: Future<Output = ()> + Send>(
    writer: impl Future<Output = ()> + Send + 'static,
    mut read: impl FnMut() -> R + Send,
) {
    let done = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&done);
    let writer = tokio::spawn(async move {
        writer.await;
        flag.store(true, Ordering::SeqCst);
    });
    while !done.load(Ordering::SeqCst) && !writer.is_finished() {
        read().await;
        tokio::task::yield_now().await;
    }
    writer.await.expect("the writer does not panic");
    read().await;
}

pub(super) async fn no_reader_sees_half_a_batch(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let rows = bench.customers(&scope, &["0", "0", "0"]).await;
    let wanted = ids(&rows);
    let (store, writing, draft) = (Arc::clone(&bench.store), scope.clone(), bench.draft());
    let writer = async move {
        let mut rows = rows;
        for round in 1..=150 {
            let change = |row: &Row| revised(row, "company", object, Value::Text(round.to_string()));
            let after: Vec<Row> = rows.iter().map(change).collect();
            let changes = rows.iter().zip(&after);
            let batch =
                changes.fold(draft.clone(), |draft, (before, after)| draft.update(object, before, after));
            store.commit(&writing, batch.build()).await.expect("the commit succeeds");
            rows = after;
        }
    };
    let whole = |rows: &[Row], how: &str| {
        assert_eq!(rows.len(), 3);
        assert!(rows.iter().all(|row| row.values[0] == rows[0].values[0]), "{how} saw half a batch");
    };
    let (store, scope, wanted) = (&bench.store, &scope, &wanted);
    meanwhile(writer, || async move {
        whole(&store.get(scope, object, wanted).await.expect("get succeeds"), "get");
        whole(&store.query(scope, &every(object)).await.expect("query succeeds").rows, "query");
    })
    .await;
}

pub(super) async fn figures_are_of_one_moment(bench: &Workbench) {
    let scope = bench.found().await;
    let drafts: Vec<Draft> = (0..150)
        .map(|nth| {
            bench.draft().create(Customer::object(), &bench.customer(&nth.to_string())).add(
                "test.figure",
                "",
                1,
            )
        })
        .collect();
    let (store, writing) = (Arc::clone(&bench.store), scope.clone());
    let writer = async move {
        for draft in drafts {
            store.commit(&writing, draft.build()).await.expect("the commit succeeds");
        }
    };
    let (store, scope) = (&bench.store, &scope);
    meanwhile(writer, || async move {
        let query = CounterQuery::of(&["test.figure", "customers"]);
        let figures = store.counters(scope, &query).await.expect("counters succeeds");
        let counted = (figures.value("test.figure", ""), figures.value("customers", "active"));
        let made = figures.as_of - FOUNDING;
        assert_eq!(counted, (made, made), "at the head {}", figures.as_of);
    })
    .await;
}

pub(super) async fn a_reader_of_the_log_misses_nothing(bench: &Workbench) {
    let scope = bench.found().await;
    let writers: Vec<_> = (0..8)
        .map(|task| {
            let drafts: Vec<Draft> = (0..25)
                .map(|nth| {
                    let rows = (0..1 + nth % 3).map(|_| bench.customer(&format!("{task} {nth}")));
                    rows.fold(bench.draft(), |draft, row| draft.create(Customer::object(), &row))
                })
                .collect();
            let (store, scope) = (Arc::clone(&bench.store), scope.clone());
            async move {
                for draft in drafts {
                    store.commit(&scope, draft.build()).await.expect("the commit succeeds");
                }
            }
        })
        .collect();
    let seen = Arc::new(std::sync::atomic::AtomicI64::new(0));
    let (store, scope, last) = (&bench.store, &scope, &seen);
    meanwhile(
        async move {
            together(writers.into_iter()).await;
        },
        || async move {
            let after = last.load(Ordering::SeqCst);
            let events = store.events(scope, &EventQuery { after, ..EventQuery::default() }).await;
            for (event, expected) in events.expect("events succeeds").iter().zip(after + 1..) {
                assert_eq!(event.seq, expected, "a later event was seen first");
                last.store(event.seq, Ordering::SeqCst);
            }
        },
    )
    .await;
    assert_eq!(seen.load(Ordering::SeqCst), bench.head(scope).await);
}

pub(super) async fn what_was_acknowledged_is_read_at_once(bench: &Workbench) {
    let scope = bench.found().await;
    let tasks = (0..TASKS).map(|task| {
        let rows: Vec<Row> = (0..5).map(|nth| bench.customer(&format!("mark{task}x{nth}y"))).collect();
        let (store, scope, draft) = (Arc::clone(&bench.store), scope.clone(), bench.draft());
        async move {
            for row in rows {
                let create = draft.clone().create(Customer::object(), &row).build();
                let done = store.commit(&scope, create).await.expect("the commit succeeds");
                let got = store.get(&scope, Customer::object(), &[row.id]).await.expect("get succeeds");
                assert_eq!(got, std::slice::from_ref(&row));
                let found = super::workbench::search(row.values[0].as_text().expect("a text"));
                let live = crate::Visibility::Live;
                let count =
                    store.count(&scope, Customer::object(), &found, live).await.expect("count succeeds");
                assert_eq!(count, 1);
                let head =
                    store.counters(&scope, &CounterQuery::of(&[])).await.expect("counters succeeds").as_of;
                assert!(head >= done.last);
                let own = EventQuery { after: done.first - 1, limit: 1, ..EventQuery::default() };
                let events = store.events(&scope, &own).await.expect("events succeeds");
                assert_eq!(events[0].record_id, row.id);
            }
        }
    });
    together(tasks).await;
}

pub(super) async fn tenants_write_at_the_same_time(bench: &Workbench) {
    let mut scopes = Vec::new();
    for _ in 0..8 {
        scopes.push(bench.found().await);
    }
    let tasks = scopes.iter().flat_map(|scope| {
        (0..4).map(move |task| {
            let drafts: Vec<Draft> = (0..5)
                .map(|nth| {
                    bench.draft().create(Lead::object(), &bench.lead(Lead::company(format!("{task} {nth}"))))
                })
                .collect();
            let (store, scope) = (Arc::clone(&bench.store), scope.clone());
            async move {
                for draft in drafts {
                    store.commit(&scope, draft.build()).await.expect("the commit succeeds");
                }
            }
        })
    });
    together(tasks.collect::<Vec<_>>().into_iter()).await;
    for scope in &scopes {
        let numbers: Vec<Option<i64>> = {
            let sort = vec![(crate::Key::Number, crate::Direction::Ascending)];
            let rows = bench.pages(scope, crate::Select { sort, ..every(Lead::object()) }).await;
            rows.iter().map(|row| row.number).collect()
        };
        assert_eq!(numbers, (1..=20).map(Some).collect::<Vec<_>>());
        assert_eq!(bench.head(scope).await, FOUNDING + 20);
    }
}

pub(super) async fn counters_of_many_writers_keep_their_bounds(bench: &Workbench) {
    let scope = bench.found().await;
    bench.commit(&scope, bench.draft().add("test.figure", "", 10)).await;
    let tries = (0..TASKS).map(|_| {
        commit(bench, &scope, bench.draft().add("test.figure", "", -1).bound("test.figure", "", 0, i64::MAX))
    });
    let done = together(tries).await;
    assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 10);
    assert_eq!(bench.counter(&scope, "test.figure", "").await, 0);
}

pub(super) async fn two_owners_cannot_both_step_down(bench: &Workbench) {
    let scope = bench.found().await;
    let users = bench.crm.users(&scope);
    for round in 0..6 {
        let mut owners = Vec::new();
        for nth in 0..2 {
            let user = User::new(format!("owner{nth}.{round}@example.com"), Role::Owner);
            owners.push(users.create(user).await.unwrap().id);
        }
        let all = users.list(Query::new().filter(User::ROLE.eq("owner"))).await.unwrap().data;
        for other in all.iter().filter(|own| !owners.contains(&own.id)) {
            users.update(other.id, |own| own.role = "member".into()).await.unwrap();
        }
        let tries = owners.into_iter().enumerate().map(|(nth, id)| {
            let (crm, scope) = (bench.crm.clone(), scope.clone());
            async move {
                match (round + nth) % 3 {
                    0 => crm.users(&scope).update(id, |own| own.is_active = false).await.map(drop),
                    1 => crm.users(&scope).update(id, |own| own.role = "admin".into()).await.map(drop),
                    _ => crm.users(&scope).delete(id, None).await,
                }
            }
        });
        let done = together(tries).await;
        assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1, "{done:?}");
        assert_eq!(bench.counter(&scope, "users.owners", "").await, 1);
    }
}

pub(super) async fn two_contacts_cannot_both_be_primary(bench: &Workbench) {
    let scope = bench.found().await;
    let customer = bench.crm.customers(&scope).create(Customer::company("Solar")).await.unwrap().id;
    let tries = (0..8).map(|nth| {
        let (crm, scope) = (bench.crm.clone(), scope.clone());
        async move {
            let contact = Contact::at(customer, format!("Contact {nth}")).is_primary(true);
            crm.contacts(&scope).create(contact).await.map(drop)
        }
    });
    for done in together(tries).await {
        done.expect("the create succeeds");
    }
    let primary = Query::new().filter(Contact::IS_PRIMARY.eq(true));
    assert_eq!(bench.crm.contacts(&scope).count(&primary).await.unwrap(), 1);
    assert_eq!(bench.crm.contacts(&scope).count(&Query::new()).await.unwrap(), 8);
}

pub(super) async fn no_lead_enters_a_stage_that_goes_away(bench: &Workbench) {
    for round in 0..6 {
        let scope = bench.found().await;
        let id = Pipeline::of(scope.tenant());
        let extra = Stage {
            key: "extra".into(),
            name: "Extra".into(),
            kind: StageKind::Open,
            qualified: false,
            probability: crate::Probability::default(),
        };
        let pipelines = bench.crm.pipelines(&scope);
        pipelines.update(id, move |own| own.stages.0.push(extra.clone())).await.unwrap();
        let lead = bench.crm.leads(&scope).create(Lead::company("Solar")).await.unwrap().id;
        let tasks = (0..2).map(|task| {
            let (crm, scope) = (bench.crm.clone(), scope.clone());
            async move {
                if task == round % 2 {
                    crm.leads(&scope).advance(lead, "extra").await.map(drop)
                } else {
                    let pipelines = crm.pipelines(&scope);
                    let extra = |own: &mut Pipeline| own.stages.0.retain(|stage| stage.key != "extra");
                    pipelines.update(id, extra).await.map(drop)
                }
            }
        });
        let done = together(tasks).await;
        assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1, "{done:?}");
        let stage = bench.crm.leads(&scope).get(lead).await.unwrap().stage.clone();
        let pipeline = bench.crm.pipelines(&scope).get(id).await.unwrap();
        assert!(pipeline.stage(&stage).is_some(), "the lead is in `{stage}`, which is gone");
    }
}

pub(super) async fn a_reference_and_an_erasure_do_not_both_succeed(bench: &Workbench) {
    let scope = bench.found().await;
    let at = bench.now();
    for _ in 0..10 {
        let customer = bench.customers(&scope, &["Solar"]).await.remove(0);
        let deleted = bench.delete(&scope, Customer::object(), &customer).await;
        let contact = bench.row(Contact::at(Id::from_uuid(customer.id), "Ada"));
        let draft = bench.draft().create(Contact::object(), &contact);
        let refer = commit(bench, &scope, draft);
        let (store, acting, id) = (Arc::clone(&bench.store), scope.clone(), customer.id);
        let erase = async move { erased(&*store, &acting, id, at).await };
        let (refer, erase) = (tokio::spawn(refer), tokio::spawn(erase));
        let (referred, erased) = (refer.await.unwrap().is_ok(), erase.await.unwrap());
        assert!(referred != erased, "either the reference or the erasure succeeds");
        let stored = bench.get(&scope, Customer::object(), customer.id).await;
        assert_eq!(stored, referred.then_some(deleted));
        assert_eq!(bench.get(&scope, Contact::object(), contact.id).await.is_some(), referred);
    }
}

async fn erased(store: &dyn Store, scope: &TenantScope, id: Uuid, at: chrono::DateTime<chrono::Utc>) -> bool {
    store.erase(scope, Customer::object(), id, at).await.is_ok()
}

pub(super) async fn a_check_holds_against_writers(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let row = bench.customers(&scope, &["Held"]).await.remove(0);
    let after = revised(&row, "company", object, Value::Text("Changed".into()));
    let mut tries = vec![bench.draft().update(object, &row, &after)];
    for nth in 0..TASKS {
        let dependent = bench.draft().check(object, row.id, Expect::Version(1));
        tries.push(dependent.create(object, &bench.customer(&format!("Dependent {nth}"))));
    }
    let changed_in = together(tries.into_iter().map(|draft| commit(bench, &scope, draft))).await;
    let changed = changed_in[0].as_ref().expect("the update succeeds").first;
    for done in changed_in[1..].iter().flatten() {
        assert!(done.last < changed, "nothing that rests on the old version came after the change");
    }
}
