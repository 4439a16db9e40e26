//! Counters and numbers: what a commit adds up and hands out.

use crate::{
    Conflict, CounterQuery, Counters, Customer, Entity, Error, Lead, Query, Result, Row, TenantScope,
    Visibility,
};

use super::workbench::{Draft, FOUNDING, Workbench, refused};

const FIGURE: &str = "test.figure";

async fn read(bench: &Workbench, scope: &TenantScope, query: CounterQuery) -> Counters {
    bench.store.counters(scope, &query).await.expect("counters succeeds")
}

async fn add(bench: &Workbench, scope: &TenantScope, key: &str, by: i64) {
    bench.commit(scope, bench.draft().add(FIGURE, key, by)).await;
}

pub(super) async fn deltas_add_up(bench: &Workbench) {
    let scope = bench.found().await;
    for by in [5, -2, 40, -1] {
        add(bench, &scope, "k", by).await;
    }
    assert_eq!(bench.counter(&scope, FIGURE, "k").await, 42);
    assert_eq!(bench.counter(&scope, FIGURE, "K").await, 0, "keys are told apart by case");
}

pub(super) async fn a_counter_may_be_negative(bench: &Workbench) {
    let scope = bench.found().await;
    add(bench, &scope, "k", -7).await;
    assert_eq!(bench.counter(&scope, FIGURE, "k").await, -7);
}

pub(super) async fn a_counter_that_comes_to_nothing_is_gone(bench: &Workbench) {
    let scope = bench.found().await;
    add(bench, &scope, "k", 7).await;
    add(bench, &scope, "other", 1).await;
    add(bench, &scope, "k", -7).await;
    let stored = read(bench, &scope, CounterQuery::of(&[FIGURE])).await;
    assert_eq!(stored.of(FIGURE).collect::<Vec<_>>(), [("other", 1)], "0 is not stored");
    add(bench, &scope, "k", 2).await;
    assert_eq!(bench.counter(&scope, FIGURE, "k").await, 2);
}

pub(super) async fn a_counter_reaches_the_ends_of_its_range(bench: &Workbench) {
    let scope = bench.found().await;
    add(bench, &scope, "up", i64::MAX).await;
    add(bench, &scope, "down", i64::MIN).await;
    add(bench, &scope, "exact", i64::MAX - 1).await;
    add(bench, &scope, "exact", 1).await;
    let stored = read(bench, &scope, CounterQuery::of(&[FIGURE])).await;
    let stored: Vec<_> = stored.of(FIGURE).collect();
    assert_eq!(stored, [("down", i64::MIN), ("exact", i64::MAX), ("up", i64::MAX)]);
    add(bench, &scope, "up", i64::MIN).await;
    assert_eq!(bench.counter(&scope, FIGURE, "up").await, -1);
}

fn out_of_range<T: std::fmt::Debug>(result: Result<T>) {
    match result {
        Err(Error::Invalid { violations }) => assert_eq!(violations[0].code, "sum_out_of_range"),
        other => panic!("the total must be out of range, got {other:?}"),
    }
}

pub(super) async fn a_counter_never_leaves_its_range(bench: &Workbench) {
    let scope = bench.found().await;
    add(bench, &scope, "up", i64::MAX).await;
    add(bench, &scope, "down", i64::MIN).await;
    for (key, by) in [("up", 1), ("up", i64::MAX), ("down", -1), ("down", i64::MIN)] {
        let draft = bench.draft().add(FIGURE, "fine", 1).add(FIGURE, key, by);
        out_of_range(bench.try_commit(&scope, draft).await);
    }
    let stored = read(bench, &scope, CounterQuery::of(&[FIGURE])).await;
    assert_eq!(stored.of(FIGURE).collect::<Vec<_>>(), [("down", i64::MIN), ("up", i64::MAX)]);
}

