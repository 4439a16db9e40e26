//! The end of serving: what lasts longer than a request is told of it, and is waited for.

use std::sync::Arc;

use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

/// The end of serving, as everything that has to do with it sees it. Clones are one and the same.
///
/// [`serve`](crate::serve()) puts one into the extensions of every request. What outlasts its request, such as a live
/// stream, takes a [`guard`](Self::guard) from it and ends itself once it has [`begun`](Self::begun). A program with a
/// server of its own gives one to the service through [`Settings::shutdown`](crate::Settings::shutdown), and begins it
/// when it ends.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let shutdown = crm_http::Shutdown::new();
/// let (own, guard) = (shutdown.clone(), shutdown.guard());
/// tokio::spawn(async move {
///     own.begun().await;
///     drop(guard);
/// });
/// shutdown.begin();
/// shutdown.finished().await;
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Shutdown(Arc<State>);

#[derive(Debug, Default)]
struct State {
    begun: CancellationToken,
    lasting: TaskTracker,
}

/// Something that a [`Shutdown`] waits for, until it is dropped.
#[derive(Debug)]
#[must_use = "what has let go of its guard is not waited for"]
pub struct ShutdownGuard(#[expect(dead_code, reason = "it counts by being there")] TaskTrackerToken);

impl Shutdown {
    /// One that has not begun.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins it. A second time changes nothing.
    pub fn begin(&self) {
        self.0.begun.cancel();
        self.0.lasting.close();
    }

    /// Begins it when what this returns is dropped.
    #[cfg(feature = "serve")]
    pub(crate) fn begin_on_drop(&self) -> tokio_util::sync::DropGuard {
        self.0.begun.clone().drop_guard()
    }

    /// Waits until it begins; returns at once if it has.
    pub async fn begun(&self) {
        self.0.begun.cancelled().await;
    }

    /// Whether it has begun.
    pub fn is_begun(&self) -> bool {
        self.0.begun.is_cancelled()
    }

    /// What to hold for as long as the end should wait.
    pub fn guard(&self) -> ShutdownGuard {
        ShutdownGuard(self.0.lasting.token())
    }

    /// Waits until it has begun and every guard is gone.
    pub async fn finished(&self) {
        self.0.lasting.wait().await;
    }
}
