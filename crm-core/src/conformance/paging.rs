//! Order and pages: one total order for every store, and pages that join to the whole list.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::{
    Customer, Direction, Entity, Filter, Key, Lead, MAX_PAGE, Object, Pipeline, Row, Select, Settings,
    TenantScope, Value, Visibility, objects,
};

use super::{
    specimen::populate,
    workbench::{Workbench, every, ids, key, revised, search},
};

const DIRECTIONS: [Direction; 2] = [Direction::Ascending, Direction::Descending];

/// The ids of the rows that a question is about, in its order by definition.
fn ordered(rows: &[Row], select: &Select) -> Vec<Uuid> {
    let matches = |row: &&Row| {
        select.visibility.admits(row) && select.filter.matches(row, &select.object.search_text(&row.values))
    };
    let mut rows: Vec<&Row> = rows.iter().filter(matches).collect();
    rows.sort_by(|a, b| select.order(a, b));
    rows.into_iter().map(|row| row.id).collect()
}

fn sortable(object: &Object) -> Vec<Key> {
    let system = [Key::Id, Key::CreatedAt, Key::UpdatedAt, Key::Number];
    let fields = (0..object.fields.len()).map(Key::Field);
    system.into_iter().chain(fields).filter(|key| object.is_sortable(*key)).collect()
}

async fn filled(bench: &Workbench, count: u64) -> (TenantScope, BTreeMap<&'static str, Vec<Row>>) {
    let scope = bench.found().await;
    let mut made = populate(bench, &scope, count).await;
    for object in [Pipeline::object(), Settings::object()] {
        let own = bench.get(&scope, object, scope.tenant().uuid()).await.expect("what a tenant begins with");
        made.entry(object.name).or_default().push(own);
    }
    (scope, made)
}

pub(super) async fn every_sortable_key_orders_every_object(bench: &Workbench) {
    let (scope, made) = filled(bench, 40).await;
    for object in objects() {
        for key in sortable(object) {
            for direction in DIRECTIONS {
                let select = Select { sort: vec![(key, direction)], ..every(object) };
                let found = ids(&bench.pages(&scope, select.clone()).await);
                let name = object.key_name(key);
                assert_eq!(found, ordered(&made[object.name], &select), "{object:?} by {name} {direction:?}");
            }
        }
    }
}

pub(super) async fn two_keys_order_in_any_directions(bench: &Workbench) {
    let (scope, made) = filled(bench, 40).await;
    for object in [Lead::object(), Customer::object(), crate::Interaction::object()] {
        for first in sortable(object) {
            for second in sortable(object) {
                for (nth, direction) in DIRECTIONS.into_iter().enumerate() {
                    let sort = vec![(first, direction), (second, DIRECTIONS[1 - nth])];
                    let select = Select { sort, limit: 13, ..every(object) };
                    let found = ids(&bench.pages(&scope, select.clone()).await);
                    assert_eq!(
                        found,
                        ordered(&made[object.name], &select),
                        "{object:?} by {:?}",
                        select.sort
                    );
                }
            }
        }
    }
}

pub(super) async fn nothing_sorts_lowest(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let named =
        |name: Option<&str>| bench.row(Customer { name: name.map(str::to_owned), ..Customer::company("C") });
    let rows = [named(Some("b")), named(None), named(Some("a"))];
    bench.create(&scope, object, &rows).await;
    let name = key(object, "name");
    let by = |direction| Select { sort: vec![(name, direction)], limit: 1, ..every(object) };
    let (up, down) = ([rows[1].id, rows[2].id, rows[0].id], [rows[0].id, rows[2].id, rows[1].id]);
    assert_eq!(ids(&bench.pages(&scope, by(Direction::Ascending)).await), up);
    assert_eq!(ids(&bench.pages(&scope, by(Direction::Descending)).await), down);
}

pub(super) async fn equals_are_in_the_order_of_their_ids(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let rows: Vec<Row> = (0..20).map(|_| bench.customer("Same")).collect();
    bench.create(&scope, object, &rows).await;
    let mut sorted = ids(&rows);
    sorted.sort_unstable();
    for (first, last) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let sort = vec![(key(object, "company"), DIRECTIONS[first]), (key(object, "name"), DIRECTIONS[last])];
        let found = ids(&bench.pages(&scope, Select { sort, limit: 3, ..every(object) }).await);
        let expected: Vec<Uuid> =
            if last == 0 { sorted.clone() } else { sorted.iter().rev().copied().collect() };
        assert_eq!(found, expected, "in the direction of the last key");
    }
}

pub(super) async fn pages_of_every_size_join_to_the_whole_list(bench: &Workbench) {
    let (scope, made) = filled(bench, 37).await;
    let object = Lead::object();
    for sort in [
        vec![(key(object, "company"), Direction::Ascending)],
        vec![(key(object, "value"), Direction::Descending), (Key::CreatedAt, Direction::Ascending)],
        vec![(key(object, "name"), Direction::Descending), (key(object, "email_key"), Direction::Ascending)],
        vec![(Key::CreatedAt, Direction::Descending), (key(object, "closed_at"), Direction::Descending)]
            .into_iter()
            .filter(|(key, _)| object.is_sortable(*key))
            .collect(),
    ] {
        let whole = ordered(&made["leads"], &Select { sort: sort.clone(), ..every(object) });
        for limit in (1..=38).chain([100, MAX_PAGE]) {
            let select = Select { sort: sort.clone(), limit, ..every(object) };
            assert_eq!(ids(&bench.pages(&scope, select).await), whole, "by {sort:?}, pages of {limit}");
        }
    }
}

