//! Batches made by hand, as no façade makes them, on the rows as they are; at most one thing in each that must fail.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::{
    Batch, Contact, Customer, Entity, EventKind, Expect, Id, Interaction, Lead, LeadTimes, Object, Project,
    Role, Row, Settings, Task, TaskTimes, TenantScope, User, Value,
    conformance::workbench::{Draft, every, new_row, revised},
};

use super::{
    operation::{Edit, Fault, Sort},
    world::{World, chosen, key, object_of},
};

const FIGURE: &str = "test.figure";

/// A batch in the making, with the rows as it leaves them.
struct Making<'a> {
    world: &'a World,
    tenant: usize,
    scope: &'a TenantScope,
    rows: BTreeMap<(Sort, Uuid), Row>,
    draft: Draft,
}

/// The batch of these changes, and who commits it where.
pub(super) async fn made(
    world: &World,
    tenant: usize,
    scope: &TenantScope,
    changes: &[Edit],
    fault: Fault,
    once: Option<(u8, u8)>,
) -> (TenantScope, Batch) {
    let settings = world.settings(scope).await;
    let draft = Draft::new(world.now()).by(settings.data.calendar());
    let mut making = Making { world, tenant, scope, rows: BTreeMap::new(), draft };
    for change in changes {
        making.edit(change).await;
    }
    // What is counted by day holds the days it was counted by: the batch may be committed again when they are others.
    if !making.rows.is_empty() {
        making.check(Settings::object(), settings.id.uuid(), Expect::Version(settings.version));
    }
    let amount = i64::try_from(changes.len()).unwrap_or_default() - 2;
    if amount != 0 {
        making.draft = making.draft.add(FIGURE, ["a", "B", "é"][changes.len() % 3], amount);
    }
    if fault == Fault::None && changes.len() % 3 == 1 {
        making.draft = making.draft.after(world.head(scope).await);
    }
    making.spoil(fault).await;
    let batch = Batch { once: once.map(key), ..making.draft.build() };
    let scope = match fault {
        Fault::Unfounded => world.upkeep(Id::from_uuid(Uuid::from_u128(0xDEAD))),
        _ => scope.clone(),
    };
    (scope, batch)
}

