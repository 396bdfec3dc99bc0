//! Hashes passwords on threads of its own (PASS-05, PASS-07). A login storm fills this queue and nothing else: the async
//! threads never hash, and memory is what the threads own, however many people wait. Client addresses are served in
//! turn, and nothing is hashed for a client that is gone (BRUTE-09).

pub(crate) mod argon2id;
pub(crate) mod stored;
#[cfg(test)]
mod tests;
pub(crate) mod verify;

use std::{
    net::IpAddr,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use argon2::Block;
use tokio::sync::oneshot;

use crate::{
    auth::{
        limits::{
            concurrency::{Busy, ConcurrencyPermit},
            fair_queue::FairQueue,
        },
        password::hasher::{
            argon2id::hash,
            verify::{Padding, Timed, Verified, verify},
        },
    },
    observe::Metrics,
    tasks::again_after_panics,
    types::{Password, PasswordHash},
};

/// Limits the passwords that may wait: as many as there can be permits.
const QUEUE: usize = 8192;
/// Whoever waited this long has gone, or is better told to come back.
const DEADLINE: Duration = Duration::from_secs(25);
/// Is the niceness of the threads, of 19 that are possible: about a tenth of a core's time when the traffic wants all
/// of it.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;
/// A thread without work gives its memory back after this.
const KEEP_MEMORY: Duration = Duration::from_secs(10);
/// Is the handle. Dropping it ends the threads.
#[derive(Debug)]
pub struct Hasher {
    queue: Arc<Queue>,
    threads: Vec<JoinHandle<()>>,
    padding: Padding,
}

#[derive(Debug)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    metrics: Arc<Metrics>,
}

#[derive(Debug, Default)]
struct State {
    jobs: FairQueue<Job>,
    next_id: u64,
    is_closed: bool,
}

#[derive(Debug)]
struct Job {
    id: u64,
    password: Password,
    waiting_since: Instant,
    work: Work,
}

#[derive(Debug)]
enum Work {
    Hash(oneshot::Sender<PasswordHash>),
    Verify(Option<PasswordHash>, oneshot::Sender<Timed>),
}

impl Work {
    fn is_abandoned(&self) -> bool {
        match self {
            Self::Hash(reply) => reply.is_closed(),
            Self::Verify(_, reply) => reply.is_closed(),
        }
    }
}

impl Hasher {
    /// Returns half the processor's threads: the other half is for the traffic.
    #[must_use]
    pub fn default_threads() -> usize {
        std::thread::available_parallelism().map_or(1, |cores| (cores.get() / 2).max(1))
    }

    /// Starts the threads, at least one.
    ///
    /// # Panics
    /// When the operating system refuses a thread at start-up.
    #[must_use]
    pub fn start(threads: usize, metrics: Arc<Metrics>) -> Self {
        let queue = Arc::new(Queue { state: Mutex::default(), changed: Condvar::new(), metrics });
        let spawn = |number: usize| {
            let queue = Arc::clone(&queue);
            let thread = std::thread::Builder::new().name(format!("hash-{number}"));
            thread
                .spawn(move || {
                    yield_to_traffic();
                    let restarts = &queue.metrics.task_restarts;
                    again_after_panics("password_hashing", restarts, || queue.work());
                })
                .expect("the operating system grants the threads of start-up")
        };
        let threads = (0..threads.max(1)).map(spawn).collect();
        Self { queue, threads, padding: Padding::default() }
    }

    /// Returns a new hash, with a new salt.
    pub async fn hash(&self, permit: &ConcurrencyPermit, password: Password) -> Result<PasswordHash, Busy> {
        self.queue.answer(permit, password, Work::Hash).await
    }

    /// Verifies a password against a stored hash. Without one it costs the same and is a mismatch (ENUM-02).
    pub async fn verify(
        &self,
        permit: &ConcurrencyPermit,
        password: Password,
        against: Option<PasswordHash>,
    ) -> Result<Verified, Busy> {
        let timed = self.queue.answer(permit, password, |reply| Work::Verify(against, reply)).await?;
        let padding = self.padding.after(timed.foreign);
        if !padding.is_zero() {
            // A client that has gone is not waited for.
            let _ = tokio::time::timeout(padding, permit.gone().cancelled()).await;
        }
        Ok(timed.verified)
    }
}

/// Is a job whose answer is waited for. Dropping it withdraws the job, unless it has begun.
struct Pending<'a, T> {
    queue: &'a Queue,
    address: IpAddr,
    id: u64,
    answer: oneshot::Receiver<T>,
}

