//! What is exported comes back from an import as it was, whatever it is, and runs in no spreadsheet.

use crm_core::{Actor, Customer, Entity, Lead, Money, Past, Role, User};
use crm_server::export::{Asked, write};
use proptest::prelude::*;

use crate::bench::{Bench, options};

/// Texts of one line that programs like to get wrong.
const LINE: &str = "[ -~äÉß日😀\u{feff}]{1,16}|['\"=+@;,|-][ -~]{0,12}|#REF!|007|1e5|TRUE";
/// The same of several lines.
const LINES: &str = "([ -~ä日]{0,10}[\n\r\t;|]{1,2}['=+@-]{0,2}){1,3}[ -~]{1,9}";

fn labels() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec("[a-z,;|\"=\\[\\]' ]{0,5}[a-z]", 0..4)
}

prop_compose! {
    fn customer()(
        company in LINE, name in LINE, city in proptest::option::of(LINE), notes in proptest::option::of(LINES),
        tags in labels(), is_active in any::<bool>(), external_id in proptest::option::of("[=a-z0-9-]{1,9}"),
        phone in proptest::option::of(Just("+44 20 7946 0000".to_owned())), owned in any::<bool>(),
    ) -> (Customer, bool) {
        let company = Some(format!("{company}x"));
        let customer = Customer {
            company, name: Some(name), city, notes, tags, is_active, external_id, phone, ..Customer::default()
        };
        (customer, owned)
    }
}

prop_compose! {
    fn lead()(
        name in LINE, source in proptest::option::of(LINE), notes in proptest::option::of(LINES), tags in labels(),
        stage in 0..6_usize, amount in proptest::option::of(0..=i64::MAX), currency in 0..4_usize,
        days in 0..2_000_i64, owned in any::<bool>(),
    ) -> (Lead, Past, bool) {
        let stage = ["new", "contacted", "qualified", "proposal", "closed_won", "closed_lost"][stage];
        let currency = ["EUR", "JPY", "KWD", "CLF"][currency];
        let value = amount.map(|amount| Money::new(amount / 1_000, currency).unwrap());
        let created_at = chrono::Utc::now() - chrono::TimeDelta::days(days);
        let past = Past { created_at: Some(created_at), closed_at: None };
        let lead = Lead {
            company: Some(format!("{name}x")), source, notes, tags, stage: stage.to_owned(), value,
            expected_close: Some(created_at.date_naive()), ..Lead::default()
        };
        (lead, past, owned)
    }
}

/// Two tenants with a user of the same address each.
async fn tenants() -> (Bench, Bench, User) {
    let here = Bench::new().await;
    let there = here.other().await;
    let seller = User::new("seller@example.com", Role::Member);
    for bench in [&here, &there] {
        bench.crm.users(&bench.scope).create(seller.clone()).await.unwrap();
    }
    (here, there, seller)
}

async fn owner(bench: &Bench) -> crm_core::Id<User> {
    let users = bench.all::<User>().await;
    users.iter().find(|user| user.email.starts_with("seller")).unwrap().id
}

async fn exported<T: Entity>(bench: &Bench, asked: &Asked) -> String {
    let mut csv = Vec::new();
    let count = write::<T>(&bench.crm, &bench.scope, asked, &mut csv).await.unwrap();
    let csv = String::from_utf8(csv).unwrap();
    let mut reader = csv::ReaderBuilder::new().from_reader(csv.as_bytes());
    let records: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len() as u64, count);
    // As a spreadsheet reads it, also one that takes something else for the delimiter.
    let cells = records.iter().flat_map(|record| record.iter());
    for cell in cells.flat_map(|cell| cell.split([';', '\t', '|', '\n', '\r'])) {
        let shown = cell.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '"');
        assert!(!shown.starts_with(['=', '+', '-', '@']), "{cell:?} is a formula");
    }
    csv
}

