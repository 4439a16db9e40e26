//! Tasks and projects.

use async_trait::async_trait;
use chrono::TimeDelta;

use crate::{
    Actor, Agenda, Customer, Error, Id, Lead, Metric, Project, ProjectFigures, ProjectMetrics, Query, Result,
    Role, Task, TenantScope, User,
};

use super::reckoning::{at, counts, daily, day, fault, faults, filled, move_to, verifies};
use super::workbench::{Workbench, refused};

pub(super) async fn a_task_that_is_done_says_when(bench: &Workbench) {
    let scope = bench.found().await;
    let tasks = bench.crm.tasks(&scope);
    let task = tasks.create(Task::new("Call")).await.unwrap();
    let standing = (task.status.as_str(), task.priority.as_str(), task.managed.completed_at);
    assert_eq!(standing, ("open", "normal", None));
    bench.clock.advance(TimeDelta::days(1));
    let done_at = bench.now();
    let done = tasks.update(task.id, |own| own.status = "done".into()).await.unwrap();
    assert_eq!(done.managed.completed_at, Some(done_at));
    bench.clock.advance(TimeDelta::days(1));
    let renamed = tasks.update(task.id, |own| own.title = "Called".into()).await.unwrap();
    assert_eq!(renamed.managed.completed_at, Some(done_at), "another field does not do it again");
    assert_eq!(daily(bench, &scope, Metric::TasksCompleted).await, counts(&[("2026-03-02", 1)]));
    let again = tasks.update(task.id, |own| own.status = "open".into()).await.unwrap();
    assert_eq!(again.managed.completed_at, None);
    assert_eq!(daily(bench, &scope, Metric::TasksCompleted).await, []);
    let done = tasks.update(task.id, |own| own.status = "done".into()).await.unwrap();
    assert_eq!(done.managed.completed_at, Some(bench.now()));
    assert_eq!(tasks.get(task.id).await.unwrap(), done);
    let born_done = tasks.create(Task::new("Write").status("done")).await.unwrap();
    assert_eq!(born_done.managed.completed_at, Some(bench.now()));
    fault(tasks.create(Task::new("Call").status("dropped")).await, "/status", "unknown_choice");
    fault(tasks.create(Task::new(" ")).await, "/title", "required");
    verifies(bench, &scope).await;
}

pub(super) async fn a_task_belongs_to_one_record_at_most(bench: &Workbench) {
    let scope = bench.found().await;
    let crm = &bench.crm;
    let customer = crm.customers(&scope).create(Customer::company("Solar")).await.unwrap().id;
    let lead = crm.leads(&scope).create(Lead::company("Wind")).await.unwrap().id;
    let project = crm.projects(&scope).create(Project::new("Roof").customer_id(customer)).await.unwrap().id;
    let tasks = crm.tasks(&scope);
    let call = || Task::new("Call");
    for fits in [call(), call().customer_id(customer), call().lead_id(lead), call().project_id(project)] {
        tasks.create(fits).await.unwrap();
    }
    fault(tasks.create(call().customer_id(customer).lead_id(lead)).await, "/lead_id", "conflicting");
    fault(tasks.create(call().lead_id(lead).project_id(project)).await, "/project_id", "conflicting");
    let all = call().customer_id(customer).lead_id(lead).project_id(project);
    let expected = ["/lead_id", "/project_id"].map(|pointer| (pointer.to_owned(), "conflicting"));
    assert_eq!(faults(tasks.create(all).await), expected);
    let unknown = call().project_id(Id::from_uuid(bench.new_id()));
    fault(tasks.create(unknown).await, "/project_id", "unknown_reference");
}

