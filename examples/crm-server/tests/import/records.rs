//! From files to records: what is made, changed, left alone and refused.

use crate::bench::{Bench, options};
use crm_core::{Customer, Lead, Query};
use crm_server::import::Options;

const LEADS: &str = include_str!("../data/leads.csv");
const CUSTOMERS: &str = include_str!("../data/customers.csv");
const DUPLICATES: &str = include_str!("../data/leads-duplicates.csv");

#[tokio::test]
async fn an_export_of_customers_is_imported_by_itself() {
    let bench = Bench::new().await;
    let done = bench.customers(CUSTOMERS, &Options::default()).await.unwrap();
    assert_eq!(done.report.to_string(), "read 15, created 15, updated 0, already there 0, refused 0");
    let customers = bench.all::<Customer>().await;
    let monica = customers.iter().find(|own| own.external_id.as_deref() == Some("L3F6qTgRem")).unwrap();
    assert_eq!(monica.name.as_deref(), Some("Monica Hess"));
    assert_eq!(monica.company.as_deref(), Some("Brennan Group"));
    assert_eq!(monica.phone.as_deref(), Some("6269773546"));
    assert_eq!(monica.website.as_deref(), Some("https://arnold.com/"));
    assert_eq!((monica.city.as_deref(), monica.country.as_deref()), (Some("North Sonyafurt"), Some("Spain")));
    for ignored in ["Index", "Phone 2", "Subscription Date"] {
        assert!(done.has(&format!("`{ignored}` is ignored")), "{:?}", done.lines);
    }
}

#[tokio::test]
async fn an_export_of_leads_is_imported_once_its_stages_are_told() {
    let bench = Bench::new().await;
    let done = bench.leads(LEADS, &Options::default()).await.unwrap();
    assert!(done.report.adds_up() && done.report.refused > 0, "{}", done.report);
    assert!(done.has("line 2: refused: Deal Stage must be a stage of the pipeline"), "{:?}", done.lines);
    assert!(done.has("--stage \"On Hold=STAGE\""));
    let told = options(&[
        "stage On Hold=contacted",
        "stage Negotiation=proposal",
        "stage Re-engagement=contacted",
        "stage Disqualified=Closed Lost",
    ]);
    let again = bench.leads(LEADS, &told).await.unwrap();
    assert_eq!(again.report.refused, 0, "{:?}", again.lines);
    assert_eq!(again.report.created, done.report.refused);
    assert_eq!(bench.all::<Lead>().await.len(), 15);
    assert!(again.has("stage `New Lead` was read as new"));
}

#[tokio::test]
async fn a_second_import_of_the_same_file_changes_nothing() {
    for (csv, leads) in
        [(CUSTOMERS, false), (LEADS, true), (DUPLICATES, true), ("Name\nAda\nAda\nBob\n", false)]
    {
        let bench = Bench::new().await;
        let first = bench.import(csv, leads, &Options::default()).await.unwrap();
        let head = bench.head().await;
        let second = bench.import(csv, leads, &Options::default()).await.unwrap();
        assert_eq!(bench.head().await, head);
        assert_eq!(second.report.already_there, first.report.created);
        assert_eq!((second.report.created, second.report.refused), (0, first.report.refused));
        assert_eq!(second.report.differing, 0, "{:?}", second.lines);
        let third = bench.import(csv, leads, &options(&["update"])).await.unwrap();
        assert_eq!((third.report.updated, bench.head().await), (0, head));
    }
}

#[tokio::test]
async fn a_dry_run_tells_everything_and_writes_nothing() {
    let bench = Bench::new().await;
    let head = bench.head().await;
    let csv = "Id,Name,Email\n1,Ada,ada@example.com\n2,Bob,nonsense\n1,Cy,\n,,x@y.zz\n";
    let dry = bench.customers(csv, &options(&["dry_run"])).await.unwrap();
    assert_eq!(bench.head().await, head);
    let real = bench.customers(csv, &Options::default()).await.unwrap();
    assert_eq!((&dry.report, &dry.lines), (&real.report, &real.lines));
    assert_eq!(real.report.to_string(), "read 4, created 1, updated 0, already there 0, refused 3");
    let changed = csv.replace("Ada,", "Ada Lovelace,");
    let head = bench.head().await;
    let dry = bench.customers(&changed, &options(&["dry_run", "update"])).await.unwrap();
    assert_eq!((dry.report.updated, bench.head().await), (1, head));
}

