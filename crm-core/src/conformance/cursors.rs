//! Cursors: a place in one list of one tenant, and of no other.

use crate::{Customer, Error, Interaction, Lead, Money, Query, Record, Role, TenantScope, Visibility};

use super::workbench::{Workbench, refused};

async fn filled(bench: &Workbench) -> TenantScope {
    let scope = bench.found().await;
    let names = ["Solar 1", "Wind", "Solar 2", "Solar 3", "Hydro", "Solar 4"];
    let customers = names
        .map(|name| Customer { name: (name < "Solar 3").then(|| "Ada".into()), ..Customer::company(name) });
    bench.crm.customers(&scope).create_many(customers.to_vec()).await.unwrap();
    scope
}

fn companies(data: &[Record<Customer>]) -> Vec<&str> {
    data.iter().filter_map(|own| own.company.as_deref()).collect()
}

pub(super) async fn a_cursor_goes_on_where_the_page_ended(bench: &Workbench) {
    let scope = filled(bench).await;
    let customers = bench.crm.customers(&scope);
    let query = || Query::new().search("solar").sort(Customer::NAME.desc()).sort(Customer::COMPANY.asc());
    let first = customers.list(query().limit(2)).await.unwrap();
    assert_eq!(companies(&first.data), ["Solar 1", "Solar 2"]);
    let cursor = first.next_cursor.expect("a cursor");
    let second = customers.list(query().limit(1).after(&cursor)).await.unwrap();
    assert_eq!(companies(&second.data), ["Solar 3"], "the limit may change");
    let viewer = bench.as_role(&scope, Role::Viewer);
    let third = second.next_cursor.expect("a cursor");
    let third = bench.crm.customers(&viewer).list(query().after(&third)).await.unwrap();
    assert_eq!((companies(&third.data), third.next_cursor), (vec!["Solar 4"], None), "and so may the actor");
    let again = customers.list(query().limit(2).after(&cursor)).await.unwrap();
    assert_eq!(companies(&again.data), ["Solar 3", "Solar 4"], "a cursor can be used again");
}

pub(super) async fn a_cursor_belongs_to_its_query(bench: &Workbench) {
    let scope = filled(bench).await;
    let customers = bench.crm.customers(&scope);
    let query = || Query::new().filter(Customer::IS_ACTIVE.eq(true)).sort(Customer::COMPANY.asc()).limit(2);
    let cursor = customers.list(query()).await.unwrap().next_cursor.expect("a cursor");
    let others = [
        Query::new().sort(Customer::COMPANY.asc()),
        query().filter(Customer::IS_ACTIVE.eq(true)),
        Query::new().filter(Customer::IS_ACTIVE.eq(false)).sort(Customer::COMPANY.asc()),
        Query::new().filter(Customer::IS_ACTIVE.ne(true)).sort(Customer::COMPANY.asc()),
        Query::new().filter(Customer::IS_ACTIVE.eq(true)).sort(Customer::COMPANY.desc()),
        Query::new().filter(Customer::IS_ACTIVE.eq(true)).sort(Customer::NAME.asc()),
        Query::new().filter(Customer::IS_ACTIVE.eq(true)),
        query().sort(Customer::NAME.asc()),
        query().search("solar"),
        query().visibility(Visibility::Any),
    ];
    for other in others {
        let asked = format!("{other:?}");
        match customers.list(other.after(&cursor)).await {
            Err(Error::BadCursor) => {}
            done => panic!("the cursor must not fit {asked}, got {done:?}"),
        }
    }
    let leads = bench.crm.leads(&scope).list(Query::new().sort(Lead::COMPANY.asc()).after(&cursor)).await;
    refused!(leads, Error::BadCursor);
    customers.list(query().after(cursor)).await.unwrap();
}

pub(super) async fn a_cursor_belongs_to_its_tenant(bench: &Workbench) {
    let (ours, theirs) = (filled(bench).await, filled(bench).await);
    let query = || Query::new().sort(Customer::COMPANY.asc()).limit(2);
    let foreign = bench.crm.customers(&theirs).list(query()).await.unwrap().next_cursor.expect("a cursor");
    refused!(bench.crm.customers(&ours).list(query().after(&foreign)).await, Error::BadCursor);
    let own = bench.crm.customers(&ours).list(query()).await.unwrap().next_cursor.expect("a cursor");
    bench.crm.customers(&ours).list(query().after(own)).await.unwrap();
}

pub(super) async fn a_changed_cursor_is_refused(bench: &Workbench) {
    let scope = filled(bench).await;
    let customers = bench.crm.customers(&scope);
    let query = || Query::new().sort(Customer::COMPANY.asc()).limit(2);
    let cursor = customers.list(query()).await.unwrap().next_cursor.expect("a cursor");
    for place in 0..cursor.len() {
        let mut bytes = cursor.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).expect("text");
        refused!(customers.list(query().after(changed)).await, Error::BadCursor);
        refused!(customers.list(query().after(&cursor[..place])).await, Error::BadCursor);
    }
    for made_up in
        ["", "x", "null", "e30", "=", "%%%", "😀", &"A".repeat(100_000), &format!("{cursor}{cursor}")]
    {
        refused!(customers.list(query().after(made_up)).await, Error::BadCursor);
    }
}

pub(super) async fn cursors_carry_every_kind_of_value(bench: &Workbench) {
    let scope = bench.found().await;
    let leads = bench.crm.leads(&scope);
    let values = [None, Some(0), Some(1), Some(i64::MAX / 4), None, Some(5)];
    let dates = super::specimen::dates();
    for (nth, amount) in values.into_iter().enumerate() {
        let value = amount.and_then(|amount| Money::new(amount, "EUR"));
        let lead = Lead {
            value,
            name: (nth % 3 > 0).then(|| format!("\"é😀\\ {nth}")),
            expected_close: (nth % 4 > 0).then(|| dates[nth]),
            ..Lead::company(format!("Company {nth}"))
        };
        leads.create(lead).await.unwrap();
        bench.clock.advance(chrono::TimeDelta::microseconds(1));
    }
    let names =
        ["value", "name", "expected_close", "email", "created_at", "updated_at", "lead_id", "id", "company"];
    for name in names {
        for direction in [crate::Direction::Ascending, crate::Direction::Descending] {
            let query = || Query::<Lead>::new().sort(crate::Sort::new(name, direction));
            let whole = leads.list(query()).await.unwrap().data;
            let mut paged = Vec::new();
            let mut page = leads.list(query().limit(1)).await.unwrap();
            while paged.len() < 6 {
                paged.append(&mut page.data);
                let Some(cursor) = page.next_cursor else { break };
                page = leads.list(query().limit(1).after(cursor)).await.unwrap();
            }
            assert_eq!((paged.len(), &paged), (6, &whole), "by {name} {direction:?}");
        }
    }
    let customer = bench.crm.customers(&scope).create(Customer::company("Solar")).await.unwrap().id;
    let interactions = bench.crm.interactions(&scope);
    for time in super::specimen::times() {
        let note = Interaction::default().kind("note").occurred_at(time);
        interactions.create(note.customer_id(customer)).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut query = Query::new().limit(2);
    while seen.len() < super::specimen::times().len() {
        let page = interactions.list(query).await.unwrap();
        seen.extend(page.data.into_iter().filter_map(|own| own.occurred_at));
        let Some(cursor) = page.next_cursor else { break };
        query = Query::new().limit(2).after(cursor);
    }
    let mut times = super::specimen::times();
    times.reverse();
    assert_eq!(seen, times, "of the years 1 to 9999");
}
