//! The HTTP interface of the CRM, as a service to mount.
//!
//! ```
//! use async_trait::async_trait;
//! use axum::{Router, http::request::Parts};
//! use crm_core::{Actor, Crm, Id, MemoryStore, Role, TenantId};
//! use crm_http::{Principal, Refusal, Resolver};
//!
//! /// Who a request comes from is the host's to say.
//! struct HostAuth;
//!
//! #[async_trait]
//! impl Resolver for HostAuth {
//!     async fn resolve(&self, request: &Parts) -> Result<Principal, Refusal> {
//!         // Whatever the host's own layers have found out lies in the extensions.
//!         let signed_in: Option<&(TenantId, Id<crm_core::User>)> = request.extensions.get();
//!         let (tenant, user) = signed_in.ok_or_else(Refusal::unauthenticated)?;
//!         Ok(Principal::new(*tenant, Actor::user(*user, Role::Member)))
//!     }
//! }
//!
//! let crm = Crm::new(MemoryStore::new());
//! let host: Router = Router::new().nest_service("/crm", crm_http::service(crm, HostAuth));
//! ```
//!
//! A program without an auth of its own takes the built-in one: `crm_http::service(crm.clone(), Login::new(crm))`, see
//! [`auth`]. One whose identity provider signs tokens takes `jwt` (a feature that is off by default).

mod address;
mod answers;
#[cfg(feature = "auth")]
pub mod auth;
#[cfg(any(feature = "auth", feature = "jwt"))]
mod bearer;
mod body;
mod bulkhead;
mod call;
mod cors;
#[cfg(feature = "docs")]
mod docs;
mod etag;
mod figures;
mod frame;
mod health;
mod incidents;
#[cfg(feature = "jwt")]
pub mod jwt;
mod leads;
mod live;
mod log;
mod me;
#[cfg_attr(not(feature = "metrics"), path = "unmetered.rs")]
mod metrics;
mod openapi;
mod origin;
mod parameters;
mod pipeline;
mod principal;
mod problem;
mod quota;
mod records;
mod routes;
mod search;
#[cfg(feature = "serve")]
mod serve;
mod service;
mod settings;
mod shutdown;
#[cfg(feature = "serve")]
mod socket;
mod streams;
mod tasks;
mod throttle;
#[cfg(feature = "ui")]
mod ui;

#[cfg(feature = "metrics")]
pub use metrics::InvalidMetric;
pub use metrics::{Metrics, StreamMeter};
pub use openapi::openapi;
pub use origin::{InvalidOrigin, Origin, Origins};
pub use principal::{Principal, Refusal, Resolver};
pub use quota::Rate;
pub use routes::{Route, routes};
#[cfg(feature = "serve")]
pub use serve::{Limits, serve};
pub use service::{Settings, service, service_with};
pub use shutdown::{Shutdown, ShutdownGuard};
#[cfg(feature = "ui")]
pub use ui::{Colour, Dashboard, InvalidColour, Link, Page, Theme, Token};