/// The values of records, but for ids of their own, in an order that does not depend on them.
async fn values<T: Entity>(bench: &Bench) -> Vec<String> {
    let own = owner(bench).await.to_string();
    let external = T::object().index_of("external_id").unwrap();
    let records = bench.all::<T>().await.into_iter().map(|record| {
        let mut values = record.data.to_values();
        let made_up = values[external].as_text().is_none_or(|id| id.starts_with("row-"));
        if made_up {
            values[external] = crm_core::Value::Null;
        }
        let closed = T::object().index_of("closed_at").map(|index| record.to_row().values[index].clone());
        let created = (T::object().name == "leads").then_some(record.created_at);
        format!("{values:?} {closed:?} {created:?}").replace(&own, "the owner")
    });
    let mut all: Vec<String> = records.collect();
    all.sort();
    all
}

fn block_on<R>(test: impl Future<Output = R>) -> R {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(test)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn customers_come_back_as_they_were(all in proptest::collection::vec(customer(), 1..12)) {
        block_on(async {
            let (here, there, _) = tenants().await;
            let seller = owner(&here).await;
            for (customer, owned) in all {
                let owner_id = owned.then_some(seller);
                // What the rules refuse is in no export.
                let _ = here.crm.customers(&here.scope).create(Customer { owner_id, ..customer }).await;
            }
            assert!(!here.all::<Customer>().await.is_empty(), "the first is never refused");
            let csv = exported::<Customer>(&here, &Asked::default()).await;
            let done = there.customers(&csv, &options(&["map owner_id=owner_id"])).await.unwrap();
            assert_eq!(done.report.refused, 0, "{:?}", done.lines);
            assert_eq!(values::<Customer>(&there).await, values::<Customer>(&here).await, "{csv}");
        });
    }

    #[test]
    fn leads_come_back_as_they_were(all in proptest::collection::vec(lead(), 1..12)) {
        block_on(async {
            let (here, there, _) = tenants().await;
            let seller = owner(&here).await;
            for (lead, past, owned) in all {
                let owner_id = owned.then_some(seller);
                let _ = here.crm.leads(&here.scope).import_many(vec![(Lead { owner_id, ..lead }, past)]).await;
            }
            assert!(!here.all::<Lead>().await.is_empty(), "the first is never refused");
            let csv = exported::<Lead>(&here, &Asked::default()).await;
            let done = there.leads(&csv, &options(&["map owner_id=owner_id"])).await.unwrap();
            assert_eq!(done.report.refused, 0, "{:?}", done.lines);
            assert_eq!(values::<Lead>(&there).await, values::<Lead>(&here).await, "{csv}");
        });
    }
}

#[tokio::test]
async fn only_what_is_asked_for_is_exported_to_whoever_may() {
    let (here, ..) = tenants().await;
    let leads = here.crm.leads(&here.scope);
    for nth in 0..1_203 {
        let stage = if nth % 3 == 0 { "contacted" } else { "new" };
        leads
            .create(Lead { stage: stage.to_owned(), ..Lead::company(format!("Solar {nth}")) })
            .await
            .unwrap();
    }
    let count = async |filter: &[(&str, &str)], search: Option<&str>| {
        let filter = filter.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let asked = Asked { filter, search: search.map(str::to_owned) };
        exported::<Lead>(&here, &asked).await.lines().count() - 1
    };
    assert_eq!(count(&[], None).await, 1_203, "all pages");
    assert_eq!(count(&[("stage", "contacted")], None).await, 401);
    assert_eq!(count(&[("stage", "contacted")], Some("solar 12")).await, 12);
    assert_eq!(count(&[("lead_id", "LED-007")], None).await, 1);
    for (name, value, words) in
        [("color", "red", "cannot be filtered by `color`"), ("created_at", "soon", "`created_at` must be")]
    {
        let asked = Asked { filter: vec![(name.to_owned(), value.to_owned())], search: None };
        let refused =
            write::<Lead>(&here.crm, &here.scope, &asked, Vec::new()).await.unwrap_err().to_string();
        assert!(refused.contains(words), "{refused}");
    }
    for (role, may) in
        [(Role::Viewer, false), (Role::Member, false), (Role::Admin, true), (Role::Owner, true)]
    {
        let scope = here.crm.scope(here.scope.tenant(), Actor::user(owner(&here).await, role));
        assert_eq!(
            write::<Lead>(&here.crm, &scope, &Asked::default(), Vec::new()).await.is_ok(),
            may,
            "{role}"
        );
    }
}
