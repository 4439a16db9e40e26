//! What lists of tasks can be asked for that other lists cannot.

use crm_core::{Action, Agenda, Entity, Task};

use crate::{
    call::{Answer, Call},
    records,
};

/// `GET /api/tasks`, narrowed by `agenda` to the open tasks that are the caller's own, due today, or overdue.
pub(crate) async fn list(call: Call) -> Answer {
    call.allow(Action::Read, Task::object())?;
    let mut parameters = call.parameters()?;
    let agenda = parameters.take("agenda").and_then(|word| {
        let agenda = match word.as_str() {
            "mine" => Some(Agenda::Mine),
            "today" => Some(Agenda::DueToday),
            "overdue" => Some(Agenda::Overdue),
            _ => None,
        };
        if agenda.is_none() {
            parameters.fault("agenda", "invalid_value", "must be one of `mine`, `today`, `overdue`");
        }
        agenda
    });
    let (mut query, count) = parameters.list::<Task>()?;
    if let Some(agenda) = agenda {
        query = call.records::<Task>().on(agenda, query).await.map_err(crate::parameters::refused)?;
    }
    records::answer(&call, query, count).await
}
