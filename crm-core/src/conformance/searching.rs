//! Search: a record matches if each term occurs in its normalized text, whatever index answers.

use uuid::Uuid;

use crate::{
    Contact, Customer, Direction, Entity, EventKind, Filter, Interaction, Object, Query, Row, Select,
    TenantScope, Value, Visibility, Write, objects,
};

use super::{
    specimen::TEXTS,
    workbench::{Workbench, every, ids, key, revised, search},
};

/// Holds what a search finds to the definition.
async fn agrees(bench: &Workbench, scope: &TenantScope, object: &'static Object, rows: &[Row], terms: &str) {
    let filter = search(terms);
    let Filter::Search(folded) = &filter else { unreachable!("search gives a search") };
    if folded.is_empty() {
        return;
    }
    let holds = |row: &&Row| filter.matches(row, &object.search_text(&row.values));
    let mut expected: Vec<Uuid> = rows.iter().filter(holds).map(|row| row.id).collect();
    expected.sort_unstable();
    let found = bench.all(scope, object, &filter).await;
    assert_eq!(ids(&found), expected, "search for `{terms}`");
    let count = bench.store.count(scope, object, &filter, Visibility::Any).await.expect("count succeeds");
    assert_eq!(count, expected.len() as u64, "count of `{terms}`");
}

async fn companies(bench: &Workbench, companies: &[&str]) -> (TenantScope, Vec<Row>) {
    let scope = bench.found().await;
    let rows = bench.customers(&scope, companies).await;
    (scope, rows)
}

pub(super) async fn accents_and_case_do_not_matter(bench: &Workbench) {
    let names =
        ["Éclair GmbH", "ECLAIR ag", "eclai r", "Straße", "STRASSE", "ＡＢＣ", "İstanbul", "Ångström"];
    let (scope, rows) = companies(bench, &names).await;
    let terms = [
        "eclair",
        "ÉCLAIR",
        "e\u{301}clair",
        "straße",
        "STRASSE",
        "abc",
        "ａｂｃ",
        "istanbul",
        "angstrom",
        "ÅNG",
    ];
    for terms in terms {
        agrees(bench, &scope, Customer::object(), &rows, terms).await;
    }
    assert_eq!(bench.all(&scope, Customer::object(), &search("éclair")).await.len(), 2);
}

pub(super) async fn terms_of_any_length_are_found(bench: &Workbench) {
    let (scope, rows) =
        companies(bench, &["a", "ab", "abc", "abcd", "xabcdx", "b", "bc", "cd", "日", "日本", "日本語"])
            .await;
    for terms in
        ["a", "ab", "abc", "abcd", "abcde", "b", "c", "cd", "d", "日", "本", "日本", "本語", "日本語", "z"]
    {
        agrees(bench, &scope, Customer::object(), &rows, terms).await;
    }
}

pub(super) async fn a_term_is_found_anywhere_in_a_word(bench: &Workbench) {
    let (scope, rows) = companies(bench, &["photovoltaics", "voltage", "revolt"]).await;
    for terms in ["volt", "photo", "ics", "revolt", "tovol", "photovoltaics"] {
        agrees(bench, &scope, Customer::object(), &rows, terms).await;
    }
}

/// Texts that look like the syntax of an index.
const SYNTAX: [&str; 23] = [
    "a\"b",
    "a'b",
    "NEAR(a b)",
    "solar* OR wind",
    "company:solar",
    "-solar",
    "^solar",
    "solar AND wind",
    "NOT solar",
    "{a b}",
    "(solar)",
    "a\\b",
    "100%",
    "a_b",
    "[a]",
    "a+b",
    "solar;--",
    "\"\"",
    "''",
    "a|b",
    "$1",
    "?",
    "a*",
];

/// Terms that do.
const TERMS: [&str; 53] = [
    "\"",
    "\"\"",
    "\"\"\"",
    "'",
    "''",
    "near",
    "near(",
    "(",
    ")",
    "()",
    "or",
    "OR",
    "AND",
    "and",
    "not",
    "*",
    "solar*",
    "sol*",
    "company:solar",
    "company:",
    ":",
    "-",
    "-solar",
    "^",
    "^solar",
    "{",
    "{a",
    "\\",
    "a\\b",
    "%",
    "0%",
    "100%",
    "_",
    "a_b",
    "a%b",
    "[a]",
    "[",
    "+",
    "a+b",
    ";",
    ";--",
    "--",
    "|",
    "$1",
    "?",
    "\"solar\"",
    "\"a b\"",
    "NEAR(a",
    "a*",
    "**",
    "%%%",
    "___",
    "\"*\"",
];

