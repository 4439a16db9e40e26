//! The entities: their types and their rules.

mod api_key;
mod contact;
mod customer;
mod directory;
mod incident;
mod interaction;
mod journey;
mod lead;
mod pipeline;
mod project;
mod settings;
mod task;
mod user;

pub use api_key::ApiKey;
pub use contact::Contact;
pub use customer::Customer;
pub use directory::{Account, Membership, Session, Tenant, TenantStatus};
pub use incident::Incident;
pub use interaction::Interaction;
pub use journey::{Journey, Leg};
pub(crate) use lead::customer_of;
pub use lead::{Lead, LeadTimes};
pub use pipeline::{Pipeline, Probability, Stage, StageKind, Stages};
pub use project::Project;
pub use settings::Settings;
pub(crate) use settings::TIME_ZONE;
pub(crate) use task::OPEN as OPEN_TASK;
pub use task::{Task, TaskTimes};
pub use user::User;

use crate::{Access, Entity, Object};

/// Every kind of record that a store keeps.
pub fn objects() -> [&'static Object; 15] {
    [
        Customer::object(),
        Contact::object(),
        Lead::object(),
        Interaction::object(),
        Project::object(),
        Task::object(),
        Pipeline::object(),
        Settings::object(),
        User::object(),
        ApiKey::object(),
        Incident::object(),
        Tenant::object(),
        Account::object(),
        Membership::object(),
        Session::object(),
    ]
}

/// The same in an order in which nothing comes before what it refers to; what a tenant sets up for itself comes first, as
/// the rest rests on it.
pub fn referred_to_first() -> Vec<&'static Object> {
    fn visit(object: &'static Object, order: &mut Vec<&'static Object>) {
        if !order.contains(&object) {
            object.references().for_each(|(_, target)| visit(target, order));
            order.push(object);
        }
    }
    let (first, rest): (Vec<_>, Vec<_>) =
        objects().into_iter().partition(|object| object.access == Access::Settings);
    let mut order = Vec::new();
    first.into_iter().chain(rest).for_each(|object| visit(object, &mut order));
    order
}

/// The object of this plural name.
pub fn object(name: &str) -> Option<&'static Object> {
    objects().into_iter().find(|object| object.name == name)
}