impl<T> Pending<'_, T> {
    async fn wait(mut self, permit: &ConcurrencyPermit) -> Result<T, Busy> {
        tokio::select! {
            biased;
            answer = &mut self.answer => return answer.map_err(|_| Busy),
            () = permit.gone().cancelled() => {}
        }
        if self.queue.withdraw(self.address, self.id) {
            return Err(Busy);
        }
        // What has begun is known in a moment, and counts.
        (&mut self.answer).await.map_err(|_| Busy)
    }
}

impl<T> Drop for Pending<'_, T> {
    fn drop(&mut self) {
        self.queue.withdraw(self.address, self.id);
    }
}

/// Where the traffic and a hash want the same core, the traffic gets it. When it is idle, a hash has the whole core.
fn yield_to_traffic() {
    // On Linux the nice value is the thread's; elsewhere it would be the whole process's.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE) {
        tracing::debug!(error = &error as &dyn std::error::Error, "hashing runs at the priority of the traffic");
    }
}

impl Drop for Hasher {
    fn drop(&mut self) {
        self.queue.lock().is_closed = true;
        self.queue.changed.notify_all();
        for thread in self.threads.drain(..) {
            // This takes one hash at most. A panic of the thread was reported by the panic hook.
            let _ = thread.join();
        }
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that holds the lock can panic half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does the work in its turn, unless the client goes away before it has begun.
    async fn answer<T>(
        &self,
        permit: &ConcurrencyPermit,
        password: Password,
        work: impl FnOnce(oneshot::Sender<T>) -> Work,
    ) -> Result<T, Busy> {
        if permit.gone().is_cancelled() {
            return Err(Busy);
        }
        let (reply, answer) = oneshot::channel();
        let id = self.push(permit.address(), password, work(reply))?;
        Pending { queue: self, address: permit.address(), id, answer }.wait(permit).await
    }

    /// Returns the job's id.
    fn push(&self, address: IpAddr, password: Password, work: Work) -> Result<u64, Busy> {
        let mut state = self.lock();
        if state.is_closed || state.jobs.len() >= QUEUE {
            self.metrics.hashing_rejected.inc();
            return Err(Busy);
        }
        let id = state.next_id;
        state.next_id += 1;
        state.jobs.push(address, Job { id, password, waiting_since: Instant::now(), work });
        drop(state);
        self.metrics.hashing_queue.inc();
        self.changed.notify_one();
        Ok(id)
    }

    /// Takes a job out of the queue; false where it is no longer there.
    fn withdraw(&self, address: IpAddr, id: u64) -> bool {
        let is_withdrawn = self.lock().jobs.remove(address, |job| job.id == id).is_some();
        if is_withdrawn {
            self.metrics.hashing_queue.dec();
        }
        is_withdrawn
    }

    fn work(&self) {
        let mut memory = Vec::new();
        while let Some(job) = self.next(&mut memory) {
            self.metrics.hashing_queue.dec();
            if job.work.is_abandoned() {
                continue;
            }
            if job.waiting_since.elapsed() > DEADLINE {
                self.metrics.hashing_rejected.inc();
                continue;
            }
            let timer = self.metrics.hashing_duration.start_timer();
            // It is counted before it is answered, so that whoever has the answer finds it counted. Nobody may be
            // waiting any more; the answer is lost with them.
            match job.work {
                Work::Hash(reply) => {
                    let hash = hash(&job.password, &mut memory);
                    timer.observe_duration();
                    let _ = reply.send(hash);
                }
                Work::Verify(against, reply) => {
                    let result = verify(&job.password, against.as_ref(), &mut memory);
                    timer.observe_duration();
                    let _ = reply.send(result);
                }
            }
        }
    }

    /// Returns the next job; `None` when the hasher was dropped. Frees the memory when there is nothing to do for long.
    fn next(&self, memory: &mut Vec<Block>) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if state.is_closed {
                return None;
            }
            if let Some(job) = state.jobs.pop() {
                return Some(job);
            }
            state = if memory.is_empty() {
                self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
            } else {
                let (state, wait) =
                    self.changed.wait_timeout(state, KEEP_MEMORY).unwrap_or_else(PoisonError::into_inner);
                if wait.timed_out() && state.jobs.len() == 0 {
                    *memory = Vec::new();
                }
                state
            };
        }
    }
}
