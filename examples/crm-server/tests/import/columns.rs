//! Which column feeds what.

use crm_core::{Customer, Entity, Lead, Object};
use crm_server::import::{Columns, Options};

use crate::bench::{Bench, options};

fn recognize(object: &'static Object, header: &str, options: &Options) -> Result<Columns, String> {
    let header = header.split('|').map(str::to_owned).collect();
    Columns::recognize(object, header, options).map_err(|error| error.to_string())
}

#[test]
fn columns_are_recognized_by_the_names_that_exports_use() {
    for (names, target) in [
        ("Company|COMPANY NAME|Organization|organisation|Account Name|account_name", "company"),
        ("Full Name|name|Contact Name|full-name", "name"),
        ("First Name|first_name|FirstName|Given Name", "first_name"),
        ("Last Name|Surname|Family name", "last_name"),
        ("Email|E-mail|Email 1|E-mail Address|EMAIL_ADDRESS|Primary Email", "email"),
        ("Phone|Phone 1|Mobile|Telephone|Phone Number|Work Phone", "phone"),
        ("Website|URL|Web Site|Homepage", "website"),
        ("Street|Address|Address Line 1|Street Address", "address_line1"),
        ("Address 2|address_line2", "address_line2"),
        ("City|Town", "city"),
        ("State|Province|State/Province", "state"),
        ("Zip|Postal Code|ZIP Code|Zip/Postal Code|Postcode", "postal_code"),
        ("Country|Country/Region", "country"),
        ("Tags|Labels", "tags"),
        ("Notes|Description|Comments", "notes"),
        ("Customer Id|Account Id|Id|Record ID|External ID|external_id", "external_id"),
    ] {
        for name in names.split('|') {
            let header = if target == "company" { name.to_owned() } else { format!("Company|{name}") };
            let columns = recognize(Customer::object(), &header, &Options::default()).unwrap();
            assert_eq!(columns.of(target), Some(header.matches('|').count()), "{name} feeds {target}");
        }
    }
    for (names, target) in [
        ("Source|Lead Source", "source"),
        ("Deal Stage|Stage|Status|Lead Status", "stage"),
        ("Amount|Value|Deal Value", "value"),
        ("Currency|Currency Code", "currency"),
        ("Expected Close|Close Date", "expected_close"),
    ] {
        for name in names.split('|') {
            let header = format!("Company|{name}");
            let columns = recognize(Lead::object(), &header, &options(&["currency EUR"])).unwrap();
            assert_eq!(columns.of(target), Some(1), "{name} feeds {target}");
        }
    }
}

#[test]
fn the_best_of_several_columns_feeds_a_field_and_the_others_are_listed() {
    let header = "Mobile|Phone|Id|External Id|Company|Index";
    let columns = recognize(Customer::object(), header, &Options::default()).unwrap();
    assert_eq!((columns.of("phone"), columns.of("external_id")), (Some(1), Some(3)));
    assert_eq!(columns.ignored.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [0, 2, 5]);
}

#[test]
fn ids_and_owners_of_another_system_are_not_taken_for_references() {
    let columns =
        recognize(Lead::object(), "Name|Owner Id|Customer|Lead Owner", &Options::default()).unwrap();
    assert_eq!((columns.of("owner_id"), columns.of("customer_id")), (None, None));
}

#[test]
fn a_column_can_be_told_what_it_feeds() {
    let told = options(&["map kontakt=email", "map Email=", "map Extra=notes", "map More=notes"]);
    let columns = recognize(Customer::object(), "Name|Email|Kontakt|Extra|More|Notes", &told).unwrap();
    assert_eq!(columns.of("email"), Some(2));
    assert_eq!(columns.feeds.get("notes"), Some(&vec![3, 4]));
    assert_eq!(columns.ignored.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [1, 5]);
    let told = options(&["map a=b=company"]);
    assert_eq!(recognize(Customer::object(), "a=b", &told).map(|columns| columns.of("company")), Ok(Some(0)));
}

#[test]
fn what_cannot_be_mapped_is_refused_with_what_there_is() {
    for (header, words, message) in [
        ("Name|City", &["map Cty=city"][..], "there is no column `Cty`; the columns are `Name`, `City`"),
        (
            "Name|City",
            &["map City=town_hall"],
            "customers have no field `town_hall` to feed; there are `company`, ",
        ),
        ("Name|City|Town", &["map Town=city", "map City=city"], "`city` can be fed by one column only"),
        ("Email|City", &[], "no column gives a customer its `company`, `name`, `first_name`, `last_name`"),
        ("1|Ada|ada@example.com", &[], "see that the first line has the names of the columns"),
        ("Name|Email|City|email", &[], "columns 2 and 4 are both called `Email`"),
        ("Name|version", &["map version=version"], "customers have no field `version`"),
    ] {
        let refused = recognize(Customer::object(), header, &options(words)).unwrap_err();
        assert!(refused.contains(message), "{refused}");
    }
    let refused = recognize(Lead::object(), "Name|Worth", &options(&["map Worth=value"])).unwrap_err();
    assert!(refused.contains("no currency is known for `Worth`: add --currency EUR"), "{refused}");
}

#[test]
fn columns_without_a_name_or_with_one_that_does_not_matter_may_repeat() {
    let columns = recognize(Customer::object(), "Name|||x|x", &options(&["map column 2=city"])).unwrap();
    assert_eq!((columns.of("city"), columns.ignored.len()), (Some(1), 3));
}

#[tokio::test]
async fn the_mapping_is_told_before_anything_is_written() {
    let bench = Bench::new().await;
    let done =
        bench.customers("First Name;Last Name;Age\nAda;Lovelace;36\n", &Options::default()).await.unwrap();
    assert_eq!(
        done.lines,
        [
            "3 columns, separated by `;`:",
            "  `First Name` => first_name",
            "  `Last Name` => last_name",
            "  (no id column: a digest of the row) => external_id",
            "  `Age` is ignored",
        ]
    );
    assert_eq!(bench.all::<Customer>().await[0].name.as_deref(), Some("Ada Lovelace"));
}
