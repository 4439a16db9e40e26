//! The permission table, and the one function that asks it.

use crate::{Error, Filter, Object, Result, Role, Row, TenantScope, scope::DIRECTORY};

/// What can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// See records, lists, counts, histories and figures.
    Read,
    /// Make a record.
    Create,
    /// Change a record.
    Update,
    /// Delete a record, so that it can be restored.
    Delete,
    /// Bring a deleted record back.
    Restore,
    /// Remove a record and its past for good.
    Erase,
    /// Bring in many records from a file.
    Import,
    /// Take out many records at once.
    Export,
    /// See the whole log of the tenant.
    ReadLog,
}

/// Who may touch a kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// The daily work: customers, leads and what belongs to them.
    Work,
    /// What administrators set up and everyone sees: users, the pipeline.
    Settings,
    /// What administrators alone see and set up: API keys.
    Administration,
    /// What the engine notes for administrators to see, and nobody writes: incidents.
    Audit,
    /// The engine's own directory, closed to every role.
    Directory,
}

impl Access {
    /// Whether who may come in, and do what, can depend on such records.
    pub const fn is_about_access(self) -> bool {
        matches!(self, Self::Settings | Self::Administration | Self::Directory)
    }
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 9] = [
        Self::Read,
        Self::Create,
        Self::Update,
        Self::Delete,
        Self::Restore,
        Self::Erase,
        Self::Import,
        Self::Export,
        Self::ReadLog,
    ];

    /// The name, as in `update customers`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Restore => "restore",
            Self::Erase => "erase",
            Self::Import => "import",
            Self::Export => "export",
            Self::ReadLog => "read_log",
        }
    }
}

/// The table: the least role that may do this; `None` where no role may.
pub const fn least_role(action: Action, access: Access) -> Option<Role> {
    match (access, action) {
        (Access::Directory, _) => None,
        (_, Action::Erase) => Some(Role::Owner),
        (Access::Audit, Action::Read | Action::Export | Action::ReadLog) => Some(Role::Admin),
        (Access::Audit, _) => None,
        (Access::Administration, Action::Read) => Some(Role::Admin),
        (_, Action::Read) => Some(Role::Viewer),
        (_, Action::Import | Action::Export | Action::ReadLog) => Some(Role::Admin),
        (Access::Work, Action::Create | Action::Update | Action::Delete | Action::Restore) => {
            Some(Role::Member)
        }
        (
            Access::Settings | Access::Administration,
            Action::Create | Action::Update | Action::Delete | Action::Restore,
        ) => Some(Role::Admin),
    }
}

/// Whether a role may do this to records of this kind.
pub fn allows(role: Role, action: Action, object: &Object) -> bool {
    least_role(action, object.access).is_some_and(|least| role >= least)
}

/// What a role may do, as `action:objects` names, for clients that hide what is of no use.
pub fn granted(role: Role) -> Vec<String> {
    let objects = crate::objects().into_iter().filter(|object| object.access != Access::Directory);
    objects
        .flat_map(|object| Action::ALL.map(|action| (action, object)))
        .filter(|(action, object)| allows(role, *action, object))
        .map(|(action, object)| format!("{}:{}", action.name(), object.name))
        .collect()
}

/// Asks whether the scope's actor may do this, to `record` where it is about one. Every operation passes here before
/// it writes, and before it tells anything that it read.
///
/// # Errors
/// [`Error::Forbidden`].
pub fn check(scope: &TenantScope, action: Action, object: &Object, record: Option<&Row>) -> Result<()> {
    // Rights that depend on the record ("only mine") will look at it here; the table of today does not.
    let _ = record;
    let allowed = match scope.actor().role() {
        // The directory's tenant is the engine's, also for kinds of records that a role may touch elsewhere.
        Some(role) => scope.tenant() != DIRECTORY && allows(role, action, object),
        // The engine itself, which alone has no role.
        None => true,
    };
    if allowed { Ok(()) } else { Err(Error::Forbidden { action: action.name(), object: object.name }) }
}

/// What the scope's actor may see of an object's records: every read is narrowed by this filter. All of the tenant's
/// today; the one place where rights by record will narrow it.
pub(crate) fn visible(_: &TenantScope, _: &Object) -> Filter {
    Filter::All(Vec::new())
}

/// What an answer depends on beside the tenant and the question: two actors of a tenant with the same sight are shown
/// the same. Whoever keeps answers for later keeps them by this, and it changes together with the rules above.
pub fn sight(scope: &TenantScope) -> Option<Role> {
    scope.actor().role()
}