#[tokio::test]
async fn what_differs_is_told_and_left_alone_unless_an_update_is_asked_for() {
    let bench = Bench::new().await;
    bench.customers("Id,Name,City\n1,Ada,London\n2,Bob,Bonn\n", &Options::default()).await.unwrap();
    let changed = "Id,Name,City\n1,Ada,Paris\n2,Bob,\n";
    let told = bench.customers(changed, &Options::default()).await.unwrap();
    assert_eq!((told.report.already_there, told.report.differing), (2, 1));
    assert!(told.has("line 2: already there, but differs in city; --update"), "{:?}", told.lines);
    let updated = bench.customers(changed, &options(&["update"])).await.unwrap();
    assert_eq!(updated.report.to_string(), "read 2, created 0, updated 1, already there 1, refused 0");
    let all = bench.all::<Customer>().await;
    let city = |name: &str| all.iter().find(|own| own.name.as_deref() == Some(name)).unwrap().city.clone();
    assert_eq!((city("Ada").as_deref(), city("Bob").as_deref()), (Some("Paris"), Some("Bonn")));
    let bad = bench.customers("Id,Name,Email\n1,Ada,nope\n", &options(&["update"])).await.unwrap();
    assert_eq!(bad.report.refused, 1);
}

#[tokio::test]
async fn a_refused_row_keeps_none_of_its_batch_back() {
    let bench = Bench::new().await;
    let mut csv = "Id,Name,Email\n".to_owned();
    for row in 0..1200 {
        let email = if row % 100 == 7 { "broken" } else { "a@example.com" };
        csv.push_str(&format!("{row},Person {row},{email}\n"));
    }
    let done = bench.customers(&csv, &Options::default()).await.unwrap();
    assert_eq!(done.report.to_string(), "read 1200, created 1188, updated 0, already there 0, refused 12");
    assert!(
        done.has("line 9: refused: Email must be an e-mail address such as `ada@example.com`, not `broken`")
    );
    assert!(done.has("line 1109: refused"));
    let numbers: Vec<_> = done.lines.iter().filter(|line| line.contains("refused:")).collect();
    assert_eq!(numbers.len(), 12);
}

#[tokio::test]
async fn every_fault_of_a_row_is_told_at_once() {
    let bench = Bench::new().await;
    let csv = "Name,E-mail Address,Phone,Deal Stage,Expected Close,Amount,Currency\n\
               Ada,nope,call me,On Hold,03/04/2026,12.345.6,EUR\n";
    let done = bench.leads(csv, &Options::default()).await.unwrap();
    let line = done.lines.iter().find(|line| line.starts_with("line 2: refused")).unwrap();
    for part in
        ["E-mail Address must", "Phone must", "Deal Stage must", "Expected Close could", "Amount must"]
    {
        assert!(line.contains(part), "{part} in {line}");
    }
}

#[tokio::test]
async fn a_lenient_import_moves_what_no_field_takes_to_the_notes() {
    let bench = Bench::new().await;
    let csv = "Id,Name,Email,Phone,Notes\n1,Ada,nope,n/a,Likes tea\n2,Bob,bob@example.com,,\n3,,bad,,\n";
    let lenient = options(&["lenient"]);
    let done = bench.customers(csv, &lenient).await.unwrap();
    assert_eq!(done.report.to_string(), "read 3, created 2, updated 0, already there 0, refused 1");
    assert_eq!(done.report.moved, 2);
    assert!(done.has("2 cells were moved to the notes"));
    let all = bench.all::<Customer>().await;
    let ada = all.iter().find(|own| own.name.as_deref() == Some("Ada")).unwrap();
    assert_eq!(ada.notes.as_deref(), Some("Likes tea\nEmail: nope\nPhone: n/a"));
    assert_eq!((&ada.email, &ada.phone), (&None, &None));
    let head = bench.head().await;
    let again = bench.customers(csv, &lenient).await.unwrap();
    assert_eq!((again.report.differing, bench.head().await), (0, head));
}

#[tokio::test]
async fn an_unknown_stage_is_never_guessed_not_even_leniently() {
    let bench = Bench::new().await;
    let done = bench.leads("Name,Stage\nAda,On Hold\n", &options(&["lenient"])).await.unwrap();
    assert_eq!(done.report.refused, 1);
    assert!(done.has("stage `On Hold` is unknown (1 rows): add --stage \"On Hold=STAGE\""));
}

