//! A multi-tenant CRM engine to build into your own program: customers, contacts, leads and their pipeline,
//! interactions, users, figures, search and an audit log, in your own database, each tenant apart from all others.
//!
//! # A tour in five minutes
//!
//! A [`Crm`] sits on a [`Store`]: [`MemoryStore`] here and in your tests, SQLite or PostgreSQL in production. What
//! works across tenants asks for a [`Maintenance`]; everything else asks for a [`TenantScope`], which says who acts
//! in which tenant. You authenticate people; the engine takes your word for who they are, and nobody else's.
//!
//! ```
//! use crm_core::{Actor, Crm, Customer, Id, MemoryStore, Role, Tenant};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> crm_core::Result<()> {
//! let crm = Crm::new(MemoryStore::new());
//! let maintenance = crm.maintenance();
//! let acme = crm.directory(&maintenance).create_tenant(Tenant::new("acme", "Acme Ltd")).await?;
//!
//! let user = Id::from_uuid(uuid::Uuid::now_v7()); // one of your own users
//! let scope = crm.scope(acme.id, Actor::user(user, Role::Member));
//!
//! let ada = crm.customers(&scope).create(Customer::company("Ada Ltd").email("ada@example.com")).await?;
//! let ada = crm.customers(&scope).update(ada.id, |c| c.phone = Some("+44 20 7946 0000".into())).await?;
//! assert_eq!((ada.version, ada.email.as_deref()), (2, Some("ada@example.com")));
//! # Ok(())
//! # }
//! ```
//!
//! A [`Record`] is what the engine keeps about it (`id`, `version`, `created_at`, ...) and your data. Writing takes the
//! data alone, so nobody can set a system field. Changes are closures: if somebody else changes the record meanwhile,
//! yours runs again on the newer data, and no update is lost.
//!
//! # Leads
//!
//! A lead gets the tenant's next number, walks through the tenant's [`Pipeline`], and becomes business:
//!
//! ```
//! # use crm_core::{Actor, Crm, Lead, MemoryStore, Money, Query, Tenant};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> crm_core::Result<()> {
//! # let crm = Crm::new(MemoryStore::new());
//! # let maintenance = crm.maintenance();
//! # let acme = crm.directory(&maintenance).create_tenant(Tenant::new("acme", "Acme Ltd")).await?;
//! # let scope = crm.scope(acme.id, Actor::job("tour"));
//! let leads = crm.leads(&scope);
//! let solar = Lead::company("Solar Roofs").email("jo@solar.example").source("Fair");
//! let lead = leads.create(solar.value(Money::new(12_000_00, "EUR").unwrap())).await?;
//! assert_eq!(lead.reference().as_deref(), Some("LED-001"));
//!
//! leads.advance(lead.id, "qualified").await?;
//! let page = leads.list(Query::new().filter(Lead::STAGE.eq("qualified")).search("solar").limit(50)).await?;
//! assert_eq!(page.data.len(), 1);
//!
//! let won = leads.convert(lead.id, None).await?; // finds or makes the customer, links it, closes the lead
//! assert_eq!(won.lead.stage, "closed_won");
//! assert_eq!(won.customer.company.as_deref(), Some("Solar Roofs"));
//! assert_eq!(leads.stage_history(lead.id).await?.len(), 3);
//! # Ok(())
//! # }
//! ```
//!
//! # Lists
//!
//! A [`Query`] filters by typed columns, searches, sorts, and goes on from a cursor. Page ten thousand costs what page
//! one costs. `next_cursor` belongs to its query and its tenant and is refused anywhere else.
//!
//! ```
//! # use crm_core::{Actor, Crm, Customer, MemoryStore, Query, Tenant};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> crm_core::Result<()> {
//! # let crm = Crm::new(MemoryStore::new());
//! # let maintenance = crm.maintenance();
//! # let acme = crm.directory(&maintenance).create_tenant(Tenant::new("acme", "Acme Ltd")).await?;
//! # let scope = crm.scope(acme.id, Actor::job("tour"));
//! let customers = crm.customers(&scope);
//! for n in 1..=5 {
//!     customers.create(Customer::person(format!("Zoë {n}")).city("Łódź")).await?;
//! }
//! let query = || Query::new().filter(Customer::IS_ACTIVE.eq(true)).search("zoe").sort(Customer::NAME.desc()).limit(2);
//! let first = customers.list(query()).await?;
//! let second = customers.list(query().after(first.next_cursor.unwrap())).await?;
//! let names: Vec<_> = second.data.iter().filter_map(|c| c.name.as_deref()).collect();
//! assert_eq!(names, ["Zoë 3", "Zoë 2"]);
//! assert_eq!(customers.count(&query()).await?, 5);
//! # Ok(())
//! # }
//! ```
//!
//! # Faults
//!
//! Input is checked by the rules of its type, and all that is wrong is said at once. A record of another tenant is, to
//! the last byte of the answer, a record that does not exist.
//!
//! ```
//! # use crm_core::{Actor, Crm, Customer, Error, MemoryStore, Tenant};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> crm_core::Result<()> {
//! # let crm = Crm::new(MemoryStore::new());
//! # let maintenance = crm.maintenance();
//! let directory = crm.directory(&maintenance);
//! let acme = directory.create_tenant(Tenant::new("acme", "Acme Ltd")).await?;
//! let globex = directory.create_tenant(Tenant::new("globex", "Globex Corporation")).await?;
//! let (ours, theirs) = (crm.scope(acme.id, Actor::job("tour")), crm.scope(globex.id, Actor::job("tour")));
//!
//! let bad = Customer::default().email("nobody").phone("none");
//! let Err(Error::Invalid { violations }) = crm.customers(&ours).create(bad).await else { panic!() };
//! let pointers: Vec<_> = violations.iter().map(|fault| fault.pointer.as_str()).collect();
//! assert_eq!(pointers, ["/email", "/phone", "/company"]);
//!
//! let secret = crm.customers(&theirs).create(Customer::company("Secret Client")).await?;
//! assert!(matches!(crm.customers(&ours).get(secret.id).await, Err(Error::NotFound { .. })));
//! # Ok(())
//! # }
//! ```
//!
//! # Figures and the log
//!
//! Every change goes through one write path: with it, atomically, go its event in the tenant's log and its share of the
//! tenant's figures. So the figures are always of this moment and cost the same at any size, and history, audit and
//! stage durations are all readings of one log, numbered without gaps.
//!
//! ```
//! # use crm_core::{Actor, Crm, Customer, EventQuery, MemoryStore, Tenant};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> crm_core::Result<()> {
//! # let crm = Crm::new(MemoryStore::new());
//! # let maintenance = crm.maintenance();
//! # let acme = crm.directory(&maintenance).create_tenant(Tenant::new("acme", "Acme Ltd")).await?;
//! # let scope = crm.scope(acme.id, Actor::job("tour"));
//! let ada = crm.customers(&scope).create(Customer::company("Ada Ltd")).await?;
//! crm.customers(&scope).update(ada.id, |c| c.is_active = false).await?;
//!
//! let figures = crm.analytics(&scope).overview().await?;
//! assert_eq!((figures.customers.total, figures.customers.active), (1, 0));
//!
//! let history = crm.customers(&scope).history(ada.id, None, 10).await?;
//! assert_eq!(history[0].changes[0].field, "is_active");
//! let log = crm.log(&scope).events(&EventQuery { after: figures.as_of_seq, ..EventQuery::default() }).await?;
//! assert!(log.is_empty());
//!
//! let check = crm.verify(&maintenance, acme.id).await?; // recounts everything
//! assert_eq!(check.differences, [] as [String; 0]);
//! # Ok(())
//! # }
//! ```
//!
//! # Your tests
//!
//! [`MemoryStore`] behaves as the other stores do, so your program's unit tests need no database.
//! [`Crm::with_clock`] and [`Crm::with_ids`] make time and ids yours.
//!
//! # Your store
//!
//! A [`Store`] is ten methods. The feature `testing` exports the suite that says what they promise, and a model test
//! that compares any store with [`MemoryStore`] step by step.

