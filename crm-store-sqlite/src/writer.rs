//! The one thread that writes, and how it groups the commits that wait.
//!
//! A durable commit waits for the disk, and the disk takes as long for one as for many. So whatever has arrived while
//! the disk was busy goes into the next transaction together, each batch within a savepoint of its own: a batch that
//! is refused leaves nothing behind and stops nobody. All are answered once the transaction is on disk.

use std::{
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread::{Builder, JoinHandle},
    time::{Duration, Instant},
};

use crm_core::{Committed, Error, Feed, Moved, Result, TenantId};
use tokio::sync::oneshot;

use crate::{
    OpenError,
    commit::{Group, Work},
    erase::Erasure,
    error::{Stop, failed},
    pool::{Database, Moment, lock},
};

/// A group takes no more once it has this many changes, so that a small commit does not wait for many large ones.
const MAX_CHANGES: usize = 2_000;

/// How often the writer looks whether another process has written to the file.
const LOOK: Duration = Duration::from_millis(200);
/// The same while somebody rests on that.
const LOOK_CLOSELY: Duration = Duration::from_millis(20);

/// The writer's mailbox. Dropping it lets the writer finish what it has and end.
pub(crate) struct Writer {
    tasks: Option<Sender<Task>>,
    thread: Option<JoinHandle<()>>,
    figures: Arc<Counts>,
    told: Arc<OnceLock<Feed>>,
}

/// What a store has written since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Batches and erasures that were committed.
    pub commits: u64,
    /// Batches and erasures that were refused: an expectation did not hold, a value was taken, and so on.
    pub refused: u64,
    /// Transactions that were committed for them. As each waits for the disk once, commits by transaction is what
    /// grouping has saved.
    pub transactions: u64,
}

#[derive(Debug, Default)]
struct Counts {
    commits: AtomicU64,
    refused: AtomicU64,
    transactions: AtomicU64,
}

/// Something to write, and who waits for it.
enum Task {
    Commit(Box<Work>, oneshot::Sender<Result<Committed>>),
    Erase(Box<Erasure>, oneshot::Sender<Result<()>>),
}

/// What came of a task within its transaction.
enum Done {
    Committed(Committed),
    Erased,
}

/// Why a whole transaction came to nothing.
struct Broken {
    error: rusqlite::Error,
    /// Whether one of the tasks may have been the cause, so that the others succeed without it.
    by_task: bool,
}

impl Writer {
    pub(crate) fn start(database: Arc<Mutex<Database>>) -> Result<Self, OpenError> {
        let (tasks, received) = channel();
        let figures = Arc::<Counts>::default();
        let told = Arc::<OnceLock<Feed>>::default();
        let bench = Bench { database, counts: Arc::clone(&figures), told: Arc::clone(&told) };
        let work = move || bench.run(&received);
        let thread = Builder::new().name("crm-sqlite-writer".to_owned()).spawn(work);
        let thread = thread.map_err(OpenError::Thread)?;
        Ok(Self { tasks: Some(tasks), thread: Some(thread), figures, told })
    }

    pub(crate) async fn commit(&self, work: Work) -> Result<Committed> {
        let (reply, answer) = oneshot::channel();
        self.send(Task::Commit(Box::new(work), reply))?;
        answer.await.map_err(|_| stopped())?
    }

    pub(crate) async fn erase(&self, erasure: Erasure) -> Result<()> {
        let (reply, answer) = oneshot::channel();
        self.send(Task::Erase(Box::new(erasure), reply))?;
        answer.await.map_err(|_| stopped())?
    }

    fn send(&self, task: Task) -> Result<()> {
        self.tasks.as_ref().and_then(|tasks| tasks.send(task).ok()).ok_or_else(stopped)
    }

    /// Tells this feed of what is committed from now on; the first that asks is told.
    pub(crate) fn follow(&self, feed: &Feed) {
        self.told.get_or_init(|| feed.clone());
    }

    pub(crate) fn figures(&self) -> Figures {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Figures {
            commits: read(&self.figures.commits),
            refused: read(&self.figures.refused),
            transactions: read(&self.figures.transactions),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.tasks.take());
        if let Some(thread) = self.thread.take() {
            // It panicked, and whoever waited for it has been told.
            let _ = thread.join();
        }
    }
}

fn stopped() -> Error {
    Error::Backend("the writer's thread has stopped; open the store anew".into())
}

impl Task {
    fn size(&self) -> usize {
        match self {
            Self::Commit(work, _) => work.size().max(1),
            Self::Erase(..) => 1,
        }
    }

    /// Whether somebody still waits for it. A task that nobody waits for any more was cancelled before it began.
    fn is_wanted(&self) -> bool {
        match self {
            Self::Commit(_, reply) => !reply.is_closed(),
            Self::Erase(_, reply) => !reply.is_closed(),
        }
    }

    /// What is told once it is done.
    fn moved(&self) -> Moved {
        match self {
            Self::Commit(work, _) => work.batch.moved(TenantId::from_uuid(work.author.tenant)),
            Self::Erase(erasure, _) => Moved::Access(TenantId::from_uuid(erasure.author.tenant)),
        }
    }