pub(super) async fn totals_of_money_are_refused_beyond_their_range(bench: &Workbench) {
    let scope = bench.found().await;
    let leads = bench.crm.leads(&scope);
    let lead = |amount, currency| {
        Lead::company("Large").value(crate::Money::new(amount, currency).expect("a currency"))
    };
    leads.create(lead(i64::MAX, "EUR")).await.unwrap();
    let before = bench.everything(&scope, &[]).await;
    out_of_range(leads.create(lead(1, "EUR")).await);
    assert_eq!(bench.everything(&scope, &[]).await, before);
    let other = leads.create(lead(i64::MAX, "USD")).await.unwrap();
    assert_eq!(other.reference().as_deref(), Some("LED-002"), "another currency is another total");
    leads.advance(other.id, "qualified").await.unwrap();
    leads.create(lead(1, "USD")).await.unwrap();
    out_of_range(leads.advance(other.id, "new").await);
}

pub(super) async fn bounds_hold_after_the_batch(bench: &Workbench) {
    let scope = bench.found().await;
    add(bench, &scope, "k", 3).await;
    let bounded = |by: i64, at_least, at_most| {
        let draft = bench.draft().bound(FIGURE, "k", at_least, at_most);
        if by == 0 { draft } else { draft.add(FIGURE, "k", by) }
    };
    let tries: [(i64, i64, i64, bool); 8] = [
        (0, 3, 3, true),
        (0, 4, i64::MAX, false),
        (0, i64::MIN, 2, false),
        (-1, 2, 2, true),
        (-1, 2, 9, false),
        (7, 0, 9, true),
        (1, 0, 9, false),
        (-9, 0, 0, true),
    ];
    let mut value = 3;
    for (by, at_least, at_most, holds) in tries {
        let done = bench.try_commit(&scope, bounded(by, at_least, at_most)).await;
        if holds {
            done.expect("the bound holds");
            value += by;
        } else {
            refused!(done, Error::Conflict(Conflict::Rule("the figure stays within its bounds")));
        }
        assert_eq!(
            bench.counter(&scope, FIGURE, "k").await,
            value,
            "after {by} within {at_least}..={at_most}"
        );
    }
}

pub(super) async fn a_batch_that_must_come_right_after_an_event_is_refused_after_any_other(
    bench: &Workbench,
) {
    let scope = bench.found().await;
    let head = bench.head(&scope).await;
    let draft = || bench.draft().create(Customer::object(), &bench.customer("After"));
    for wrong in [0, head - 1, head + 1, i64::MAX] {
        let before = bench.everything(&scope, &[]).await;
        refused!(bench.try_commit(&scope, draft().after(wrong)).await, Error::Conflict(Conflict::Log));
        assert_eq!(bench.everything(&scope, &[]).await, before);
    }
    let done = bench.commit(&scope, draft().after(head)).await;
    assert_eq!((done.first, done.last), (head + 1, head + 1));
    refused!(bench.try_commit(&scope, draft().after(head)).await, Error::Conflict(Conflict::Log));
    bench.commit(&scope, draft().after(head + 1)).await;
}

pub(super) async fn a_counter_that_is_not_stored_is_bounded_as_zero(bench: &Workbench) {
    let scope = bench.found().await;
    bench.commit(&scope, bench.draft().bound(FIGURE, "none", 0, 0)).await;
    refused!(
        bench.try_commit(&scope, bench.draft().bound(FIGURE, "none", 1, 9)).await,
        Error::Conflict(Conflict::Rule(_))
    );
    refused!(
        bench.try_commit(&scope, bench.draft().bound(FIGURE, "none", -9, -1)).await,
        Error::Conflict(Conflict::Rule(_))
    );
}

