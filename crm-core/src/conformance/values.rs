//! Values: whatever a field may hold reads back as it was written, at the edges too.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::json;

use crate::{
    Customer, Entity, Error, Id, Interaction, Lead, Money, Pipeline, Record, Row, TenantScope, Value, objects,
};

use super::{
    specimen::{TEXTS, dates, populate, structures, times},
    workbench::{FOUNDING, Workbench, anything, key, refused},
};

/// Commits the rows and reads them back in both ways.
async fn round_trip(
    bench: &Workbench,
    scope: &TenantScope,
    object: &'static crate::Object,
    mut rows: Vec<Row>,
) {
    for rows in rows.chunks(500) {
        bench.create(scope, object, rows).await;
    }
    for row in &mut rows {
        let got = bench.get(scope, object, row.id).await.expect("the row");
        row.number = got.number;
        assert_eq!(got, *row, "by get");
    }
    for found in bench.all(scope, object, &anything()).await {
        if let Some(row) = rows.iter().find(|row| row.id == found.id) {
            assert_eq!(found, *row, "by query");
        }
    }
}

pub(super) async fn every_kind_of_value_reads_back(bench: &Workbench) {
    let scope = bench.found().await;
    for (name, rows) in populate(bench, &scope, 60).await {
        let object = objects().into_iter().find(|object| object.name == name).expect("the object");
        let mut found = bench.all(&scope, object, &anything()).await;
        found.retain(|row| row.id != scope.tenant().uuid());
        let mut rows = rows;
        rows.sort_by_key(|row| row.id);
        assert_eq!(found, rows, "{name}");
    }
}

pub(super) async fn texts_read_back_letter_by_letter(bench: &Workbench) {
    let scope = bench.found().await;
    let odd = [
        "Robert'); DROP TABLE customers;--",
        "\u{202E}tfel-ot-thgir",
        "\u{FEFF}bom",
        "\u{FFFE}",
        "\u{FFFF}",
        "a\u{308}",
        "\u{E000}",
        "\u{1F469}\u{200D}\u{1F680}",
        "null",
        "NULL",
        "\\u0041",
        "\\x41",
        "%s",
        "${x}",
        "{{x}}",
        "<b>",
        "&amp;",
        "0x1F",
        "1e309",
        "-0",
        "true",
        " inner  spaces ",
        "\u{A0}",
        "ﬃ",
        "\u{1F1E9}\u{1F1EA}",
    ];
    let texts = TEXTS.iter().chain(&odd);
    let rows = texts.map(|text| bench.row(Customer::company(*text).notes(*text).city(*text))).collect();
    round_trip(bench, &scope, Customer::object(), rows).await;
}

pub(super) async fn long_texts_read_back_whole(bench: &Workbench) {
    let scope = bench.found().await;
    let customer = bench.customers(&scope, &["Solar"]).await.remove(0);
    let note = |text: String| {
        let note = Interaction::default().kind("note").occurred_at(bench.now()).description(text);
        bench.row(note.customer_id(Id::<Customer>::from_uuid(customer.id)))
    };
    let rows = vec![note("x".repeat(20_000)), note("é😀".repeat(10_000)), note("a\nb\tc\r\n".repeat(2_857))];
    round_trip(bench, &scope, Interaction::object(), rows).await;
}

pub(super) async fn line_breaks_and_tabs_read_back(bench: &Workbench) {
    let scope = bench.found().await;
    let texts = ["a\nb", "a\r\nb", "a\rb", "a\tb", "\n", "\t\n\r", "a\n\nb"];
    let rows = texts.map(|text| bench.row(Customer::company("Solar").notes(text))).to_vec();
    round_trip(bench, &scope, Customer::object(), rows).await;
}

fn money_lead(bench: &Workbench, amount: i64, currency: &str) -> Row {
    bench.lead(Lead::company("Solar").value(Money::new(amount, currency).expect("a currency")))
}

pub(super) async fn amounts_read_back_at_the_edges(bench: &Workbench) {
    for (amount, currency) in [
        (0, "EUR"),
        (1, "JPY"),
        (i64::MAX, "EUR"),
        (i64::MAX - 1, "USD"),
        (1 << 53, "CHF"),
        ((1 << 53) + 1, "KWD"),
    ] {
        let scope = bench.found().await;
        round_trip(bench, &scope, Lead::object(), vec![money_lead(bench, amount, currency)]).await;
    }
}

pub(super) async fn a_store_does_not_judge_amounts(bench: &Workbench) {
    let scope = bench.found().await;
    let rows = vec![money_lead(bench, -1, "EUR"), money_lead(bench, i64::MIN, "USD")];
    round_trip(bench, &scope, Lead::object(), rows).await;
    let below = crate::Filter::Less(key(Lead::object(), "value"), Value::Int(0));
    assert_eq!(bench.count(&scope, Lead::object(), &below).await, 2);
}