    fn apply(&self, group: &mut Group, database: &Database) -> Result<Done, Stop> {
        match self {
            Self::Commit(work, _) => group.commit(database, work).map(Done::Committed),
            Self::Erase(erasure, _) => group.erase(database, erasure).map(|()| Done::Erased),
        }
    }

    fn answer(self, answer: Result<Done>) {
        // Whoever has stopped waiting needs no answer.
        match (self, answer) {
            (Self::Commit(_, reply), Ok(Done::Committed(committed))) => drop(reply.send(Ok(committed))),
            (Self::Erase(_, reply), Ok(_)) => drop(reply.send(Ok(()))),
            (Self::Commit(_, reply), Err(error)) => drop(reply.send(Err(error))),
            (Self::Erase(_, reply), Err(error)) => drop(reply.send(Err(error))),
            (Self::Commit(..), Ok(Done::Erased)) => {}
        }
    }
}

/// What the writer's thread works with.
struct Bench {
    database: Arc<Mutex<Database>>,
    counts: Arc<Counts>,
    told: Arc<OnceLock<Feed>>,
}

impl Bench {
    fn run(&self, tasks: &Receiver<Task>) {
        let mut version = None;
        loop {
            let rested_on = self.told.get().is_some_and(Feed::is_rested_on);
            let first = match tasks.recv_timeout(if rested_on { LOOK_CLOSELY } else { LOOK }) {
                Ok(first) => first,
                Err(RecvTimeoutError::Timeout) => {
                    self.look(&mut version);
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return,
            };
            let mut size = first.size();
            let mut group = vec![first];
            while size < MAX_CHANGES {
                let Ok(next) = tasks.try_recv() else { break };
                size += next.size();
                group.push(next);
            }
            group.retain(Task::is_wanted);
            if !group.is_empty() {
                self.write(&lock(&self.database), group);
                self.look(&mut version);
            }
        }
    }

    /// Looks whether another connection than the writer's has written, which is another process.
    fn look(&self, version: &mut Option<i64>) {
        let Some(feed) = self.told.get() else { return };
        let at = Instant::now();
        let found = lock(&self.database).connection().query_row("PRAGMA data_version", [], |row| row.get(0));
        // What cannot be read now is looked at the next time.
        let Ok(found) = found else { return };
        if version.replace(found) != Some(found) {
            feed.moved(Moved::Any);
        }
        feed.looked(at);
    }

    /// Writes a group and answers everybody in it.
    fn write(&self, database: &Database, group: Vec<Task>) {
        match transaction(database, &group) {
            Ok(answers) => {
                let refused = answers.iter().filter(|answer| answer.is_err()).count();
                let count = |counter: &AtomicU64, by: usize| counter.fetch_add(by as u64, Ordering::Relaxed);
                count(&self.counts.refused, refused);
                count(&self.counts.commits, answers.len() - refused);
                count(&self.counts.transactions, usize::from(refused < answers.len()));
                if let Some(feed) = self.told.get() {
                    let done = group.iter().zip(&answers).filter(|(_, answer)| answer.is_ok());
                    done.for_each(|(task, _)| feed.moved(task.moved()));
                }
                for (task, answer) in group.into_iter().zip(answers) {
                    task.answer(answer);
                }
            }
            // One may have been too large for the disk: each gets a try of its own.
            Err(broken) if broken.by_task && group.len() > 1 => {
                for task in group {
                    self.write(database, vec![task]);
                }
            }
            Err(broken) => {
                let error = Arc::new(broken.error);
                for task in group {
                    task.answer(Err(failed(&error)));
                }
            }
        }
    }
}

/// One transaction with all of these; what came of each. Nothing of it happened if this fails.
fn transaction(database: &Database, tasks: &[Task]) -> Result<Vec<Result<Done>>, Broken> {
    let of_file = |error| Broken { error, by_task: false };
    let of_task = |error| Broken { error, by_task: true };
    database.run("BEGIN IMMEDIATE").map_err(of_file)?;
    let moment = Moment(database);
    let mut group = Group::default();
    let answers = match tasks {
        // The transaction is its savepoint.
        [only] => vec![answered(only.apply(&mut group, database)).map_err(of_task)?],
        tasks => {
            let together = tasks.iter().map(|task| within_savepoint(task, &mut group, database));
            together.collect::<Result<_, _>>().map_err(of_task)?
        }
    };
    if answers.iter().any(Result::is_ok) {
        group.finish(database).map_err(of_task)?;
        database.run("COMMIT").map_err(of_file)?;
    }
    drop(moment);
    Ok(answers)
}

/// Applies a task so that nothing of it stays if it is refused.
fn within_savepoint(task: &Task, group: &mut Group, database: &Database) -> rusqlite::Result<Result<Done>> {
    database.run("SAVEPOINT task")?;
    let answer = answered(task.apply(group, database))?;
    if answer.is_err() {
        database.run("ROLLBACK TO task")?;
    }
    database.run("RELEASE task")?;
    Ok(answer)
}

/// A refusal is an answer, a failure is none.
fn answered<R>(result: Result<R, Stop>) -> rusqlite::Result<Result<R>> {
    match result {
        Ok(done) => Ok(Ok(done)),
        Err(Stop::Refused(error)) => Ok(Err(error)),
        Err(Stop::Failed(error)) => Err(error),
    }
}
