//! Live events: what is committed in the tenant, each event once and in order, as far as the caller may see it.
//!
//! A stream reads the log. It is woken by commits and looks by itself now and then, so that nothing is lost when a
//! wake-up is. Nothing is gathered for a client that is slow: it is read for as fast as the client takes it, and one that
//! takes nothing is cut and goes on later from where it was. Who may see what is asked again whenever it may have changed,
//! before anything more is told.

mod socket;

use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};

use axum::{
    http::{HeaderMap, HeaderValue, header, request::Parts},
    response::{IntoResponse, Sse, sse},
};
use crm_core::{Actor, Event, Follower, Object, TenantId, Watch};
use futures_util::stream;
use tokio::time::Instant;

pub(crate) use socket::socket;

use crate::{
    call::{Answer, Call},
    log,
    problem::Problem,
    service::Shared,
    shutdown::{Shutdown, ShutdownGuard},
    streams::Counted,
};

/// Whether a caller may still see what it sees is asked at least this often: of what a host's own resolver rests on,
/// nobody tells.
const RECHECK: Duration = Duration::from_secs(5);

/// Why a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The caller may not come in any more.
    Revoked,
    /// The server ends.
    Shutdown,
    /// The store does not answer.
    Failed,
}

/// What a stream has to say next.
enum Next {
    Event(Arc<Event>),
    /// Nothing has happened for a while.
    Beat,
    End(End),
}

/// One client that follows the log.
struct Live {
    shared: Shared,
    parts: Parts,
    actor: Actor,
    tenant: TenantId,
    object: Option<&'static Object>,
    follower: Follower,
    directory: Watch,
    /// What decided who may see what, when it was last asked.
    access: (u64, u64),
    asked: Instant,
    said: Instant,
    waiting: VecDeque<Arc<Event>>,
    shutdown: Shutdown,
    _guard: ShutdownGuard,
    _counted: Counted,
}

impl Live {
    async fn open(call: Call, kind: &'static str) -> Result<Self, Problem> {
        let mut parameters = call.parameters()?;
        let after: Option<i64> = parameters.take_as("after", "the number of an event");
        let object = log::object(&mut parameters);
        parameters.finish()?;
        // What a client that comes back has seen is later than what it began with.
        let after = last_event(&call.parts.headers)?.or(after);
        let Call { shared, principal, scope, parts, .. } = call;
        let counted = shared.streams.enter(scope.tenant(), kind)?;
        let access = access(&shared, scope.tenant());
        let directory = shared.crm.feed().watch_directory();
        let follower = shared.crm.follow(&scope, after, object).await?;
        let shutdown = shared.shutdown(&parts.extensions);
        Ok(Self {
            actor: principal.actor,
            tenant: scope.tenant(),
            object,
            follower,
            directory,
            access,
            asked: Instant::now(),
            said: Instant::now(),
            waiting: VecDeque::new(),
            _guard: shutdown.guard(),
            shutdown,
            _counted: counted,
            shared,
            parts,
        })
    }

    /// What is to be said next, as soon as there is something.
    async fn next(&mut self) -> Next {
        let next = match self.wait().await {
            Ok(next) => next,
            Err(end) => Next::End(end),
        };
        self.said = Instant::now();
        next
    }

    async fn wait(&mut self) -> Result<Next, End> {
        loop {
            if self.shutdown.is_begun() {
                return Err(End::Shutdown);
            }
            if self.may_have_changed() && !self.is_same_caller().await? {
                let place = self.waiting.front().map_or(self.follower.place(), |first| first.seq - 1);
                self.restart(place).await?;
            }
            if let Some(event) = self.waiting.pop_front() {
                return Ok(Next::Event(event));
            }
            let place = self.follower.place();
            let events = self.follower.next().await.map_err(|error| {
                tracing::warn!(%error, "a live stream cannot go on");
                End::Failed
            })?;
            // Some of these may be about that very change: then they are read again by whoever the caller is now.
            if self.may_have_changed() && !self.is_same_caller().await? {
                self.restart(place).await?;
                continue;
            }
            self.waiting.extend(events);
            if self.waiting.is_empty() && !self.rest().await {
                return Ok(Next::Beat);
            }
        }
    }

    /// Waits until there may be something to do; `false` when it is time for a sign of life.
    async fn rest(&mut self) -> bool {
        let beat = self.said + self.shared.heartbeat;
        let until = beat.min(self.asked + RECHECK);
        tokio::select! {
            () = self.follower.changed() => true,
            () = self.directory.changed() => true,
            () = self.shutdown.begun() => true,
            () = tokio::time::sleep_until(until) => Instant::now() < beat,
        }
    }

    fn may_have_changed(&self) -> bool {
        self.access != access(&self.shared, self.tenant) || self.asked.elapsed() >= RECHECK
    }

    /// Asks who the caller is now, and whether that is who it was.
    async fn is_same_caller(&mut self) -> Result<bool, End> {
        self.access = access(&self.shared, self.tenant);
        self.asked = Instant::now();
        let principal = self.shared.resolver.resolve(&self.parts).await.map_err(|_| End::Revoked)?;
        if principal.tenant != self.tenant {
            return Err(End::Revoked);
        }
        let is_same = principal.actor == self.actor;
        self.actor = principal.actor;
        Ok(is_same)
    }

    /// Goes on from a place, as whoever the caller is now.
    async fn restart(&mut self, place: i64) -> Result<(), End> {
        self.waiting.clear();
        let scope = self.shared.crm.scope(self.tenant, self.actor.clone());
        let follower = self.shared.crm.follow(&scope, Some(place), self.object).await;
        self.follower = follower.map_err(|error| match error {
            crm_core::Error::Forbidden { .. } => End::Revoked,
            _ => End::Failed,
        })?;
        Ok(())
    }
}

/// What decides who may see what, as numbers that change with it.
fn access(shared: &Shared, tenant: TenantId) -> (u64, u64) {
    let feed = shared.crm.feed();
    (feed.directory_moves(), feed.access_moves(tenant))
}

/// The event that a client saw last, as it says when it comes back.
fn last_event(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(value) = headers.get("last-event-id").filter(|value| !value.is_empty()) else { return Ok(None) };
    let number = value.to_str().ok().and_then(|text| text.parse().ok());
    number.map(Some).ok_or_else(|| {
        Problem::bad_request("invalid_last_event_id", "`Last-Event-ID` must be the number of an event")
    })
}

/// `GET /api/live`: Server-Sent Events, as the HTML standard has them.
pub(crate) async fn stream(call: Call) -> Answer {
    let live = Live::open(call, "sse").await?;
    let retry = sse::Event::default().comment("open").retry(Duration::from_secs(1));
    let events = stream::unfold((Some(retry), Some(live)), |(first, live)| async move {
        let mut live = live?;
        if let Some(first) = first {
            return Some((Ok::<_, Infallible>(first), (None, Some(live))));
        }
        let said = match live.next().await {
            Next::Event(event) => match serde_json::to_string(&*event) {
                Ok(text) => sse::Event::default().id(event.seq.to_string()).data(text),
                Err(_) => return None,
            },
            Next::Beat => sse::Event::default().comment(""),
            Next::End(_) => return None,
        };
        Some((Ok(said), (None, Some(live))))
    });
    let mut response = Sse::new(events).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // A proxy that gathers answers would keep events back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}
