//! Figures about projects and tasks, the engine's own or the host's.

use std::fmt;

use async_trait::async_trait;
use chrono::NaiveDate;
use serde::Serialize;

use super::day_of;
use crate::{Counters, Result, TenantScope, model::OPEN_TASK};

/// What they are read from.
pub(super) const COUNTERS: [&str; 3] = ["projects", "tasks", "tasks.due"];

/// Figures about projects and tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProjectFigures {
    /// All projects.
    pub total: i64,
    /// Those that are active.
    pub active: i64,
    /// Those that are completed.
    pub completed: i64,
    /// Open tasks, of projects or not, whose day is over: they were due on a day before today, where the tenant is.
    pub overdue_tasks: i64,
    /// Open tasks, of projects or not.
    pub open_tasks: i64,
}

/// Where a host that keeps its projects elsewhere gets its figures about them.
///
/// ```
/// use crm_core::{Crm, MemoryStore, ProjectFigures, ProjectMetrics, Result, TenantScope};
///
/// struct Board;
///
/// #[async_trait::async_trait]
/// impl ProjectMetrics for Board {
///     async fn figures(&self, scope: &TenantScope) -> Result<ProjectFigures> {
///         // Ask your own tables, for `scope.tenant()` alone.
///         Ok(ProjectFigures { total: 3, active: 2, completed: 1, overdue_tasks: 0, open_tasks: 7 })
///     }
/// }
///
/// let crm = Crm::new(MemoryStore::new()).with_project_metrics(Board);
/// ```
#[async_trait]
pub trait ProjectMetrics: Send + Sync {
    /// The figures of the scope's tenant, as the scope's actor may see them.
    ///
    /// # Errors
    /// Whatever stands in the way; the overview answers with it.
    async fn figures(&self, scope: &TenantScope) -> Result<ProjectFigures>;
}

impl fmt::Debug for dyn ProjectMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProjectMetrics")
    }
}

pub(super) fn figures(counters: &Counters, today: NaiveDate) -> ProjectFigures {
    let overdue = counters.of("tasks.due").filter(|(day, _)| day_of(day).is_some_and(|day| day < today));
    ProjectFigures {
        total: counters.of("projects").map(|(_, count)| count).sum(),
        active: counters.value("projects", "active"),
        completed: counters.value("projects", "completed"),
        overdue_tasks: overdue.map(|(_, count)| count).sum(),
        open_tasks: counters.value("tasks", OPEN_TASK),
    }
}
