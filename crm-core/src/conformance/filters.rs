//! Filters: every comparison of every key is either true or false, by the definition in
//! [`Filter::matches`](crate::Filter::matches).

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::{
    Customer, Entity, Filter, Id, Key, Kind, Lead, MAX_CONDITIONS, MAX_ONE_OF, Object, Pipeline, Query, Row,
    Settings, TenantScope, Value, Visibility, objects,
};

use super::{
    specimen::{TEXTS, populate},
    workbench::{Workbench, anything, ids, key, refused, search},
};

fn not(filter: Filter) -> Filter {
    Filter::Not(Box::new(filter))
}

/// Holds the store's answer to the definition.
async fn agrees(
    bench: &Workbench,
    scope: &TenantScope,
    object: &'static Object,
    rows: &[Row],
    filter: &Filter,
) {
    let mut expected: Vec<Uuid> = rows
        .iter()
        .filter(|row| filter.matches(row, &object.search_text(&row.values)))
        .map(|row| row.id)
        .collect();
    expected.sort_unstable();
    let found = bench.all(scope, object, filter).await;
    assert_eq!(ids(&found), expected, "{object:?} where {filter:?}");
    let count = bench.store.count(scope, object, filter, Visibility::Any).await.expect("count succeeds");
    assert_eq!(count, expected.len() as u64, "count of {object:?} where {filter:?}");
}

/// Every filterable key of an object, derived and secret ones left out.
fn keys(object: &Object) -> Vec<Key> {
    let system = [Key::Id, Key::CreatedAt, Key::UpdatedAt, Key::CreatedBy, Key::Number];
    let fields = (0..object.fields.len()).map(Key::Field);
    system.into_iter().chain(fields).filter(|key| object.is_filterable(*key)).collect()
}

async fn filled(bench: &Workbench) -> (TenantScope, BTreeMap<&'static str, Vec<Row>>) {
    let scope = bench.found().await;
    let mut made = populate(bench, &scope, 36).await;
    for object in [Pipeline::object(), Settings::object()] {
        let own = bench.get(&scope, object, scope.tenant().uuid()).await.expect("what a tenant begins with");
        made.entry(object.name).or_default().push(own);
    }
    (scope, made)
}

/// Every comparison of every key with values that rows have, on every object whose keys are of this kind.
async fn every_comparison(bench: &Workbench, kind: Kind) {
    let (scope, made) = filled(bench).await;
    let mut tried = 0;
    for object in objects() {
        let rows = &made[object.name];
        for key in keys(object).into_iter().filter(|key| object.key_kind(*key) == kind) {
            let mut values: Vec<Value> = Vec::new();
            for value in rows.iter().map(|row| row.key(key)).filter(|value| !value.is_null()) {
                if !values.contains(&value) {
                    values.push(value);
                }
            }
            let some: Vec<Value> = values.iter().step_by(2).cloned().collect();
            let mut filters = vec![Filter::IsNull(key), Filter::In(key, some), Filter::In(key, Vec::new())];
            let step = (values.len() / 12).max(1);
            for value in values.into_iter().step_by(step) {
                filters.push(Filter::Eq(key, value.clone()));
                filters.push(Filter::Less(key, value.clone()));
                filters.push(Filter::AtMost(key, value.clone()));
                filters.push(Filter::More(key, value.clone()));
                filters.push(Filter::AtLeast(key, value));
            }
            for filter in filters {
                agrees(bench, &scope, object, rows, &filter).await;
                agrees(bench, &scope, object, rows, &not(filter)).await;
                tried += 2;
            }
        }
    }
    assert!(tried >= 16, "only {tried} filters were tried");
}

pub(super) async fn texts_compare_by_code_point(bench: &Workbench) {
    every_comparison(bench, Kind::Text).await;
}

pub(super) async fn ids_compare(bench: &Workbench) {
    every_comparison(bench, Kind::Id).await;
}

pub(super) async fn times_compare_to_the_microsecond(bench: &Workbench) {
    every_comparison(bench, Kind::Time).await;
}

pub(super) async fn dates_compare(bench: &Workbench) {
    every_comparison(bench, Kind::Date).await;
}

pub(super) async fn amounts_and_numbers_compare(bench: &Workbench) {
    every_comparison(bench, Kind::Int).await;
}

pub(super) async fn flags_compare(bench: &Workbench) {
    every_comparison(bench, Kind::Bool).await;
}

