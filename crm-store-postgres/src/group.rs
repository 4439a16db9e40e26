//! Commits of one tenant that wait for each other, made into one.
//!
//! A tenant's commits happen one after the other, as each holds the tenant's row until it is durable. So while one is
//! under way the others are gathered here, and the next transaction takes them all. If it is refused, each is committed
//! by itself, so that nobody suffers for another's fault.
//!
//! What only adds records needs the tenant's row for its place in the log alone: its rows are written before the row is
//! taken. So where enough writers do so, they are shared between two transactions: one writes its rows while the other is
//! made durable.
//!
//! Whoever is answered often has the next batch ready in no time. If the next transaction began at once, it would miss
//! them, and there were half as many in each transaction, and twice as many transactions. So they are waited for, a small
//! part of what a transaction takes, as long as that is found to be worth it.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crm_core::{Committed, Error, Result, Write};
use tokio::{
    sync::{Notify, oneshot},
    time::{Instant, timeout_at},
};
use uuid::Uuid;

use crate::{
    changes,
    commit::Entry,
    store::{Chain, Inner},
};

/// At most so many changes are committed together, unless one batch alone has more.
const MAX_CHANGES: usize = 1_000;
/// At most so many batches.
const MAX_BATCHES: usize = 128;
/// What part of the time of a transaction is waited for those whom it has answered.
const RETURN: u32 = 4;
/// At most so long.
const LONGEST_RETURN: Duration = Duration::from_millis(5);
/// Where nobody returns, so many transactions go by at most before they are waited for again.
const LONGEST_PAUSE: u32 = 64;
/// From so many writers on, those that only add records are shared between two transactions.
const TWO: usize = 8;

/// The batches that wait, by tenant. A tenant is in it while somebody is at work on its batches.
#[derive(Debug, Default)]
pub(crate) struct Queues(Mutex<HashMap<Uuid, Queue>>);

#[derive(Debug, Default)]
struct Queue {
    jobs: VecDeque<Job>,
    /// How many commit them, and how many of these are in a transaction.
    lanes: usize,
    at_work: usize,
    /// How many batches are in transactions, and whether one of these takes the tenant's row first.
    committing: usize,
    row_first: bool,
    /// So many of those who were answered are waited for, of so many, until then.
    returning: usize,
    expected: usize,
    until: Option<Instant>,
    /// So many transactions go by before anybody is waited for.
    pause: u32,
    /// How long the last pause was.
    pauses: u32,
    /// Told when a lane may have something to do.
    changed: Arc<Notify>,
}

/// What a lane does next.
enum Next {
    Commit(Vec<Job>),
    Wait(Option<Instant>),
    End,
}

/// A batch that waits, and whoever waits for it. The answer may find nobody: the batch is committed all the same.
pub(crate) struct Job {
    entry: Entry,
    /// Until when it may begin.
    deadline: Instant,
    /// Whether it has been refused together with others, and now is to be committed by itself.
    alone: bool,
    answer: oneshot::Sender<Result<Committed>>,
}

impl Job {
    /// Whether its rows may be written before the tenant's row is taken. What is by itself may be written by halves, with
    /// the tenant's row taken first; it could wait there for a value that a batch has which waits for that row.
    fn only_adds(&self) -> bool {
        !self.alone && self.entry.only_adds()
    }

    fn may_be_among_others(&self) -> bool {
        !self.alone && self.entry.is_plain() && !self.entry.looks_first()
    }
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Job")
    }
}

impl Queues {
    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Queue>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn waiting(&self, tenant: Uuid) -> usize {
        self.lock().get(&tenant).map_or(0, |queue| queue.jobs.len())
    }

    /// Puts a batch in; true if somebody more must work on the tenant's.
    fn push(&self, tenant: Uuid, job: Job) -> bool {
        let mut queues = self.lock();
        let queue = queues.entry(tenant).or_default();
        queue.jobs.push_back(job);
        queue.returning = queue.returning.saturating_sub(1);
        if !queue.is_ready() {
            return false;
        }
        queue.changed.notify_waiters();
        let wanted = queue.lanes == queue.at_work && queue.lanes < queue.most_lanes();
        queue.lanes += usize::from(wanted);
        wanted
    }
}

impl Queue {
    fn all(&self) -> usize {
        self.jobs.len() + self.committing + self.returning
    }