pub(super) async fn moments_read_back_to_the_microsecond(bench: &Workbench) {
    let scope = bench.found().await;
    let customer = bench.customers(&scope, &["Solar"]).await.remove(0);
    let at = |time: DateTime<Utc>| {
        let note = Interaction::default().kind("note").occurred_at(time);
        let row = bench.row(note.customer_id(Id::<Customer>::from_uuid(customer.id)));
        Row { created_at: time, updated_at: time, deleted_at: Some(time), ..row }
    };
    let micros =
        (0..20).map(|micros| DateTime::UNIX_EPOCH + TimeDelta::microseconds(micros * 333_333 - 3_000_000));
    let rows = times().into_iter().chain(micros).map(at).collect();
    round_trip(bench, &scope, Interaction::object(), rows).await;
}

pub(super) async fn the_time_of_a_commit_reads_back(bench: &Workbench) {
    let scope = bench.found().await;
    let mut expected = vec![bench.now(); FOUNDING as usize];
    for time in times() {
        bench.clock.set(time);
        bench.customers(&scope, &["Solar"]).await;
        expected.push(time);
    }
    let logged: Vec<DateTime<Utc>> = bench.events(&scope).await.iter().map(|event| event.at).collect();
    assert_eq!(logged, expected, "in the order of commit, whatever the clock says");
}

pub(super) async fn days_read_back_at_the_edges(bench: &Workbench) {
    let scope = bench.found().await;
    let day = |date: NaiveDate| bench.lead(Lead::company("Solar").expected_close(date));
    round_trip(bench, &scope, Lead::object(), dates().into_iter().map(day).collect()).await;
}

pub(super) async fn lists_and_structures_read_back(bench: &Workbench) {
    let scope = bench.found().await;
    let labels = |labels: Vec<String>| bench.row(Customer::company("Solar").tags(labels));
    let many: Vec<String> = (0..50).map(|nth| format!("{nth} \"é😀\\")).collect();
    round_trip(
        bench,
        &scope,
        Customer::object(),
        vec![labels(Vec::new()), labels(many), labels(vec!["".into()])],
    )
    .await;
    let deep = (0..60)
        .fold(json!("core"), |inner, nth| if nth % 2 == 0 { json!([inner]) } else { json!({ "k": inner }) });
    let structure = |stages| {
        let mut row = bench.row(Pipeline::default());
        row.values[0] = Value::Json(stages);
        row
    };
    let rows = structures().into_iter().chain([deep]).map(structure).collect();
    round_trip(bench, &scope, Pipeline::object(), rows).await;
}

pub(super) async fn ids_of_any_version_read_back(bench: &Workbench) {
    let scope = bench.found().await;
    let ids = [0, 1, u128::MAX, 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef, 1 << 127, (1 << 127) - 1];
    let row = |id| Row {
        id: uuid::Uuid::from_u128(id),
        created_by: Some(uuid::Uuid::from_u128(!id)),
        ..bench.customer("Solar")
    };
    round_trip(bench, &scope, Customer::object(), ids.map(row).to_vec()).await;
    let found = bench.all(&scope, Customer::object(), &anything()).await;
    assert!(found.windows(2).all(|pair| pair[0].id < pair[1].id), "in the order of their bytes");
}

pub(super) async fn versions_read_back_at_the_edges(bench: &Workbench) {
    let scope = bench.found().await;
    let row = |version| Row { version, ..bench.customer("Solar") };
    round_trip(bench, &scope, Customer::object(), vec![row(1), row(i64::MAX - 1)]).await;
    let last = bench.all(&scope, Customer::object(), &anything()).await.pop().expect("a row");
    let check = bench.draft().check(Customer::object(), last.id, crate::Expect::Version(last.version));
    bench.commit(&scope, check).await;
}

pub(super) async fn a_record_made_of_its_row_is_the_record(bench: &Workbench) {
    let scope = bench.found().await;
    let customers = bench.crm.customers(&scope);
    let full = Customer::company("Solar é😀")
        .name("Ada")
        .email("Ada@Example.com")
        .phone("+44 20 7946 0000")
        .website("https://example.com")
        .city("Zürich")
        .country("Switzerland")
        .external_id("x-1")
        .notes("line\nline")
        .tags(vec!["a".to_owned(), "b".to_owned()]);
    let made = customers.create(full).await.unwrap();
    assert_eq!(customers.get(made.id).await.unwrap(), made);
    let row = bench.get(&scope, Customer::object(), made.id.uuid()).await.expect("the row");
    assert_eq!(Record::<Customer>::from_row(row.clone()).unwrap(), made);
    assert_eq!(made.to_row(), row);
    let misfit = Row { values: row.values[1..].to_vec(), ..row };
    refused!(Record::<Customer>::from_row(misfit), Error::Corrupt(_));
}
