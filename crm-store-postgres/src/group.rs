//! Commits of one tenant that wait for each other, made into one.
//!
//! A tenant's commits happen one after the other, as each holds the tenant's row until it is durable. So while one is
//! under way the others are gathered here, and the next transaction takes them all. If it is refused, each is committed
//! by itself, so that nobody suffers for another's fault.
//!
//! Whoever is answered often has the next batch ready in no time. If the next transaction began at once, it would miss
//! them, and the writers would fall into two halves that wait for each other: half as many in each transaction, and twice
//! as many transactions. So they are waited for, a small part of what a transaction takes, as long as that is found
//! to be worth it.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crm_core::{Committed, Error, Result, Write};
use tokio::{
    sync::{Notify, oneshot},
    time::{Instant, timeout},
};
use uuid::Uuid;

use crate::{
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

/// The batches that wait, by tenant. A tenant is in it while somebody is at work on its batches.
#[derive(Debug, Default)]
pub(crate) struct Queues(Mutex<HashMap<Uuid, Queue>>);

#[derive(Debug, Default)]
struct Queue {
    jobs: VecDeque<Job>,
    /// With so many, whoever is at work is woken.
    awaited: usize,
    enough: Arc<Notify>,
}

/// A batch that waits, and whoever waits for it. The answer may find nobody: the batch is committed all the same.
pub(crate) struct Job {
    entry: Entry,
    /// Until when it may begin.
    deadline: Instant,
    answer: oneshot::Sender<Result<Committed>>,
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

    /// Those that can be committed together next; at the end the tenant is taken out.
    fn next(&self, tenant: Uuid) -> Vec<Job> {
        let mut queues = self.lock();
        let Some(queue) = queues.get_mut(&tenant) else { return Vec::new() };
        let group = gather(&mut queue.jobs);
        if group.is_empty() {
            queues.remove(&tenant);
        }
        group
    }

    pub(crate) fn waiting(&self, tenant: Uuid) -> usize {
        self.lock().get(&tenant).map_or(0, |queue| queue.jobs.len())
    }

    /// Until so many wait.
    async fn filled(&self, tenant: Uuid, awaited: usize) {
        loop {
            let enough = {
                let mut queues = self.lock();
                let Some(queue) = queues.get_mut(&tenant) else { return };
                // What is left over from an earlier wait wakes too.
                if queue.jobs.len() >= awaited {
                    return;
                }
                queue.awaited = awaited;
                Arc::clone(&queue.enough)
            };
            enough.notified().await;
        }
    }
}

/// The first batch, and those behind it that write no record that one before them writes or rests on, and rest on none
/// that one before them writes. Many may rest on the same record: nearly every change does on the tenant's settings.
fn gather(queue: &mut VecDeque<Job>) -> Vec<Job> {
    let Some(first) = queue.pop_front() else { return Vec::new() };
    if !first.entry.is_plain() || first.entry.looks_first() {
        return vec![first];
    }
    let mut touched = Touched::default();
    touched.add(&first.entry);
    let (mut changes, mut group) = (first.entry.batch.changes.len(), vec![first]);
    let mut rest = VecDeque::new();
    while let Some(job) = queue.pop_front() {
        let own = job.entry.batch.changes.len();
        let plain = job.entry.is_plain() && !job.entry.looks_first();
        let fits = changes + own <= MAX_CHANGES && group.len() < MAX_BATCHES;
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
    let job = Job { entry, deadline: store.deadline(), answer };
    let idle = {
        let mut queues = store.queues.lock();
        match queues.get_mut(&tenant) {
            Some(queue) => {
                queue.jobs.push_back(job);
                if queue.jobs.len() == queue.awaited {
                    queue.enough.notify_one();
                }
                false
            }
            None => {
                queues.insert(tenant, Queue { jobs: VecDeque::from([job]), ..Queue::default() });
                true
            }
        }
    };
    if idle {
        let work =
            Work { store: Arc::clone(store), tenant, done: false, chain: Chain::new(), pause: 0, pauses: 0 };
        tokio::spawn(async move { work.all().await });
    }
    answered.await.unwrap_or_else(|_| Err(Error::Unavailable("the runtime that commits has ended".into())))
}

/// Somebody at work on a tenant's batches.
struct Work {
    store: Arc<Inner>,
    tenant: Uuid,
    /// Whether the tenant has been taken out of the queues; it may be in them again, for somebody else.
    done: bool,
    chain: Chain,
    /// So many transactions go by before anybody is waited for.
    pause: u32,
    /// How long the next pause is.
    pauses: u32,
}

impl Work {
    async fn all(mut self) {
        loop {
            let group = self.store.queues.next(self.tenant);
            if group.is_empty() {
                self.done = true;
                return;
            }
            // A server that does not answer must not be waited for by one after the other.
            let now = Instant::now();
            let (group, late): (Vec<Job>, Vec<Job>) = group.into_iter().partition(|job| job.deadline > now);
            for job in late {
                let _ = job.answer.send(Err(self.store.too_late()));
            }
            let entries: Vec<&Entry> = group.iter().map(|job| &job.entry).collect();
            let deadline = self.store.deadline();
            let together = match entries.len() {
                0 | 1 => None,
                _ => self.store.commit_together(&entries, deadline, &mut self.chain).await,
            };
            // Whoever is answered may be back at once.
            let (answered, waiting) = (entries.len(), self.store.queues.waiting(self.tenant));
            match together {
                Some(answers) => {
                    for (job, answer) in group.iter().zip(&answers) {
                        self.tell(job, answer);
                    }
                    for (job, answer) in group.into_iter().zip(answers) {
                        let _ = job.answer.send(answer);
                    }
                }
                None => {
                    for job in group {
                        let answer = self.store.commit_alone(&job.entry, deadline, &mut self.chain).await;
                        self.tell(&job, &answer);
                        let _ = job.answer.send(answer);
                    }
                }
            }
            self.let_return(waiting, answered, now.elapsed()).await;
        }
    }

    /// Waits for those who were just answered, unless there was but one and nobody else waits. `waiting` is how many waited
    /// when they were.
    async fn let_return(&mut self, waiting: usize, answered: usize, took: Duration) {
        if let Some(pause) = self.pause.checked_sub(1) {
            self.pause = pause;
            return;
        }
        let queues = &self.store.queues;
        let awaited = (waiting + answered).min(MAX_BATCHES);
        if awaited < 2 || awaited <= waiting {
            return;
        }
        let longest = (took / RETURN).min(LONGEST_RETURN);
        let _ = timeout(longest, queues.filled(self.tenant, awaited)).await;
        let returned = queues.waiting(self.tenant).saturating_sub(waiting);
        if returned * 2 >= answered {
            self.pauses = 0;
        } else {
            self.pauses = (self.pauses * 2).clamp(1, LONGEST_PAUSE);
            self.pause = self.pauses;
        }
    }
}

impl Work {
    fn tell(&self, job: &Job, answer: &Result<Committed>) {
        if let Ok(done) = answer {
            self.store.committed(&job.entry, done);
        }
    }
}

impl Drop for Work {
    /// When the runtime ends, nobody must wait for ever.
    fn drop(&mut self) {
        if !self.done {
            self.store.queues.lock().remove(&self.tenant);
        }
    }
}