mod analytics;
pub mod archive;
mod calendar;
pub mod change;
#[cfg(feature = "testing")]
pub mod conformance;
mod contact;
mod counter;
mod country;
mod crm;
mod cursor;
mod directory;
mod entity;
mod error;
mod event;
mod feed;
mod id;
#[cfg(feature = "schema")]
mod json_schema;
mod log;
mod memory;
mod model;
mod money;
mod normalize;
pub mod permission;
mod plan;
mod query;
mod records;
pub mod schema;
mod scope;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
pub mod value;
mod verify;

pub use analytics::{
    Agenda, Analytics, Bucket, Cohort, CustomerFigures, Durations, ForecastMonth, FunnelStage, Group,
    LeadFigures, Leader, MAX_DAYS, Metric, Overview, OwnerFigures, Period, Point, ProjectFigures,
    ProjectMetrics, Series as TimeSeries, SourceFigures, StageDurations, StageFigures, Velocity,
};
pub use archive::ArchiveError;
pub use calendar::Calendar;
pub use change::{Batch, Bound, Change, Committed, EventDraft, Expect, Intake, Once, Row, Write};
pub use counter::{Counter, CounterQuery, Counters, Delta, Sums, Tally, overflow};
pub use crm::{Clock, Crm, Handle, IdSource};
pub use directory::Directory;
pub use entity::{Column, Entity, Fields, Past, Record, Rules};
pub use error::{Conflict, Error, Faults, Result, Violation};
pub use event::{Event, EventKind, EventQuery, FieldChange, MAX_EVENTS};
pub use feed::{Feed, Follower, Following, Moved, Watch};
pub use id::Id;
pub use log::Log;
pub use memory::MemoryStore;
pub use model::{
    Account, ApiKey, Contact, Customer, Incident, Interaction, Journey, Lead, LeadTimes, Leg, Membership,
    Pipeline, Probability, Project, Session, Settings, Stage, StageKind, Stages, Task, TaskTimes, Tenant,
    TenantStatus, User, object, objects, referred_to_first,
};
pub use money::{Currency, Money};
pub use permission::{Access, Action};
pub use plan::Plan;
pub use query::{
    Condition, DEFAULT_PAGE, Direction, Filter, MAX_CONDITIONS, MAX_ONE_OF, MAX_PAGE, Operator, Page,
    Position, Query, Rows, Select, Sort, Visibility,
};
pub use records::{Conversion, Created, Records, StageVisit};
pub use schema::{Field, Format, Key, Object, Origin, Series};
pub use scope::{Actor, ActorKind, Maintenance, Role, TenantId, TenantScope};
pub use store::{Capabilities, MAX_IDS, Store};
pub use text::{MAX_SEARCH_CHARS, fold, terms};
pub use value::{FieldType, Kind, Value};
pub use verify::Verification;
