//! What operations are grouped by.

use serde_json::{Value as Json, json};

pub(super) const SIGN_IN: &str = "Sign-in";
pub(super) const USERS: &str = "Users";
pub(super) const CUSTOMERS: &str = "Customers";
pub(super) const CONTACTS: &str = "Contacts";
pub(super) const INTERACTIONS: &str = "Interactions";
pub(super) const LEADS: &str = "Leads";
pub(super) const PROJECTS: &str = "Projects";
pub(super) const TASKS: &str = "Tasks";
pub(super) const PIPELINE: &str = "Pipeline";
pub(super) const API_KEYS: &str = "API keys";
pub(super) const SEARCH: &str = "Search";
pub(super) const SETTINGS: &str = "Settings";
pub(super) const FIGURES: &str = "Figures";
pub(super) const LOG: &str = "Log";
pub(super) const SERVICE: &str = "Service";

/// Every tag, in the order in which it is shown.
pub(super) fn all() -> Json {
    let all = [
        (SIGN_IN, "Who is asking."),
        (CUSTOMERS, "Companies and people that the tenant does business with."),
        (CONTACTS, "People at a customer."),
        (LEADS, "Business that may come."),
        (INTERACTIONS, "What was said and written, with a customer or a lead."),
        (PROJECTS, "Work with a beginning and an end."),
        (TASKS, "What somebody has to do."),
        (SEARCH, "One search over several kinds of records."),
        (FIGURES, "Counted figures, in the days of the tenant's time zone."),
        (PIPELINE, "The stages of the tenant's leads."),
        (USERS, "The people who work in the tenant."),
        (API_KEYS, "By which programs come in."),
        (SETTINGS, "What the tenant decides for itself."),
        (LOG, "What happened in the tenant, numbered in the order of commit."),
        (SERVICE, "The service itself."),
    ];
    all.into_iter().map(|(name, description)| json!({ "name": name, "description": description })).collect()
}
