//! Stopping a read that nobody waits for any more.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::InterruptHandle;

/// A read on its way, shared by who waits for it and who does it.
#[derive(Clone, Default)]
pub(crate) struct Read(Arc<Mutex<State>>);

#[derive(Default)]
enum State {
    /// It has not begun.
    #[default]
    Waiting,
    /// It runs on the connection that this interrupts.
    Running(InterruptHandle),
    /// It is over, or was given up before it began.
    Over,
}

impl Read {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that it begins on a connection; `None` if it was given up already. It is over when the answer is dropped,
    /// which must be before anybody else gets the connection.
    pub(crate) fn begin(&self, handle: InterruptHandle) -> Option<Running> {
        let mut state = self.state();
        let waiting = matches!(*state, State::Waiting);
        waiting.then(|| {
            *state = State::Running(handle);
            Running(self.clone())
        })
    }

    /// Gives it up when the answer is dropped, unless it is over by then.
    pub(crate) fn waiter(&self) -> Waiter {
        Waiter(self.clone())
    }
}

/// See [`Read::begin`].
pub(crate) struct Running(Read);

impl Drop for Running {
    fn drop(&mut self) {
        *self.0.state() = State::Over;
    }
}

/// See [`Read::waiter`].
pub(crate) struct Waiter(Read);

impl Drop for Waiter {
    fn drop(&mut self) {
        // Under the lock, so that the read cannot end meanwhile and leave the connection to another.
        let mut state = self.0.state();
        if let State::Running(handle) = &*state {
            handle.interrupt();
        } else {
            *state = State::Over;
        }
    }
}