pub(super) async fn counters_are_read_by_name_and_range(bench: &Workbench) {
    let scope = bench.found().await;
    let keys =
        ["", "2026-01-01", "2026-01-02", "2026-02-01", "A", "a", "a|EUR", "b%", "b_", "é", "\u{FFFD}", "😀"];
    let draft = |name| keys.iter().fold(bench.draft(), |draft: Draft, key| draft.add(name, key, 1));
    bench.commit(&scope, draft(FIGURE)).await;
    bench.commit(&scope, draft("test.figures")).await;
    let ranges = [
        (None, None),
        (Some("2026-01-02"), None),
        (Some("2026-01-01"), Some("2026-02-01")),
        (None, Some("a")),
        (Some("a"), Some("a")),
        (Some("b"), Some("a")),
        (Some("é"), None),
        (Some("\u{FFFD}"), Some("😀")),
        (Some("b%"), Some("b_")),
    ];
    for (from, to) in ranges {
        let query = CounterQuery {
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
            ..CounterQuery::of(&[FIGURE])
        };
        let stored = read(bench, &scope, query.clone()).await;
        let expected: Vec<&str> = keys.into_iter().filter(|key| query.matches(FIGURE, key)).collect();
        let found: Vec<&str> = stored.counters.iter().map(|counter| counter.key.as_str()).collect();
        assert_eq!(found, expected, "from {from:?} to {to:?}, by code point");
        assert!(stored.counters.iter().all(|counter| counter.name == FIGURE));
    }
}

pub(super) async fn counters_come_in_the_order_of_name_and_key(bench: &Workbench) {
    let scope = bench.found().await;
    for (name, key) in [("test.b", "2"), ("test.a", "b"), ("test.b", "10"), ("test.a", "B"), ("test.B", "z")]
    {
        bench.commit(&scope, bench.draft().add(name, key, 1)).await;
    }
    let stored = read(bench, &scope, CounterQuery::of(&["test.b", "test.B", "test.a", "test.none"])).await;
    let found: Vec<_> = stored.counters.iter().map(|own| (own.name.as_str(), own.key.as_str())).collect();
    let expected = [("test.B", "z"), ("test.a", "B"), ("test.a", "b"), ("test.b", "10"), ("test.b", "2")];
    assert_eq!(found, expected);
    let twice = read(bench, &scope, CounterQuery::of(&["test.B", "test.B"])).await;
    assert_eq!(twice.counters.len(), 1, "a name that is asked for twice is answered once");
}

pub(super) async fn no_name_asks_for_the_head_alone(bench: &Workbench) {
    let scope = bench.found().await;
    add(bench, &scope, "k", 1).await;
    bench.customers(&scope, &["One", "Two"]).await;
    let stored = read(bench, &scope, CounterQuery::of(&[])).await;
    assert_eq!((stored.as_of, stored.counters.len()), (FOUNDING + 2, 0));
}

pub(super) async fn counters_follow_the_rows(bench: &Workbench) {
    let scope = bench.found().await;
    let customers = bench.crm.customers(&scope);
    let figures = || async {
        let stored = read(bench, &scope, CounterQuery::of(&["customers"])).await;
        (stored.value("customers", "active"), stored.value("customers", "inactive"))
    };
    let one = customers.create(Customer::company("One")).await.unwrap();
    customers.create(Customer::company("Two").is_active(false)).await.unwrap();
    assert_eq!(figures().await, (1, 1));
    customers.update(one.id, |one| one.is_active = false).await.unwrap();
    assert_eq!(figures().await, (0, 2));
    customers.delete(one.id, None).await.unwrap();
    assert_eq!(figures().await, (0, 1));
    customers.restore(one.id).await.unwrap();
    assert_eq!(figures().await, (0, 2));
    customers.delete(one.id, None).await.unwrap();
    customers.erase(one.id).await.unwrap();
    assert_eq!(figures().await, (0, 1), "erasing what is deleted counts nothing");
}