pub(super) async fn a_filtered_list_pages_as_a_whole_one(bench: &Workbench) {
    let (scope, made) = filled(bench, 40).await;
    let object = Lead::object();
    let filters = [
        Filter::IsNull(key(object, "value")),
        Filter::Not(Box::new(Filter::Eq(key(object, "stage"), Value::Text("new".into())))),
        search("a"),
        Filter::Prefix(key(object, "company"), "a".into()),
    ];
    for filter in filters {
        for visibility in [Visibility::Live, Visibility::Deleted, Visibility::Any] {
            let sort = vec![(key(object, "company"), Direction::Descending)];
            let select = Select { filter: filter.clone(), sort, limit: 3, visibility, ..every(object) };
            let found = ids(&bench.pages(&scope, select.clone()).await);
            assert_eq!(found, ordered(&made["leads"], &select), "{filter:?} {visibility:?}");
        }
    }
}

pub(super) async fn a_page_says_whether_there_are_more(bench: &Workbench) {
    let scope = bench.found().await;
    bench.customers(&scope, &["a", "b", "c"]).await;
    for (limit, rows, more) in
        [(1, 1, true), (2, 2, true), (3, 3, false), (4, 3, false), (MAX_PAGE, 3, false)]
    {
        let page = bench.store.query(&scope, &Select { limit, ..every(Customer::object()) }).await;
        let page = page.expect("query succeeds");
        assert_eq!((page.rows.len(), page.more), (rows, more), "limit {limit}");
    }
    let none = Select { filter: Filter::Any(Vec::new()), ..every(Customer::object()) };
    assert_eq!(bench.store.query(&scope, &none).await.expect("query succeeds"), crate::Rows::default());
}

pub(super) async fn the_largest_page_holds_five_hundred(bench: &Workbench) {
    let scope = bench.found().await;
    let rows: Vec<Row> = (0..=MAX_PAGE).map(|nth| bench.customer(&format!("{nth:05}"))).collect();
    bench.create(&scope, Customer::object(), &rows).await;
    let sort = vec![(key(Customer::object(), "company"), Direction::Ascending)];
    let select = Select { sort, ..every(Customer::object()) };
    let page = bench.store.query(&scope, &select).await.expect("query succeeds");
    assert_eq!((ids(&page.rows), page.more), (ids(&rows[..500]), true));
    assert_eq!(ids(&bench.pages(&scope, select).await), ids(&rows));
}

pub(super) async fn a_place_need_not_be_taken(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let rows = bench.customers(&scope, &["a", "b", "c", "d"]).await;
    let sort = vec![(key(object, "company"), Direction::Ascending)];
    let mut select = Select { sort, ..every(object) };
    select.after = Some(select.position(&rows[1]));
    bench.delete(&scope, object, &rows[1]).await;
    bench.store.erase(&scope, object, rows[1].id, bench.now()).await.expect("erase succeeds");
    assert_eq!(ids(&bench.pages(&scope, select.clone()).await), ids(&rows[2..]), "its row may be gone");
    select.after = Some(crate::Position { keys: vec![Value::Text("zz".into())], id: bench.new_id() });
    assert!(bench.pages(&scope, select.clone()).await.is_empty());
    select.after = Some(crate::Position { keys: vec![Value::Null], id: Uuid::max() });
    assert_eq!(bench.pages(&scope, select).await.len(), 3);
}

pub(super) async fn paging_while_others_write_repeats_and_loses_nothing(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let names: Vec<String> = (0..60).map(|nth| format!("{nth:03}")).collect();
    let rows = bench.customers(&scope, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let sort = vec![(key(object, "company"), Direction::Ascending)];
    let mut select = Select { sort, limit: 7, visibility: Visibility::Live, ..every(object) };
    let mut seen: Vec<Uuid> = Vec::new();
    let mut gone: Vec<Uuid> = Vec::new();
    for round in 0.. {
        assert!(round < 60, "the list never ends");
        let page = bench.store.query(&scope, &select).await.expect("query succeeds");
        seen.extend(ids(&page.rows));
        let Some(last) = page.rows.last().filter(|_| page.more) else { break };
        select.after = Some(select.position(last));
        // One before the place and one after it appear, one that was seen and one that was not go away.
        bench.customers(&scope, &["000 before", &format!("999 {round:03}")]).await;
        for row in [rows.iter().find(|row| seen.contains(&row.id) && !gone.contains(&row.id)), rows.last()] {
            let Some(row) = row.filter(|row| !gone.contains(&row.id)) else { continue };
            bench.delete(&scope, object, row).await;
            gone.push(row.id);
        }
    }
    let mut unique = seen.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), seen.len(), "no row comes twice");
    for row in &rows[..59] {
        assert!(seen.contains(&row.id), "a row that stayed ahead of the place is seen");
    }
    assert!(!seen.contains(&rows[59].id), "a row that went away before its turn is not");
}

pub(super) async fn a_changed_row_moves_to_its_new_place(bench: &Workbench) {
    let scope = bench.found().await;
    let object = Customer::object();
    let rows = bench.customers(&scope, &["a", "b", "c"]).await;
    let after = revised(&rows[0], "company", object, Value::Text("d".into()));
    bench.commit(&scope, bench.draft().update(object, &rows[0], &after)).await;
    let sort = vec![(key(object, "company"), Direction::Ascending)];
    let found = ids(&bench.pages(&scope, Select { sort, ..every(object) }).await);
    assert_eq!(found, [rows[1].id, rows[2].id, rows[0].id]);
}
