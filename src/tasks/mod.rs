//! Runs work that requests share, such as the check of sessions or the delivery of mail. It is started in one way,
//! started again after a panic, and counted; readiness asks which of it does not run (DOS-09).

pub(crate) mod backoff;
mod panics;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use prometheus::IntCounterVec;
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use panics::{Panicked, catch_panic};

/// Tells how soon work is started again, and when it is trusted again.
#[derive(Debug, Clone, Copy)]
struct Pace {
    first_wait: Duration,
    longest_wait: Duration,
    /// Work that ran for so long has recovered.
    recovered_after: Duration,
}

const PACE: Pace = Pace {
    first_wait: Duration::from_millis(100),
    longest_wait: Duration::from_secs(10),
    recovered_after: Duration::from_secs(30),
};
/// Work that panicked as often without having recovered counts as gone while it runs, too.
const MAX_PANICS: u32 = 3;

/// Starts tasks and keeps them running. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Tasks {
    tracker: TaskTracker,
    restarts: IntCounterVec,
    gone: Arc<Gone>,
    pace: Pace,
}

/// Counts how many tasks of each name are gone.
#[derive(Debug, Default)]
struct Gone(Mutex<BTreeMap<&'static str, usize>>);

impl Tasks {
    /// Creates an empty set of tasks. `restarts` counts by the task's name.
    #[must_use]
    pub fn new(restarts: IntCounterVec) -> Self {
        Self { tracker: TaskTracker::new(), restarts, gone: Arc::default(), pace: PACE }
    }

    /// Runs the future that `make` gives until it returns, by which it says that its work is over. After a panic a new
    /// one is made, sooner or later depending on how many there were: what is to survive lives in `make`. `shutdown`
    /// ends the wait in between, not the work.
    pub fn supervise<W>(
        &self,
        name: &'static str,
        shutdown: &CancellationToken,
        make: impl FnMut() -> W + Send + 'static,
    ) -> JoinHandle<()>
    where
        W: Future<Output = ()> + Send + 'static,
    {
        // The counter begins at 0, so that the first panic is an increase.
        self.restarts.with_label_values(&[name]);
        self.tracker.spawn(self.clone().keep(name, shutdown.clone(), make))
    }

    /// Runs work that ends by itself, such as the service of one listener, without starting it again.
    pub fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        self.tracker.spawn(work)
    }

    /// Returns the names of the tasks that do not run, or that keep panicking.
    #[must_use]
    pub fn gone(&self) -> Vec<&'static str> {
        self.gone.lock().keys().copied().collect()
    }

    /// Waits until every task has ended. Nothing is started after this.
    pub async fn wait(&self) {
        self.tracker.close();
        self.tracker.wait().await;
    }

    async fn keep<W>(self, name: &'static str, shutdown: CancellationToken, mut make: impl FnMut() -> W)
    where
        W: Future<Output = ()>,
    {
        let mut attendance = Attendance { gone: Arc::clone(&self.gone), name, is_gone: false };
        let mut panics: u32 = 0;
        loop {
            if panics < MAX_PANICS {
                attendance.set_gone(false);
            }
            let mut work = pin!(catch_panic(async { make().await }));
            let early = timeout(self.pace.recovered_after, &mut work).await;
            let ended = if let Ok(ended) = early {
                ended
            } else {
                panics = 0;
                attendance.set_gone(false);
                work.await
            };
            if ended.is_ok() || shutdown.is_cancelled() {
                return;
            }
            panics = panics.saturating_add(1);
            attendance.set_gone(true);
            self.restarts.with_label_values(&[name]).inc();
            let wait = backoff::exponential(self.pace.first_wait, self.pace.longest_wait, panics, backoff::random());
            tracing::error!(
                event = "task_restarted",
                task = name,
                task.panics = panics,
                restart_in_ms = wait.as_secs_f64() * 1000.0,
                "a task that requests share panicked and is started again"
            );
            if shutdown.run_until_cancelled(sleep(wait)).await.is_none() {
                return;
            }
        }
    }
}

/// Runs work of a thread's own until it returns, again after each panic. A job that was in its hands is lost.
pub fn again_after_panics(name: &'static str, restarts: &IntCounterVec, work: impl Fn()) {
    let restarts = restarts.with_label_values(&[name]);
    while catch_unwind(AssertUnwindSafe(&work)).is_err() {
        restarts.inc();
        tracing::error!(event = "task_restarted", task = name, "a thread that requests share panicked and goes on");
    }
}

impl Gone {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, usize>> {
        // Nothing that holds the lock can panic half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Holds what readiness knows of one task. Dropped with the task, which is then nobody's concern any more.
struct Attendance {
    gone: Arc<Gone>,
    name: &'static str,
    is_gone: bool,
}

impl Attendance {
    fn set_gone(&mut self, is_gone: bool) {
        if is_gone == self.is_gone {
            return;
        }
        self.is_gone = is_gone;
        let mut gone = self.gone.lock();
        let count = gone.entry(self.name).or_default();
        *count = if is_gone { count.saturating_add(1) } else { count.saturating_sub(1) };
        if *count == 0 {
            gone.remove(self.name);
        }
    }
}

impl Drop for Attendance {
    fn drop(&mut self) {
        self.set_gone(false);
    }
}