pub(super) async fn a_task_is_given_to_active_users_alone(bench: &Workbench) {
    let scope = bench.found().await;
    let (users, tasks) = (bench.crm.users(&scope), bench.crm.tasks(&scope));
    let ada = users.create(User::new("ada@example.com", Role::Member)).await.unwrap().id;
    let task = tasks.create(Task::new("Call").assignee_id(ada)).await.unwrap().id;
    let other = tasks.create(Task::new("Write")).await.unwrap().id;
    users.update(ada, |own| own.is_active = false).await.unwrap();
    let give = || tasks.update(other, |own| own.assignee_id = Some(ada));
    fault(give().await, "/assignee_id", "inactive_user");
    fault(tasks.create(Task::new("Call").assignee_id(ada)).await, "/assignee_id", "inactive_user");
    let kept = tasks.update(task, |own| own.status = "done".into()).await.unwrap();
    assert_eq!(kept.assignee_id, Some(ada), "a task that was theirs can go on");
    users.update(ada, |own| own.is_active = true).await.unwrap();
    give().await.unwrap();
    users.delete(ada, None).await.unwrap();
    let gone = tasks.create(Task::new("Call").assignee_id(ada)).await;
    fault(gone, "/assignee_id", "unknown_reference");
}

pub(super) async fn a_task_is_due_and_overdue_by_the_days_of_the_tenant(bench: &Workbench) {
    let scope = bench.found().await;
    let crm = &bench.crm;
    bench.clock.set(at("2026-02-10T11:30:00Z"));
    let ada = crm.users(&scope).create(User::new("ada@example.com", Role::Member)).await.unwrap().id;
    for (title, due, status) in [
        ("yesterday", Some("2026-02-09T23:59:59.999999Z"), "open"),
        ("first", Some("2026-02-10T00:00:00Z"), "open"),
        ("noon", Some("2026-02-10T11:00:00Z"), "open"),
        ("last", Some("2026-02-10T23:59:59.999999Z"), "open"),
        ("tomorrow", Some("2026-02-11T00:00:00Z"), "open"),
        ("done", Some("2026-02-09T10:00:00Z"), "done"),
        ("whenever", None, "open"),
    ] {
        let assignee = ["noon", "whenever", "done"].contains(&title).then_some(ada);
        let task = Task { due_at: due.map(at), assignee_id: assignee, ..Task::new(title).status(status) };
        crm.tasks(&scope).create(task).await.unwrap();
    }
    let person = crm.scope(scope.tenant(), Actor::user(ada, Role::Member));
    let titles = |agenda| {
        let tasks = crm.tasks(&person);
        async move {
            let found = tasks.agenda(agenda).await.unwrap();
            found.into_iter().map(|own| own.data.title).collect::<Vec<_>>()
        }
    };
    let overdue = || async { crm.analytics(&scope).overview().await.unwrap().projects.overdue_tasks };
    assert_eq!(titles(Agenda::Mine).await, ["whenever", "noon"], "what is open and theirs");
    assert_eq!(titles(Agenda::DueToday).await, ["first", "noon", "last"]);
    assert_eq!((titles(Agenda::Overdue).await, overdue().await), (vec!["yesterday".to_owned()], 1));
    // There it is half past midnight of the next day, which began when the task named noon was due.
    move_to(bench, &scope, "Pacific/Auckland").await.unwrap();
    assert_eq!(titles(Agenda::DueToday).await, ["noon", "last", "tomorrow"]);
    assert_eq!((titles(Agenda::Overdue).await.len(), overdue().await), (2, 2));
    move_to(bench, &scope, "UTC").await.unwrap();
    bench.clock.set(at("2026-02-11T00:00:00Z"));
    assert_eq!(titles(Agenda::Overdue).await, ["yesterday", "first", "noon", "last"], "midnight has come");
    assert_eq!((titles(Agenda::DueToday).await, overdue().await), (vec!["tomorrow".to_owned()], 4));
    let narrowed = crm.tasks(&person).on(Agenda::Overdue, Query::new().search("noon")).await.unwrap();
    assert_eq!(crm.tasks(&person).count(&narrowed).await.unwrap(), 1);
    fault(crm.tasks(&scope).agenda(Agenda::Mine).await, "", "no_user");
}