    fn most_lanes(&self) -> usize {
        let adds = !self.row_first && self.jobs.front().is_some_and(Job::only_adds);
        if adds && self.all() >= TWO { 2 } else { 1 }
    }

    /// How many the next transaction should have.
    fn due(&self) -> usize {
        match self.most_lanes() {
            1 => self.all() - self.committing,
            lanes => self.all().div_ceil(lanes),
        }
    }

    fn is_ready(&self) -> bool {
        let free = self.committing == 0 || self.most_lanes() > 1;
        free && (self.returning == 0 || self.jobs.len() >= self.due())
    }

    fn next(&mut self, now: Instant) -> Next {
        if self.returning == 0 || self.until.is_none_or(|until| until <= now) {
            self.nobody_else_returns();
        }
        if self.jobs.is_empty() && self.returning == 0 {
            return Next::End;
        }
        if self.jobs.is_empty() || !self.is_ready() {
            return Next::Wait(self.until);
        }
        let (due, many) = (self.due(), self.most_lanes() > 1);
        let group = gather(&mut self.jobs, due, many);
        self.committing += group.len();
        self.row_first = !group.iter().all(Job::only_adds);
        self.at_work += 1;
        Next::Commit(group)
    }

    /// What was found of those who were waited for.
    fn nobody_else_returns(&mut self) {
        if self.expected > 0 {
            let returned = self.expected - self.returning.min(self.expected);
            self.pauses =
                if returned * 2 >= self.expected { 0 } else { (self.pauses * 2).clamp(1, LONGEST_PAUSE) };
            self.pause = self.pauses;
        }
        (self.returning, self.expected, self.until) = (0, 0, None);
    }

    /// So many are no longer in a transaction.
    fn done(&mut self, batches: usize) {
        self.committing = self.committing.saturating_sub(batches);
        self.row_first &= self.committing > 0;
    }

    /// So many were answered, after so long. Nobody waits for one who is alone.
    fn answered(&mut self, answered: usize, took: Duration) {
        self.done(answered);
        if let Some(pause) = self.pause.checked_sub(1) {
            self.pause = pause;
        } else if self.all() + answered > 1 {
            self.returning += answered;
            self.expected += answered;
            self.until = Some(Instant::now() + (took / RETURN).min(LONGEST_RETURN));
        }
    }
}

/// The first batch, and those behind it that write no record that one before them writes or rests on, and rest on none
/// that one before them writes. Many may rest on the same record: nearly every change does on the tenant's settings.
fn gather(queue: &mut VecDeque<Job>, most: usize, adding: bool) -> Vec<Job> {
    let Some(first) = queue.pop_front() else { return Vec::new() };
    if !first.may_be_among_others() {
        return vec![first];
    }
    let mut touched = Touched::default();
    touched.add(&first.entry);
    let (mut changes, mut group) = (first.entry.batch.changes.len(), vec![first]);
    let mut rest = VecDeque::new();
    while let Some(job) = queue.pop_front() {
        let own = job.entry.batch.changes.len();
        let plain = job.may_be_among_others() && (!adding || job.only_adds());
        let fits = changes + own <= MAX_CHANGES && group.len() < most.min(MAX_BATCHES);
        let free = plain && fits && touched.leaves(&job.entry);
        // Whoever comes later must not overtake what waits for the same record.
        touched.add(&job.entry);
        if free {
            changes += own;
            group.push(job);
        } else {
            rest.push_back(job);
        }
    }
    *queue = rest;
    group
}