#[tokio::test]
async fn the_same_id_twice_in_a_file_is_refused_the_second_time() {
    let bench = Bench::new().await;
    let done = bench
        .customers("Id,Name,Age\n1,Ada,\n\"2\",Bob,\"3\n6\"\n1,Cy,\n2,Di,\n", &Options::default())
        .await
        .unwrap();
    assert_eq!((done.report.created, done.report.refused), (2, 2));
    assert!(done.has("line 5: refused: same external_id `1` as line 2"), "{:?}", done.lines);
    assert!(done.has("line 6: refused: same external_id `2` as line 3"), "{:?}", done.lines);
}

#[tokio::test]
async fn rows_without_an_id_get_one_from_their_cells_and_stay_as_many() {
    let bench = Bench::new().await;
    let csv = "Name,City\nAda,Bonn\nAda,Bonn\n Ada ,Bonn\nBob,Bonn\n";
    let done = bench.customers(csv, &Options::default()).await.unwrap();
    assert_eq!(done.report.created, 4);
    let mut ids: Vec<_> =
        bench.all::<Customer>().await.into_iter().filter_map(|own| own.external_id.clone()).collect();
    ids.sort();
    assert!(ids.iter().all(|id| id.starts_with("row-")));
    assert!(ids.iter().any(|id| id.ends_with("-3")), "{ids:?}");
}

#[tokio::test]
async fn unmapped_columns_are_kept_in_the_notes_on_request() {
    let bench = Bench::new().await;
    bench.leads(LEADS, &options(&["keep_unmapped", "map Index=", "stage On Hold=new"])).await.unwrap();
    let all = bench.all::<Lead>().await;
    let brett = all.iter().find(|own| own.name.as_deref() == Some("Brett Mendoza")).unwrap();
    let notes = brett.notes.as_deref().unwrap();
    assert!(
        notes.contains("Lead Owner: Jane Austin\nPhone 2: (749)213-7475x09751\nEmail 2: bauerisaac"),
        "{notes}"
    );
    assert!(notes.ends_with("Hair condition tough.") && !notes.contains("Index"), "{notes}");
}

#[tokio::test]
async fn money_needs_a_currency_and_is_read_in_it() {
    let bench = Bench::new().await;
    let csv = "Id;Name;Deal Value;Close Date\n1;Ada;1.234,50;31.12.2026\n";
    let without = bench.leads(csv, &options(&["dry_run"])).await.unwrap();
    assert!(
        without.has("`Deal Value` is ignored (no currency is known: add --currency EUR)"),
        "{:?}",
        without.lines
    );
    bench.leads(csv, &options(&["currency EUR"])).await.unwrap();
    let lead = bench.all::<Lead>().await.remove(0);
    assert_eq!(
        lead.value.map(|value| (value.amount(), value.currency().code().to_owned())),
        Some((123_450, "EUR".into()))
    );
    assert_eq!(lead.expected_close.unwrap().to_string(), "2026-12-31");
    let mixed = "Id,Name,Amount,Currency\n2,Bo,\"$1,000\",USD\n3,Cy,5,\n4,Di,5,BTC\n5,Ed,7,eur\n";
    let done = bench.leads(mixed, &Options::default()).await.unwrap();
    assert_eq!((done.report.created, done.report.refused), (2, 2), "{:?}", done.lines);
    assert!(done.has("line 3: refused: Amount has no currency on this row"), "{:?}", done.lines);
}

#[tokio::test]
async fn an_owner_is_told_by_address() {
    let bench = Bench::new().await;
    let csv = "Id,Name,Owner\n1,Ada,Owner@Acme.test\n2,Bob,nobody@acme.test\n";
    let done = bench.customers(csv, &options(&["map Owner=owner_id"])).await.unwrap();
    assert_eq!((done.report.created, done.report.refused), (1, 1), "{:?}", done.lines);
    assert!(bench.all::<Customer>().await[0].owner_id.is_some());
    assert!(
        done.has(
            "Owner must be the e-mail address, the name or the id of a user of this tenant, not `nobody@acme.test`"
        )
    );
}

#[tokio::test]
async fn a_file_of_this_tenant_stays_in_this_tenant() {
    let bench = Bench::new().await;
    bench.customers(CUSTOMERS, &Options::default()).await.unwrap();
    let other = bench.other().await;
    assert_eq!(other.customers(CUSTOMERS, &Options::default()).await.unwrap().report.created, 15);
    let page = bench.crm.customers(&bench.scope).list(Query::new().limit(500)).await.unwrap();
    assert_eq!(page.data.len(), 15);
}