pub(super) async fn a_project_is_not_due_before_it_begins(bench: &Workbench) {
    let scope = bench.found().await;
    let projects = bench.crm.projects(&scope);
    let roof = |starts: Option<&str>, due: Option<&str>| Project {
        starts_on: starts.map(day),
        due_on: due.map(day),
        ..Project::new("Roof")
    };
    let early = roof(Some("2026-02-02"), Some("2026-02-01"));
    fault(projects.create(early).await, "/due_on", "before_start");
    for fits in [
        roof(Some("2026-02-02"), Some("2026-02-02")),
        roof(Some("2026-02-02"), None),
        roof(None, Some("2026-02-01")),
    ] {
        projects.create(fits).await.unwrap();
    }
    let one = projects.create(roof(Some("2026-02-02"), Some("2026-02-03"))).await.unwrap().id;
    let moved = projects.update(one, |own| own.starts_on = Some(day("2026-02-04"))).await;
    fault(moved, "/due_on", "before_start");
    fault(projects.create(Project::new("Roof").status("lost")).await, "/status", "unknown_choice");
    fault(projects.create(Project::default()).await, "/name", "required");
}

pub(super) async fn projects_and_tasks_are_counted_as_they_stand(bench: &Workbench) {
    let scope = bench.found().await;
    let crm = &bench.crm;
    let figures = || async { crm.analytics(&scope).overview().await.unwrap().projects };
    assert_eq!(figures().await, ProjectFigures::default());
    let mut made = Vec::new();
    for status in ["planned", "active", "active", "on_hold", "completed", "cancelled"] {
        made.push(crm.projects(&scope).create(Project::new("Roof").status(status)).await.unwrap().id);
    }
    let yesterday = bench.now() - TimeDelta::days(1);
    let task = crm.tasks(&scope).create(Task::new("Call").due_at(yesterday)).await.unwrap().id;
    crm.tasks(&scope).create(Task::new("Write").project_id(made[0])).await.unwrap();
    let told = |total, active, completed, overdue_tasks, open_tasks| ProjectFigures {
        total,
        active,
        completed,
        overdue_tasks,
        open_tasks,
    };
    assert_eq!(figures().await, told(6, 2, 1, 1, 2));
    crm.projects(&scope).update(made[1], |own| own.status = "completed".into()).await.unwrap();
    crm.projects(&scope).delete(made[0], None).await.unwrap();
    crm.tasks(&scope).update(task, |own| own.status = "done".into()).await.unwrap();
    assert_eq!(figures().await, told(5, 1, 2, 0, 1));
    verifies(bench, &scope).await;
}

/// A host's own board of projects, which knows one tenant.
struct Board(crate::TenantId);

#[async_trait]
impl ProjectMetrics for Board {
    async fn figures(&self, scope: &TenantScope) -> Result<ProjectFigures> {
        if scope.tenant() != self.0 {
            return Err(Error::Unsupported("projects of others"));
        }
        Ok(ProjectFigures { total: 7, active: 4, completed: 3, overdue_tasks: 2, open_tasks: 5 })
    }
}

pub(super) async fn a_host_tells_its_own_figures_about_projects(bench: &Workbench) {
    let scope = filled(bench).await;
    let other = bench.found().await;
    let crm = bench.crm_on(&bench.store).with_project_metrics(Board(scope.tenant()));
    let (own, told) = (
        bench.crm.analytics(&scope).overview().await.unwrap(),
        crm.analytics(&scope).overview().await.unwrap(),
    );
    let board = ProjectFigures { total: 7, active: 4, completed: 3, overdue_tasks: 2, open_tasks: 5 };
    assert_eq!(told.projects, board);
    assert_ne!(own.projects, board);
    assert_eq!((told.customers, told.leads), (own.customers, own.leads), "and nothing else");
    let refused = crm.analytics(&other).overview().await;
    refused!(refused, Error::Unsupported("projects of others"));
}
