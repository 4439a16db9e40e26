//! What lists of tasks can be asked for that other lists cannot.

use crm_core::{Action, Agenda, Entity, Task};

use crate::{
    answers::Rests,
    call::{Answer, Call},
    parameters::{Parameters, refused},
    records,
};

/// `GET /api/tasks`, narrowed by `agenda` to the open tasks that are the caller's own, due today, or overdue.
pub(crate) async fn list(call: Call) -> Answer {
    call.allow(Action::Read, Task::object())?;
    let has_agenda = call.parameters()?.has("agenda");
    let list = async || {
        let mut parameters = call.parameters()?;
        let agenda = agenda(&mut parameters);
        let (mut query, count) = parameters.list::<Task>()?;
        if let Some(agenda) = agenda {
            query = call.records::<Task>().on(agenda, query).await.map_err(refused)?;
        }
        records::page(&call, query, count).await
    };
    let rests = if has_agenda { Rests::Caller } else { Rests::Log };
    call.kept(rests, list).await
}

fn agenda(parameters: &mut Parameters) -> Option<Agenda> {
    let word = parameters.take("agenda")?;
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
}