pub(super) async fn a_list_without_a_filter_is_counted_by_the_counters(bench: &Workbench) {
    let scope = bench.found().await;
    let customers = bench.crm.customers(&scope);
    let mut last = customers.create(Customer::company("One")).await.unwrap();
    for active in [true, false] {
        last = customers.create(Customer::company("More").is_active(active)).await.unwrap();
    }
    customers.delete(last.id, None).await.unwrap();
    let all = || Query::new();
    let count = async |query: Query<Customer>| customers.count(&query).await.unwrap();
    assert_eq!(count(all()).await, 2);
    assert_eq!(count(all().visibility(Visibility::Deleted)).await, 1);
    // A figure that no row stands behind tells which of the two was read.
    bench.commit(&scope, bench.draft().add("customers", "planted", 40)).await;
    assert_eq!(count(all()).await, 42, "without a filter");
    assert_eq!(count(all().search("one")).await, 1, "with a search");
    assert_eq!(count(all().visibility(Visibility::Deleted)).await, 1, "of deleted ones");
    bench.commit(&scope, bench.draft().add("customers", "planted", -43)).await;
    refused!(customers.count(&all()).await, Error::Corrupt(_));
}

pub(super) async fn numbers_run_without_gaps(bench: &Workbench) {
    let scope = bench.found().await;
    let leads =
        |count: usize| -> Vec<Row> { (0..count).map(|_| bench.lead(Lead::company("Solar"))).collect() };
    assert_eq!(bench.create(&scope, Lead::object(), &leads(3)).await.numbers, [1, 2, 3]);
    let mixed = bench.draft().create(Lead::object(), &leads(1)[0]);
    let mixed =
        mixed.create(Customer::object(), &bench.customer("Between")).create(Lead::object(), &leads(1)[0]);
    assert_eq!(bench.commit(&scope, mixed.clone()).await.numbers, [4, 5]);
    let failing = bench.draft().create(Lead::object(), &leads(1)[0]).bound(FIGURE, "", 1, 1);
    refused!(bench.try_commit(&scope, failing).await, Error::Conflict(Conflict::Rule(_)));
    assert_eq!(
        bench.create(&scope, Lead::object(), &leads(1)).await.numbers,
        [6],
        "a failed batch takes none"
    );
}

pub(super) async fn a_number_is_never_given_again(bench: &Workbench) {
    let scope = bench.found().await;
    let leads = bench.crm.leads(&scope);
    let first = leads.create(Lead::company("First")).await.unwrap();
    assert_eq!(first.reference().as_deref(), Some("LED-001"));
    leads.delete(first.id, None).await.unwrap();
    let second = leads.create(Lead::company("Second")).await.unwrap();
    assert_eq!(second.reference().as_deref(), Some("LED-002"), "not after a deletion");
    leads.erase(first.id).await.unwrap();
    leads.delete(second.id, None).await.unwrap();
    leads.erase(second.id).await.unwrap();
    let third = leads.create(Lead::company("Third")).await.unwrap();
    assert_eq!(third.reference().as_deref(), Some("LED-003"), "not after an erasure");
}

pub(super) async fn a_record_keeps_its_number(bench: &Workbench) {
    let scope = bench.found().await;
    let leads = bench.crm.leads(&scope);
    leads.create(Lead::company("First")).await.unwrap();
    let lead = leads.create(Lead::company("Second")).await.unwrap();
    leads.update(lead.id, |lead| lead.name = Some("Ada".into())).await.unwrap();
    leads.delete(lead.id, None).await.unwrap();
    leads.restore(lead.id).await.unwrap();
    assert_eq!(leads.get(lead.id).await.unwrap().number, Some(2));
    assert_eq!(leads.create(Lead::company("Third")).await.unwrap().number, Some(3));
}

pub(super) async fn objects_without_a_series_have_no_numbers(bench: &Workbench) {
    let scope = bench.found().await;
    let rows = bench.customers(&scope, &["One"]).await;
    assert_eq!(bench.get(&scope, Customer::object(), rows[0].id).await.and_then(|row| row.number), None);
}