pub(super) async fn quotes_and_operators_are_letters(bench: &Workbench) {
    let (scope, rows) = companies(bench, &SYNTAX).await;
    for terms in TERMS {
        agrees(bench, &scope, Customer::object(), &rows, terms).await;
    }
}

pub(super) async fn letters_beyond_sixteen_bits_are_found(bench: &Workbench) {
    let names = ["😀", "a😀b", "👩‍👩‍👧‍👦 family", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "𠜎𠜱", "🇩🇪", "😀😀😀"];
    let (scope, rows) = companies(bench, &names).await;
    for terms in [
        "😀",
        "a😀",
        "😀b",
        "a😀b",
        "👩",
        "👩‍👩‍👧‍👦",
        "unicode",
        "𠜎",
        "𠜎𠜱",
        "🇩",
        "🇩🇪",
        "😀😀",
        "😀😀😀",
        "😁",
        "\u{200D}",
    ] {
        agrees(bench, &scope, Customer::object(), &rows, terms).await;
    }
}

pub(super) async fn difficult_texts_are_found_by_their_parts(bench: &Workbench) {
    let names: Vec<String> = TEXTS.iter().map(|text| format!("<{text}{text}>")).collect();
    let (scope, rows) = companies(bench, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    for text in TEXTS {
        for terms in [text.to_owned(), format!("<{text}"), format!("{text}>"), format!("{text}{text}")] {
            agrees(bench, &scope, Customer::object(), &rows, &terms).await;
        }
    }
}

pub(super) async fn each_term_must_occur(bench: &Workbench) {
    let (scope, rows) =
        companies(bench, &["Solar North", "Solar South", "Wind North", "Northern Solar Wind", "so no"]).await;
    for terms in [
        "solar north",
        "north solar",
        "solar  wind",
        "so no",
        "s n",
        "solar solar",
        "solar nowhere",
        "n w s",
        "  solar ",
        "solar\tnorth",
        "solar\u{3000}north",
        "no so wi",
        "solar n",
        "or ol",
    ] {
        agrees(bench, &scope, Customer::object(), &rows, terms).await;
    }
}

pub(super) async fn a_term_does_not_join_two_fields(bench: &Workbench) {
    let scope = bench.found().await;
    let joined = bench.row(Customer::company("Solarnord").name("Ada"));
    let apart = bench.row(Customer::company("Solar").name("Nord").city("Sol"));
    bench.create(&scope, Customer::object(), &[joined.clone(), apart.clone()]).await;
    let rows = [joined, apart];
    for terms in ["solarnord", "rnord", "rn", "solar nord", "nordsol", "ds", "dsol"] {
        agrees(bench, &scope, Customer::object(), &rows, terms).await;
    }
    assert_eq!(bench.all(&scope, Customer::object(), &search("solarnord")).await.len(), 1);
}

pub(super) async fn every_searchable_field_is_searched_and_no_other(bench: &Workbench) {
    let scope = bench.found().await;
    let made = super::specimen::populate(bench, &scope, 6).await;
    for object in objects().into_iter().filter(|object| object.is_searchable()) {
        let mut rows = made[object.name].clone();
        for (index, field) in object.fields.iter().enumerate() {
            let free =
                matches!(field.format, crate::Format::Line(_) | crate::Format::Lines(_)) && !field.unique;
            if field.kind != crate::Kind::Text || !free {
                continue;
            }
            let before = rows[0].clone();
            let mut after = Row { version: before.version + 1, ..before.clone() };
            after.values[index] = Value::Text("Needle".into());
            bench.commit(&scope, bench.draft().update(object, &before, &after)).await;
            rows[0] = after.clone();
            let found = ids(&bench.all(&scope, object, &search("needle")).await);
            let expected = if field.searchable { vec![after.id] } else { Vec::new() };
            assert_eq!(found, expected, "`{}` of {object:?}", field.name);
            let restored = Row { version: after.version + 1, ..before };
            bench.commit(&scope, bench.draft().update(object, &after, &restored)).await;
            rows[0] = restored;
            assert!(bench.all(&scope, object, &search("needle")).await.is_empty());
        }
    }
}

pub(super) async fn a_changed_text_is_found_by_its_new_words_alone(bench: &Workbench) {
    let (scope, rows) = companies(bench, &["Solar"]).await;
    let object = Customer::object();
    let after = revised(&rows[0], "company", object, Value::Text("Wind".into()));
    bench.commit(&scope, bench.draft().update(object, &rows[0], &after)).await;
    for (terms, found) in [("solar", 0), ("so", 0), ("wind", 1), ("wi", 1)] {
        assert_eq!(bench.all(&scope, object, &search(terms)).await.len(), found, "`{terms}`");
    }
}

pub(super) async fn a_change_of_other_fields_keeps_the_text(bench: &Workbench) {
    let (scope, rows) = companies(bench, &["Solar"]).await;
    let object = Customer::object();
    let after = revised(&rows[0], "notes", object, Value::Text("Other".into()));
    let batch = bench.draft().update(object, &rows[0], &after).build();
    assert!(matches!(&batch.changes[0].write, Write::Put { search: None, .. }), "the text has not changed");
    bench.store.commit(&scope, batch).await.expect("the commit succeeds");
    for terms in ["solar", "so", "lar"] {
        assert_eq!(ids(&bench.all(&scope, object, &search(terms)).await), [after.id], "`{terms}`");
    }
}

pub(super) async fn a_text_that_becomes_empty_is_found_no_more(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Interaction::object();
    let customer = bench.customers(&scope, &["Solar"]).await.remove(0);
    let note = Interaction::default().kind("note").subject("Offer").occurred_at(bench.now());
    let row = bench.row(note.customer_id(crate::Id::<Customer>::from_uuid(customer.id)));
    bench.create(&scope, object, std::slice::from_ref(&row)).await;
    assert_eq!(bench.all(&scope, object, &search("offer")).await.len(), 1);
    let after = revised(&row, "subject", object, Value::Null);
    bench.commit(&scope, bench.draft().update(object, &row, &after)).await;
    for terms in ["offer", "o", "of"] {
        assert!(bench.all(&scope, object, &search(terms)).await.is_empty(), "`{terms}`");
    }
    let lacking = Filter::Not(Box::new(search("offer")));
    assert_eq!(ids(&bench.all(&scope, object, &lacking).await), [row.id]);
}

pub(super) async fn deleted_records_are_found_only_where_asked_for(bench: &Workbench) {
    let (scope, rows) = companies(bench, &["Solar one", "Solar two"]).await;
    let object = Customer::object();
    let deleted = bench.delete(&scope, object, &rows[1]).await;
    for terms in ["solar", "so", "two"] {
        let live = bench.count(&scope, object, &search(terms)).await;
        assert_eq!(live, u64::from(terms != "two"), "`{terms}`");
        agrees(bench, &scope, object, &[rows[0].clone(), deleted.clone()], terms).await;
    }
    let restored = Row { deleted_at: None, version: 3, ..rows[1].clone() };
    bench.commit(&scope, bench.draft().put(object, Some(&deleted), &restored, EventKind::Restored)).await;
    assert_eq!(bench.count(&scope, object, &search("two")).await, 1);
}

pub(super) async fn a_search_is_of_one_kind_of_record(bench: &Workbench) {
    let (scope, rows) = companies(bench, &["Solar"]).await;
    let contact = Row { id: rows[0].id, ..bench.row(Contact::at(crate::Id::from_uuid(rows[0].id), "Lunar")) };
    bench.create(&scope, Contact::object(), std::slice::from_ref(&contact)).await;
    for terms in ["solar", "lu", "lunar", "so"] {
        agrees(bench, &scope, Customer::object(), &rows, terms).await;
        agrees(bench, &scope, Contact::object(), std::slice::from_ref(&contact), terms).await;
    }
}

pub(super) async fn a_search_sorts_and_pages_like_a_list(bench: &Workbench) {
    let names: Vec<String> =
        (0..90).map(|nth| format!("{} {nth:03}", ["Solar", "Wind", "Solar wind"][nth % 3])).collect();
    let (scope, rows) = companies(bench, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    for direction in [Direction::Ascending, Direction::Descending] {
        for (terms, matching) in [("solar", 60), ("so wi", 30), ("w", 60)] {
            let sort = vec![(key(Customer::object(), "company"), direction)];
            let select = Select { sort, limit: 7, filter: search(terms), ..every(Customer::object()) };
            let found = bench.pages(&scope, select.clone()).await;
            let mut expected: Vec<&Row> =
                rows.iter().filter(|row| select.filter.matches(row, &text(row))).collect();
            expected.sort_by(|a, b| select.order(a, b));
            assert_eq!(ids(&found), expected.iter().map(|row| row.id).collect::<Vec<_>>(), "`{terms}`");
            assert_eq!(found.len(), matching);
        }
    }
}

fn text(row: &Row) -> String {
    Customer::object().search_text(&row.values)
}

pub(super) async fn nothing_to_search_for_finds_everything(bench: &Workbench) {
    let (scope, _) = companies(bench, &["One", "Two"]).await;
    for terms in ["", " ", "\t\n", "\u{301}"] {
        let found = bench.crm.customers(&scope).list(Query::new().search(terms)).await.unwrap().data;
        assert_eq!(found.len(), 2, "`{}`", terms.escape_debug());
    }
}

pub(super) async fn long_searches_are_answered(bench: &Workbench) {
    let long = "lorem ".repeat(33);
    let (scope, rows) = companies(bench, &[long.trim(), "Short"]).await;
    let letters = "a b c d e f g h i j k l m n o p q r s t u v w x y z ".repeat(3);
    for terms in
        ["lorem ".repeat(33).trim(), &"lorem".repeat(40), &letters, &"😀".repeat(200), &"% ".repeat(100)]
    {
        assert!(terms.chars().count() <= crate::MAX_SEARCH_CHARS);
        agrees(bench, &scope, Customer::object(), &rows, terms).await;
    }
}

pub(super) async fn a_large_tenant_is_searched_as_a_small_one(bench: &Workbench) {
    const ROWS: usize = 25_000;
    let (large, small) = bench.found_two().await;
    let words = ["solar", "wind", "hydro", "tidal", "biogas"];
    let name = |nth: usize| {
        format!("{} power {nth:05}{}", words[nth % 5], if nth == 12_345 { " unicorn" } else { "" })
    };
    let mut rows = Vec::new();
    for start in (0..ROWS).step_by(500) {
        let batch: Vec<Row> = (start..start + 500).map(|nth| bench.customer(&name(nth))).collect();
        bench.create(&large, Customer::object(), &batch).await;
        rows.extend(batch);
    }
    let own = bench.customers(&small, &["Solar power", "Other"]).await;
    for (terms, at_least) in [
        ("unicorn", 1),
        ("solar", 5_000),
        ("so", 5_000),
        ("p", 25_000),
        ("12345", 1),
        ("solar 000", 20),
        ("solar wind", 0),
        ("power 99999", 0),
        ("zz", 0),
    ] {
        let filter = search(terms);
        let expected = rows.iter().filter(|row| filter.matches(row, &text(row))).count() as u64;
        assert!(expected >= at_least, "`{terms}` is in the rows");
        assert_eq!(bench.count(&large, Customer::object(), &filter).await, expected, "`{terms}`");
    }
    for (terms, expected) in
        [("solar", vec![own[0].id]), ("power", vec![own[0].id]), ("unicorn", vec![]), ("wind", vec![])]
    {
        assert_eq!(ids(&bench.all(&small, Customer::object(), &search(terms)).await), expected, "`{terms}`");
    }
    let after = revised(&rows[12_345], "company", Customer::object(), Value::Text("Griffin".into()));
    bench.commit(&large, bench.draft().update(Customer::object(), &rows[12_345], &after)).await;
    bench.delete(&large, Customer::object(), &rows[0]).await;
    for (terms, expected) in [("unicorn", 0), ("griffin", 1), ("00000", 0), ("power", ROWS as u64 - 2)] {
        assert_eq!(
            bench.count(&large, Customer::object(), &search(terms)).await,
            expected,
            "`{terms}` afterwards"
        );
    }
    let sort = vec![(key(Customer::object(), "company"), Direction::Ascending)];
    let select =
        Select { sort, filter: search("tidal"), visibility: Visibility::Live, ..every(Customer::object()) };
    let found = bench.pages(&large, select).await;
    assert_eq!(ids(&found), rows.iter().skip(3).step_by(5).map(|row| row.id).collect::<Vec<_>>());
}