impl Making<'_> {
    /// A record as the batch has it so far.
    async fn row(&self, sort: Sort, pick: u16) -> Option<Row> {
        let id = self.world.target(self.tenant, sort, pick);
        match self.rows.get(&(sort, id)) {
            Some(row) => Some(row.clone()),
            None => self.world.row(self.scope.tenant(), object_of(sort), id).await,
        }
    }

    fn put(&mut self, sort: Sort, before: Option<&Row>, after: Row, kind: EventKind) {
        let draft = std::mem::replace(&mut self.draft, Draft::new(self.world.now()));
        self.draft = draft.put(object_of(sort), before, &after, kind);
        self.rows.insert((sort, after.id), after);
    }

    fn check(&mut self, object: &'static Object, id: Uuid, expect: Expect) {
        let draft = std::mem::replace(&mut self.draft, Draft::new(self.world.now()));
        self.draft = draft.check(object, id, expect);
    }

    async fn edit(&mut self, edit: &Edit) {
        match edit {
            Edit::Create { sort, value } => {
                if let Some(row) = self.fresh(*sort, *value).await {
                    self.put(*sort, None, row, EventKind::Created);
                }
            }
            Edit::Update { sort, target, value } => {
                let Some(before) = self.row(*sort, *target).await else { return };
                let name = match sort {
                    Sort::Interactions => "subject",
                    Sort::Tasks => "title",
                    _ => "name",
                };
                let text = ["Solar", "wind", "Éclair", "😀"][usize::from(*value) % 4];
                let mut after = revised(&before, name, object_of(*sort), Value::Text(text.into()));
                after.updated_at = self.world.now();
                self.put(*sort, Some(&before), after, EventKind::Updated);
            }
            Edit::Delete { sort, target } => {
                let Some(before) = self.row(*sort, *target).await else { return };
                let (deleted_at, version) = (Some(self.world.now()), before.version + 1);
                let after = Row { deleted_at, version, ..before.clone() };
                self.put(*sort, Some(&before), after, EventKind::Deleted);
            }
            Edit::Restore { sort, target } => {
                // A user's address may be taken by now, which would be a second reason to fail.
                let row = self.row(*sort, *target).await.filter(|_| *sort != Sort::Users);
                let Some(before) = row else { return };
                let mut after = Row { deleted_at: None, version: before.version + 1, ..before.clone() };
                if let Some(index) = object_of(*sort).index_of("external_id") {
                    after.values[index] = Value::Null;
                }
                self.put(*sort, Some(&before), after, EventKind::Restored);
            }
            Edit::Check { sort, target } => {
                let expect = self.row(*sort, *target).await;
                let id = expect.as_ref().map_or(Uuid::from_u128(3), |row| row.id);
                let expect = expect.map_or(Expect::Absent, |row| Expect::Version(row.version));
                self.check(object_of(*sort), id, expect);
            }
        }
    }

    /// A new row that nothing stands against.
    async fn fresh(&self, sort: Sort, value: u16) -> Option<Row> {
        let (id, now) = (self.world.new_id(), self.world.now());
        let text = ["Solar", "wind north", "Éclair", "日本", "a_b%"][usize::from(value) % 5];
        let customer = match self.row(Sort::Customers, value).await {
            Some(row) => Some(Id::<Customer>::from_uuid(row.id)),
            None => None,
        };
        Some(match sort {
            Sort::Customers => new_row(id, now, Customer::company(text).external_id(id.to_string()), ()),
            Sort::Contacts => new_row(id, now, Contact::at(customer?, text), ()),
            Sort::Leads => {
                let times = LeadTimes { stage_entered_at: Some(now), ..LeadTimes::default() };
                let lead = Lead { customer_id: customer, ..Lead::company(text).stage("new") };
                new_row(id, now, lead, times)
            }
            Sort::Interactions => {
                let note = Interaction::default().kind("note").subject(text).occurred_at(now);
                new_row(id, now, note.customer_id(customer?), ())
            }
            Sort::Projects => new_row(id, now, Project::new(text), ()),
            Sort::Tasks => {
                let task = Task { customer_id: customer, ..Task::new(text).due_at(now) };
                new_row(id, now, task, TaskTimes::default())
            }
            Sort::Users => new_row(id, now, User::new(format!("{id}@example.com"), Role::Member), ()),
        })
    }

    /// Adds the one thing that must fail.
    async fn spoil(&mut self, fault: Fault) {
        let (customers, now) = (Customer::object(), self.world.now());
        let draft = self.draft.clone();
        match fault {
            Fault::None | Fault::Unfounded => {}
            Fault::Stale => self.check(customers, Uuid::from_u128(0xABBA), Expect::Version(1)),
            Fault::Present => {
                let rows = self.world.rows(self.scope, &every(customers)).await;
                if let Some(row) = chosen(&rows, 1) {
                    self.check(customers, row.id, Expect::Absent);
                }
            }
            Fault::Reference => {
                let contact = Contact::at(Id::from_uuid(Uuid::from_u128(0xBEEF)), "Nobody's");
                self.put(
                    Sort::Contacts,
                    None,
                    new_row(self.world.new_id(), now, contact, ()),
                    EventKind::Created,
                );
            }
            Fault::Unique => {
                for _ in 0..2 {
                    let twin = Customer::company("Twin").external_id("twin");
                    let twin = new_row(self.world.new_id(), now, twin, ());
                    self.put(Sort::Customers, None, twin, EventKind::Created);
                }
            }
            Fault::Bound => self.draft = draft.bound(FIGURE, "a", i64::MAX, i64::MAX),
            Fault::Overflow => self.draft = draft.add(FIGURE, "edge", i64::MAX),
            Fault::Founded => self.draft = draft.founding(),
            Fault::Late => self.draft = draft.after(0),
        }
    }
}