/// The records that batches write, and those that they rest on.
#[derive(Default)]
struct Touched {
    written: HashSet<(&'static str, Uuid)>,
    held: HashSet<(&'static str, Uuid)>,
}

impl Touched {
    fn add(&mut self, entry: &Entry) {
        for change in &entry.batch.changes {
            let record = (change.object.name, change.id);
            match change.write {
                Write::Put { .. } => self.written.insert(record),
                Write::Check => self.held.insert(record),
            };
        }
    }

    /// Whether a batch can come before or after these all the same.
    fn leaves(&self, entry: &Entry) -> bool {
        entry.batch.changes.iter().all(|change| {
            let record = (change.object.name, change.id);
            let free = matches!(change.write, Write::Check) || !self.held.contains(&record);
            free && !self.written.contains(&record)
        })
    }
}

/// Commits a batch, together with those that wait for the same tenant. Once asked for it is carried out, whether or not
/// the caller waits for the answer.
pub(crate) async fn commit(store: &Arc<Inner>, entry: Entry) -> Result<Committed> {
    let (answer, answered) = oneshot::channel();
    let tenant = entry.author.tenant;
    let job = Job { entry, deadline: store.deadline(), alone: false, answer };
    if store.queues.push(tenant, job) {
        let lane = Lane { store: Arc::clone(store), tenant, done: false, chain: Chain::new() };
        tokio::spawn(lane.all());
    }
    answered.await.unwrap_or_else(|_| Err(Error::Unavailable("the runtime that commits has ended".into())))
}

/// Somebody at work on a tenant's batches.
struct Lane {
    store: Arc<Inner>,
    tenant: Uuid,
    /// Whether this has ended and is no longer among those at work.
    done: bool,
    chain: Chain,
}

impl Lane {
    async fn all(mut self) {
        while let Some(group) = self.next().await {
            self.commit(group).await;
            if let Some(queue) = self.store.queues.lock().get_mut(&self.tenant) {
                queue.at_work = queue.at_work.saturating_sub(1);
                queue.changed.notify_waiters();
            }
        }
    }

    /// The next batches, or that there are none.
    async fn next(&mut self) -> Option<Vec<Job>> {
        loop {
            let Some(changed) =
                self.store.queues.lock().get(&self.tenant).map(|queue| Arc::clone(&queue.changed))
            else {
                self.done = true;
                return None;
            };
            let changed = changed.notified();
            tokio::pin!(changed);
            // From here on nothing is missed.
            changed.as_mut().enable();
            let until = {
                let mut queues = self.store.queues.lock();
                match queues.get_mut(&self.tenant).map_or(Next::End, |queue| queue.next(Instant::now())) {
                    Next::Commit(group) => return Some(group),
                    Next::Wait(until) => until,
                    Next::End => {
                        self.done = true;
                        leave(&mut queues, self.tenant);
                        return None;
                    }
                }
            };
            match until {
                Some(until) => drop(timeout_at(until, changed).await),
                None => changed.await,
            }
        }
    }

    async fn commit(&mut self, group: Vec<Job>) {
        // A server that does not answer must not be waited for by one after the other.
        let now = Instant::now();
        let (group, late): (Vec<Job>, Vec<Job>) = group.into_iter().partition(|job| job.deadline > now);
        let too_late = late.iter().map(|_| Err(self.store.too_late())).collect();
        self.answer(late, too_late, now);
        let deadline = self.store.deadline();
        let answers = match group.as_slice() {
            [] => return,
            [job] => vec![self.store.commit_alone(&job.entry, deadline, &mut self.chain).await],
            jobs => {
                let entries: Vec<&Entry> = jobs.iter().map(|job| &job.entry).collect();
                match self.store.commit_together(&entries, deadline, &mut self.chain).await {
                    Some(answers) => answers,
                    None => return self.each_alone(group),
                }
            }
        };
        self.answer(group, answers, now);
    }

    /// Each before whatever has come since.
    fn each_alone(&self, group: Vec<Job>) {
        if let Some(queue) = self.store.queues.lock().get_mut(&self.tenant) {
            queue.done(group.len());
            for job in group.into_iter().rev() {
                queue.jobs.push_front(Job { alone: true, ..job });
            }
        }
    }

    /// Whoever is answered may have the next batch in the queue at once, and so must be expected by then.
    fn answer(&self, jobs: Vec<Job>, answers: Vec<Result<Committed>>, began: Instant) {
        for (job, _) in jobs.iter().zip(&answers).filter(|(_, answer)| answer.is_ok()) {
            changes::committed(&self.store, job.entry.moved());
        }
        if let Some(queue) = self.store.queues.lock().get_mut(&self.tenant) {
            queue.answered(jobs.len(), began.elapsed());
        }
        for (job, answer) in jobs.into_iter().zip(answers) {
            let _ = job.answer.send(answer);
        }
    }
}

/// One less is at work; after the last, the tenant is taken out.
fn leave(queues: &mut HashMap<Uuid, Queue>, tenant: Uuid) {
    if let Some(queue) = queues.get_mut(&tenant) {
        queue.lanes = queue.lanes.saturating_sub(1);
        if queue.lanes == 0 {
            queues.remove(&tenant);
        }
    }
}

impl Drop for Lane {
    /// When the runtime ends, nobody must wait for ever.
    fn drop(&mut self) {
        if !self.done {
            self.store.queues.lock().remove(&self.tenant);
        }
    }
}
