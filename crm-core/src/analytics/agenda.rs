//! The agenda: which tasks are due.

use crate::{Analytics, Error, Query, Record, Records, Result, Task, User, model::OPEN_TASK};

/// Which open tasks. Days are those of the tenant's calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agenda {
    /// Those given to whoever asks.
    Mine,
    /// Those due today.
    DueToday,
    /// Those whose day is over.
    Overdue,
}

impl Records<'_, Task> {
    /// A question narrowed to the open tasks of an agenda.
    ///
    /// # Errors
    /// [`Error::Invalid`] if [`Agenda::Mine`] is asked for by somebody who is no user; [`Error::NotFound`] if the
    /// tenant does not exist.
    pub async fn on(&self, agenda: Agenda, query: Query<Task>) -> Result<Query<Task>> {
        let query = query.filter(Task::STATUS.eq(OPEN_TASK));
        if agenda == Agenda::Mine {
            let user = self.scope().actor().user_id().map(crate::Id::<User>::uuid);
            let user =
                user.ok_or_else(|| Error::invalid("", "no_user", "only a user has tasks of their own"))?;
            return Ok(query.filter(Task::ASSIGNEE_ID.eq(crate::Id::from_uuid(user))));
        }
        let figures = Analytics::new(self.handle(), self.scope());
        let calendar = figures.calendar().await?;
        let today = calendar.day(figures.now());
        let start = calendar.start(today);
        Ok(match agenda {
            Agenda::Overdue => query.filter(Task::DUE_AT.lt(start)),
            _ => {
                let end = calendar.start(today.succ_opt().unwrap_or(today));
                query.filter(Task::DUE_AT.gte(start)).filter(Task::DUE_AT.lt(end))
            }
        })
    }

    /// The first page of the open tasks of an agenda, the earliest due first.
    ///
    /// # Errors
    /// As [`on`](Self::on) and [`list`](Self::list).
    pub async fn agenda(&self, agenda: Agenda) -> Result<Vec<Record<Task>>> {
        let query = self.on(agenda, Query::new().sort(Task::DUE_AT.asc())).await?;
        Ok(self.list(query).await?.data)
    }
}