pub(super) async fn a_comparison_with_nothing_is_false_and_its_opposite_true(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let with = bench.row(Customer::company("With").name("Ada"));
    let without = bench.row(Customer::company("Without"));
    bench.create(&scope, object, &[with.clone(), without.clone()]).await;
    let name = key(object, "name");
    let ada = || Value::Text("Ada".into());
    let expectations = [
        (Filter::Eq(name, ada()), vec![&with]),
        (not(Filter::Eq(name, ada())), vec![&without]),
        (not(Filter::Eq(name, Value::Text("Bob".into()))), vec![&with, &without]),
        (not(not(Filter::Eq(name, ada()))), vec![&with]),
        (not(Filter::Less(name, ada())), vec![&with, &without]),
        (not(Filter::AtLeast(name, ada())), vec![&without]),
        (not(Filter::In(name, vec![ada()])), vec![&without]),
        (not(Filter::Prefix(name, "A".into())), vec![&without]),
        (Filter::IsNull(name), vec![&without]),
        (not(Filter::IsNull(name)), vec![&with]),
        (not(Filter::Any(vec![Filter::Eq(name, ada()), Filter::More(name, ada())])), vec![&without]),
        (not(Filter::All(vec![Filter::Eq(name, ada()), not(Filter::IsNull(name))])), vec![&without]),
    ];
    for (filter, expected) in expectations {
        let mut expected: Vec<Uuid> = expected.into_iter().map(|row| row.id).collect();
        expected.sort_unstable();
        assert_eq!(ids(&bench.all(&scope, object, &filter).await), expected, "{filter:?}");
    }
}

pub(super) async fn nothing_to_hold_is_true_and_nothing_to_choose_from_false(bench: &Workbench) {
    let scope = bench.found().await;
    bench.customers(&scope, &["One", "Two"]).await;
    let (all, none) = (Filter::All(Vec::new()), Filter::Any(Vec::new()));
    for (filter, expected) in [
        (all.clone(), 2),
        (none.clone(), 0),
        (not(all.clone()), 0),
        (not(none.clone()), 2),
        (Filter::All(vec![all.clone(), not(none.clone())]), 2),
        (Filter::Any(vec![none.clone(), all.clone()]), 2),
        (Filter::All(vec![all, none]), 0),
    ] {
        assert_eq!(bench.count(&scope, Customer::object(), &filter).await, expected, "{filter:?}");
        assert_eq!(bench.all(&scope, Customer::object(), &filter).await.len() as u64, expected, "{filter:?}");
    }
}

pub(super) async fn filters_nest_in_any_way(bench: &Workbench) {
    let (scope, made) = filled(bench).await;
    let object = Lead::object();
    let text = |name: &str, text: &str| Filter::Eq(key(object, name), Value::Text(text.into()));
    let leaves = [
        text("stage", "new"),
        text("company", "a"),
        Filter::IsNull(key(object, "value")),
        Filter::AtLeast(key(object, "value"), Value::Int(100)),
        Filter::Prefix(key(object, "name"), "a".into()),
        search("a"),
        Filter::In(Key::Number, (1..20).map(Value::Int).collect()),
    ];
    for (nth, leaf) in leaves.iter().enumerate() {
        for (mth, other) in leaves.iter().enumerate() {
            let third = &leaves[(nth + mth + 1) % leaves.len()];
            let either = Filter::Any(vec![leaf.clone(), not(other.clone())]);
            let both = Filter::All(vec![not(either.clone()), third.clone()]);
            let mixed = Filter::Any(vec![both, not(Filter::All(vec![other.clone(), third.clone(), either]))]);
            agrees(bench, &scope, object, &made["leads"], &mixed).await;
        }
    }
}

