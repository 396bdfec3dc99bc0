//! Runs argon2id on threads of its own (PASS-05, PASS-07). A login storm fills this queue and nothing else: the async
//! threads never hash, and memory is what the threads own, however many people wait. Client addresses are served in
//! turn, and nothing is hashed for a client that is gone (BRUTE-09).

#[cfg(test)]
mod tests;

use std::{
    net::IpAddr,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{self, Output, Salt},
};
use tokio::sync::oneshot;

use crate::{
    auth::limits::{
        concurrency::{Busy, ConcurrencyPermit},
        fair_queue::FairQueue,
    },
    observe::Metrics,
    tasks::again_after_panics,
    types::{Password, PasswordHash},
};

/// Is OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
const PARAMS: Params = Params::DEFAULT;
const OUTPUT_BYTES: usize = Params::DEFAULT_OUTPUT_LEN;
const SALT_BYTES: usize = Salt::RECOMMENDED_LENGTH;
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
/// A stored hash that asks for more than this is not computed: 256 MiB, 16 passes, 4 lanes.
const MAX_MEMORY_KIB: u32 = 256 * 1024;
const MAX_PASSES: u32 = 16;
const MAX_LANES: u32 = 4;

/// Tells whether a password is the one that was hashed.
#[must_use = "a password that is not looked at lets everybody in"]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verified {
    /// It is the password; with `rehash` the stored hash has other parameters than new ones get.
    Match {
        rehash: bool,
    },
    Mismatch,
}

/// Is the handle. Dropping it ends the threads.
#[derive(Debug)]
pub struct Hasher {
    queue: Arc<Queue>,
    threads: Vec<JoinHandle<()>>,
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
    Verify(Option<PasswordHash>, oneshot::Sender<Verified>),
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
        Self { queue, threads }
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
        self.queue.answer(permit, password, |reply| Work::Verify(against, reply)).await
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

/// Returns a new hash, computed on the calling thread: for commands, which nobody else waits for.
#[must_use]
pub fn hash_password(password: &Password) -> PasswordHash {
    hash(password, &mut Vec::new())
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
                    let verified = verify(&job.password, against.as_ref(), &mut memory);
                    timer.observe_duration();
                    let _ = reply.send(verified);
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

fn hash(password: &Password, memory: &mut Vec<Block>) -> PasswordHash {
    let mut salt = [0; SALT_BYTES];
    getrandom::fill(&mut salt).expect("the operating system provides randomness");
    hash_with_salt(password, &salt, memory)
}

fn hash_with_salt(password: &Password, salt: &[u8; SALT_BYTES], memory: &mut Vec<Block>) -> PasswordHash {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, PARAMS);
    let output = compute(&argon2, password, salt, OUTPUT_BYTES, memory).expect("our own parameters are in range");
    let phc = phc::PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: (&PARAMS).try_into().expect("our own parameters are in range"),
        salt: Some(Salt::new(salt).expect("16 bytes are a salt")),
        hash: Some(output),
    };
    PasswordHash::new(phc.to_string())
}

fn verify(password: &Password, against: Option<&PasswordHash>, memory: &mut Vec<Block>) -> Verified {
    let stored = against.and_then(|hash| {
        let stored = Stored::parse(hash);
        if stored.is_none() {
            tracing::error!("a stored password hash is of an unknown kind; its owner has to reset the password");
        }
        stored
    });
    let Some(stored) = stored else {
        hash_with_salt(password, &[0; SALT_BYTES], memory);
        return Verified::Mismatch;
    };
    let argon2 = Argon2::new(stored.algorithm, stored.version, stored.params.clone());
    match compute(&argon2, password, stored.salt.as_ref(), stored.output.len(), memory) {
        // They are compared in constant time.
        Some(output) if output == stored.output => Verified::Match { rehash: !stored.is_current() },
        _ => Verified::Mismatch,
    }
}

fn compute(
    argon2: &Argon2<'_>,
    password: &Password,
    salt: &[u8],
    length: usize,
    memory: &mut Vec<Block>,
) -> Option<Output> {
    let blocks = argon2.params().block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::new());
    }
    let mut output = [0; Output::MAX_LENGTH];
    let output = output.get_mut(..length)?;
    let result = argon2.hash_password_into_with_memory(password.expose(), salt, output, &mut memory[..blocks]);
    if blocks > PARAMS.block_count() {
        memory.truncate(PARAMS.block_count());
        memory.shrink_to_fit();
    }
    result.ok().and_then(|()| Output::new(output).ok())
}

/// Holds a PHC string taken apart, within the bounds that we compute.
struct Stored {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt: Salt,
    output: Output,
}

impl Stored {
    fn parse(hash: &PasswordHash) -> Option<Self> {
        let hash = phc::PasswordHash::new(hash.expose()).ok()?;
        let params = Params::try_from(&hash).ok()?;
        let is_bounded =
            params.m_cost() <= MAX_MEMORY_KIB && params.t_cost() <= MAX_PASSES && params.p_cost() <= MAX_LANES;
        Some(Self {
            algorithm: Algorithm::try_from(hash.algorithm.as_str()).ok()?,
            version: hash.version.map_or(Ok(Version::V0x10), Version::try_from).ok()?,
            params: is_bounded.then_some(params)?,
            salt: hash.salt?,
            output: hash.hash?,
        })
    }

    fn is_current(&self) -> bool {
        let costs = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
        matches!((self.algorithm, self.version), (Algorithm::Argon2id, Version::V0x13))
            && costs(&self.params) == costs(&PARAMS)
            && self.salt.as_ref().len() >= SALT_BYTES
            && self.output.len() >= OUTPUT_BYTES
    }
}
