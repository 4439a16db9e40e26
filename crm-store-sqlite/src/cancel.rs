//! Stopping a read that nobody waits for any more.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crm_core::Error;
use rusqlite::InterruptHandle;

use crate::{error::Stop, pool::Database};

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

    /// Reads at one moment of a connection, unless it was given up before it began.
    pub(crate) fn on<R>(
        &self,
        database: &Database,
        read: impl FnOnce(&Database) -> Result<R, Stop>,
    ) -> Result<R, Stop> {
        let Some(running) = self.begin(database.connection().get_interrupt_handle()) else {
            return Err(Error::Unavailable("the caller has given up".into()).into());
        };
        database.at_one_moment(|database| {
            let answer = read(database);
            // Before the moment ends: were its ROLLBACK interrupted, the connection would see this moment for ever.
            drop(running);
            answer
        })
    }

    /// Notes that it begins on a connection; `None` if it was given up already. It is over when the answer is dropped.
    fn begin(&self, handle: InterruptHandle) -> Option<Running> {
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
struct Running(Read);

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

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;
    use crate::Options;

    /// A connection that kept its transaction would answer every later read from the past.
    #[test]
    fn a_read_that_is_given_up_at_its_end_leaves_no_transaction_behind() {
        for nth in 0..200 {
            // A new connection has yet to prepare what ends the transaction, which takes it longest.
            let connection = rusqlite::Connection::open_in_memory().unwrap();
            let database = Database::new(connection, &Options::default(), &Arc::default()).unwrap();
            let reading = Read::default();
            let (given_up, (begun, begin)) = (reading.clone(), channel());
            // Whoever gives up does so once. This one never stops, so as to hit every moment.
            let giving_up = std::thread::spawn(move || {
                while !matches!(*given_up.state(), State::Over) {
                    if matches!(*given_up.state(), State::Running(_)) {
                        drop(given_up.waiter());
                        let _ = begun.send(());
                    }
                }
            });
            let _ = reading.on(&database, |_| {
                begin.recv().unwrap();
                Ok(())
            });
            assert!(database.connection().is_autocommit(), "the read {nth} is still in its transaction");
            *reading.state() = State::Over;
            giving_up.join().unwrap();
        }
    }
}
