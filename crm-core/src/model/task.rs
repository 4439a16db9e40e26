//! Tasks: what somebody has to do, and by when.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};

use crate::{
    Access, Column, Customer, Entity, Error, Faults, Field, Id, Lead, Object, Plan, Project, Record, Result,
    Row, Rules, Tally, User, Value, entity,
};

entity! {
    /// Something to do, for a customer, a lead, a project, or for nothing of these.
    ///
    /// A task is overdue when it is open and the day on which it was due is over where the tenant is.
    pub struct Task {
        /// What is to be done.
        TITLE title: String => Field::line(300).required().searchable().sortable();
        /// How it stands: `open` or `done`.
        STATUS status: String = "open".to_owned() => Field::choice(&["open", "done"]).required().lookup();
        /// How much it matters: `low`, `normal` or `high`.
        PRIORITY priority: String = "normal".to_owned() => Field::choice(&["low", "normal", "high"]).required();
        /// By when.
        DUE_AT due_at: Option<DateTime<Utc>> => Field::time().sortable();
        /// The user who is to do it, who must be active when it is given to them.
        ASSIGNEE_ID assignee_id: Option<Id<User>> => Field::reference(User::object);
        /// The customer it is about.
        CUSTOMER_ID customer_id: Option<Id<Customer>> => Field::reference(Customer::object);
        /// The lead it is about.
        LEAD_ID lead_id: Option<Id<Lead>> => Field::reference(Lead::object);
        /// The project it belongs to.
        PROJECT_ID project_id: Option<Id<Project>> => Field::reference(Project::object);
    }
}

entity! {
    /// What the rules keep of a task.
    pub struct TaskTimes {
        /// When it was done; nothing while it is open.
        COMPLETED_AT completed_at: Option<DateTime<Utc>> => Field::time().managed();
    }
}

/// The status of a task that is still to be done.
pub(crate) const OPEN: &str = "open";
const DONE: &str = "done";

impl Task {
    /// When it was done.
    pub const COMPLETED_AT: Column<Self, DateTime<Utc>> = Column::named("completed_at");

    /// A task with this title.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }
}

static OBJECT: LazyLock<Object> = LazyLock::new(|| {
    let fields = Task::fields().into_iter().chain(TaskTimes::fields()).collect();
    Object::new("tasks", "task", Access::Work, fields, tally).counts_by_day(&[
        "tasks",
        "tasks.due",
        "tasks.completed",
    ])
});

struct Places {
    status: usize,
    due_at: usize,
    completed_at: usize,
}

static PLACES: LazyLock<Places> = LazyLock::new(|| {
    let place = |name| OBJECT.index_of(name).unwrap_or_default();
    Places { status: place("status"), due_at: place("due_at"), completed_at: place("completed_at") }
});

fn tally(row: &Row, tally: &mut Tally<'_>) {
    let status = row.values.get(PLACES.status).and_then(Value::as_text).unwrap_or_default();
    tally.one("tasks", status);
    match (status, row.values.get(PLACES.due_at), row.values.get(PLACES.completed_at)) {
        (OPEN, Some(Value::Time(due)), _) => tally.one("tasks.due", tally.day(*due)),
        (DONE, _, Some(Value::Time(completed))) => tally.one("tasks.completed", tally.day(*completed)),
        _ => {}
    }
}

impl Entity for Task {
    type Managed = TaskTimes;
    type Context = ();

    fn object() -> &'static Object {
        &OBJECT
    }

    fn check(&self, _: &Rules<'_, Self>, faults: &mut Faults) {
        let parents = [
            ("customer_id", self.customer_id.is_some()),
            ("lead_id", self.lead_id.is_some()),
            ("project_id", self.project_id.is_some()),
        ];
        let mut given = parents.into_iter().filter_map(|(name, given)| given.then_some(name));
        if let Some(first) = given.next() {
            for other in given {
                faults.field(other, "conflicting", format!("must not be given together with `{first}`"));
            }
        }
    }

    fn manage(&self, rules: &Rules<'_, Self>) -> TaskTimes {
        let before = rules.before.filter(|before| before.status == DONE);
        let completed = before.and_then(|before| before.managed.completed_at).unwrap_or(rules.now);
        TaskTimes { completed_at: (self.status == DONE).then_some(completed) }
    }

    async fn guard(
        plan: &mut Plan<'_>,
        before: Option<&Record<Self>>,
        after: Option<&Record<Self>>,
    ) -> Result<()> {
        let kept = before.and_then(|before| before.assignee_id);
        let Some(assignee) = after.and_then(|after| after.assignee_id).filter(|own| Some(*own) != kept)
        else {
            return Ok(());
        };
        let user = plan.get(assignee).await?;
        if !user.is_active {
            let detail = "must be an active user; give it to somebody else, or to nobody";
            return Err(Error::invalid("assignee_id", "inactive_user", detail));
        }
        plan.hold(&user);
        Ok(())
    }
}