pub(super) async fn a_filter_may_have_as_many_conditions_as_the_trait_says(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let companies: Vec<String> = (0..MAX_CONDITIONS + 8).map(|nth| format!("Company {nth}")).collect();
    bench.customers(&scope, &companies.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let company = key(object, "company");
    let one = |nth: &usize| Filter::Eq(company, Value::Text(companies[*nth].clone()));
    let wide = Filter::Any((0..MAX_CONDITIONS - 1).collect::<Vec<_>>().iter().map(one).collect());
    assert_eq!(bench.count(&scope, object, &wide).await, MAX_CONDITIONS as u64 - 1);
    let deep = (0..MAX_CONDITIONS - 1).fold(one(&0), |inner, _| not(inner));
    let expected = if MAX_CONDITIONS.is_multiple_of(2) { companies.len() - 1 } else { 1 };
    assert_eq!(bench.count(&scope, object, &deep).await, expected as u64);
    let nested = (1..20).fold(one(&0), |inner, nth| Filter::Any(vec![inner, Filter::All(vec![one(&nth)])]));
    assert_eq!(bench.count(&scope, object, &nested).await, 20);
}

pub(super) async fn one_of_takes_none_one_and_five_hundred_values(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let companies: Vec<String> = (0..MAX_ONE_OF).map(|nth| format!("Company {nth}")).collect();
    let names: Vec<&str> = companies.iter().map(String::as_str).chain(["Other"]).collect();
    for names in names.chunks(300) {
        bench.customers(&scope, names).await;
    }
    let company = key(object, "company");
    let values: Vec<Value> = companies.iter().cloned().map(Value::Text).collect();
    for (values, expected) in [
        (Vec::new(), 0),
        (values[7..8].to_vec(), 1),
        (vec![values[3].clone(), Value::Text("None".into()), values[3].clone()], 1),
        (values, MAX_ONE_OF as u64),
    ] {
        let filter = Filter::In(company, values);
        assert_eq!(bench.count(&scope, object, &filter).await, expected);
        assert_eq!(bench.all(&scope, object, &filter).await.len() as u64, expected);
        assert_eq!(bench.count(&scope, object, &not(filter)).await, MAX_ONE_OF as u64 + 1 - expected);
    }
}

pub(super) async fn a_prefix_is_taken_letter_by_letter(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let companies: Vec<String> =
        TEXTS.iter().flat_map(|text| [format!("{text}x"), format!("x{text}")]).collect();
    let rows: Vec<Row> = companies.iter().map(|company| bench.customer(company)).collect();
    bench.create(&scope, object, &rows).await;
    let more = ["x", "xA", "ax", "\u{10FFFF}x", "a%bx", "a\\b", "xa%", "[", "*", "?", "^", "\\", "a\\", "'"];
    for prefix in TEXTS.into_iter().chain(more) {
        agrees(bench, &scope, object, &rows, &Filter::Prefix(key(object, "company"), prefix.into())).await;
    }
}

pub(super) async fn an_empty_prefix_begins_every_text(bench: &Workbench) {
    let scope = bench.found().await;
    let rows = [bench.row(Customer::company("With").name("Ada")), bench.row(Customer::company("Without"))];
    bench.create(&scope, Customer::object(), &rows).await;
    let empty = Filter::Prefix(key(Customer::object(), "name"), String::new());
    agrees(bench, &scope, Customer::object(), &rows, &empty).await;
    agrees(bench, &scope, Customer::object(), &rows, &not(empty)).await;
}

pub(super) async fn a_prefix_of_the_last_letter_finds_it(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let texts = [
        "\u{10FFFF}",
        "\u{10FFFF}\u{10FFFF}",
        "\u{10FFFF}a",
        "\u{D7FF}",
        "\u{D7FF}a",
        "\u{E000}",
        "a\u{10FFFF}",
        "b",
    ];
    let rows: Vec<Row> = texts.iter().map(|text| bench.customer(text)).collect();
    bench.create(&scope, object, &rows).await;
    for prefix in ["\u{10FFFF}", "\u{10FFFF}\u{10FFFF}", "\u{D7FF}", "a", "a\u{10FFFF}"] {
        agrees(bench, &scope, object, &rows, &Filter::Prefix(key(object, "company"), prefix.into())).await;
    }
}

pub(super) async fn filters_and_search_narrow_together(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let rows = [
        bench.row(Customer::company("Solar North").is_active(true)),
        bench.row(Customer::company("Solar South").is_active(false)),
        bench.row(Customer::company("Wind North").is_active(true)),
    ];
    bench.create(&scope, object, &rows).await;
    let active = Filter::Eq(key(object, "is_active"), Value::Bool(true));
    for filter in [
        Filter::All(vec![search("solar"), active.clone()]),
        Filter::Any(vec![search("south"), active.clone()]),
        Filter::All(vec![not(search("solar")), active.clone()]),
        Filter::Any(vec![search("wind"), search("south")]),
        not(Filter::All(vec![search("solar north"), active])),
        Filter::All(vec![search("solar"), search("north")]),
    ] {
        agrees(bench, &scope, object, &rows, &filter).await;
    }
}

pub(super) async fn a_count_is_of_what_a_list_holds(bench: &Workbench) {
    let scope = bench.found().await;
    let customers = bench.crm.customers(&scope);
    for nth in 0..7 {
        let customer = Customer::company(format!("Company {nth}")).is_active(nth % 2 == 0);
        let made = customers.create(customer).await.unwrap();
        if nth == 6 {
            customers.delete(made.id, None).await.unwrap();
        }
    }
    let query = || Query::new().filter(Customer::IS_ACTIVE.eq(true));
    assert_eq!(customers.count(&query()).await.unwrap(), 3);
    assert_eq!(customers.list(query()).await.unwrap().data.len(), 3);
    assert_eq!(customers.count(&query().limit(1)).await.unwrap(), 3, "whatever the limit");
    assert_eq!(customers.count(&query().visibility(Visibility::Any)).await.unwrap(), 4);
    assert_eq!(bench.count(&scope, Customer::object(), &anything()).await, 6);
}

pub(super) async fn addresses_are_found_in_any_spelling(bench: &Workbench) {
    let scope = bench.found().await;
    let customers = bench.crm.customers(&scope);
    let ada = Customer::company("Ada").email("Ada.Lovelace@Example.com").phone("+44 20 7946 0000");
    let ada = customers.create(ada).await.unwrap();
    customers
        .create(Customer::company("Bob").email("bob@example.com").phone("+44 20 7946 0001"))
        .await
        .unwrap();
    for condition in [
        Customer::EMAIL.eq("ADA.lovelace@EXAMPLE.com"),
        Customer::EMAIL.one_of(["x@example.com", "ada.lovelace@example.com"]),
        Customer::EMAIL.starts_with("ADA."),
        Customer::PHONE.eq("+442079460000"),
        Customer::PHONE.eq("+44 (0)20 79460000"),
        Customer::EMAIL.ne("bob@example.com"),
    ] {
        let wanted = format!("{condition:?}");
        let found = customers.list(Query::new().filter(condition)).await.unwrap().data;
        assert_eq!(found.iter().map(|own| own.id).collect::<Vec<Id<Customer>>>(), [ada.id], "{wanted}");
    }
}

pub(super) async fn what_cannot_be_asked_is_refused(bench: &Workbench) {
    use crate::{Condition, Direction, MAX_PAGE, Operator, Sort};
    let scope = bench.found().await;
    let customers = bench.crm.customers(&scope);
    customers.create(Customer::company("Solar")).await.unwrap();
    let asks = [
        Query::new().filter(Condition::new("nonsense", Operator::Eq, vec![Value::Int(1)])),
        Query::new().filter(Condition::new("email_key", Operator::Eq, vec![Value::Text("a".into())])),
        Query::new().filter(Condition::new("company", Operator::Eq, vec![Value::Int(1)])),
        Query::new().filter(Condition::new("company", Operator::Eq, vec![Value::Null])),
        Query::new().filter(Condition::new("company", Operator::Eq, Vec::new())),
        Query::new().filter(Condition::new("is_active", Operator::Prefix, vec![Value::Bool(true)])),
        Query::new().filter(Condition::new("notes", Operator::Eq, vec![Value::Text("a".into())])),
        Query::new().filter(Condition::new("tags", Operator::IsNull, Vec::new())),
        Query::new().filter(Customer::COMPANY.eq("a\0b")),
        Query::new().filter(Customer::COMPANY.starts_with("\0")),
        Query::new().filter(Customer::COMPANY.one_of(["a", "\0"])),
        Query::new().filter(Customer::COMPANY.one_of((0..=MAX_ONE_OF).map(|nth| nth.to_string()))),
        (0..=MAX_CONDITIONS).fold(Query::new(), |query, _| query.filter(Customer::IS_ACTIVE.eq(true))),
        Query::new().sort(Sort::new("notes", Direction::Ascending)),
        Query::new().sort(Customer::NAME.asc()).sort(Customer::COMPANY.asc()).sort(Customer::EMAIL.asc()),
        Query::new().limit(0),
        Query::new().limit(MAX_PAGE + 1),
        Query::new().search("a".repeat(crate::MAX_SEARCH_CHARS + 1)),
    ];
    for query in asks {
        let asked = format!("{query:?}");
        match customers.list(query).await {
            Err(crate::Error::Invalid { .. }) => {}
            other => panic!("{asked} must be refused, got {other:?}"),
        }
    }
    let pipelines = bench.crm.pipelines(&scope).list(Query::new().search("new")).await;
    refused!(pipelines, crate::Error::Invalid { .. });
}
