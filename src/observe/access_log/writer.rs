//! Writes one line a request, without ever making the request wait.
//!
//! Lines are rendered on the request's thread and appended to a shared buffer, which one thread writes out in batches.
//! The buffer's bound is in bytes: when standard output does not keep up or takes nothing, lines are dropped and
//! counted.

use std::{
    cell::RefCell,
    io::{self, Write},
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use prometheus::IntCounter;

use crate::{
    observe::{
        LogFormat, Metrics,
        access_log::{line::AccessLine, render},
    },
    tasks::again_after_panics,
};

/// Bounds what waits for the writer: about ten thousand lines.
const MAX_PENDING_BYTES: usize = 4 * 1024 * 1024;
/// The writer starts at once when this much waits, otherwise after [`LINGER`].
const BATCH_BYTES: usize = 64 * 1024;
/// Lines are gathered for this long, so that a busy gateway makes a hundred writes a second and not one a request.
const LINGER: Duration = Duration::from_millis(10);
/// Bounds how long [`AccessLog::flush`] waits for a reader that has stopped reading.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(2);

/// Is the handle that every request writes to.
#[derive(Debug, Clone)]
pub struct AccessLog {
    format: LogFormat,
    queue: Arc<Queue>,
    metrics: Arc<Metrics>,
}

#[derive(Debug, Default)]
struct Queue {
    pending: Mutex<Pending>,
    /// The writer waits on this for lines.
    arrived: Condvar,
    /// Flushes wait on this for the writer.
    written: Condvar,
}

#[derive(Debug, Default)]
struct Pending {
    lines: Vec<u8>,
    /// The writer has taken lines and not written them yet.
    writing: bool,
    /// Somebody waits: no lingering.
    flushing: bool,
}

thread_local! {
    /// Is rendered into before the lock is taken, and reused, so that a line costs no allocation.
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl AccessLog {
    /// Starts the writer thread. It ends with the process; [`Self::flush`] comes before.
    ///
    /// # Panics
    /// When the system refuses a thread, at start.
    #[must_use]
    pub fn start(format: LogFormat, metrics: Arc<Metrics>) -> Self {
        Self::start_on(format, metrics, io::stdout())
    }

    fn start_on(format: LogFormat, metrics: Arc<Metrics>, out: impl Write + Send + 'static) -> Self {
        let queue = Arc::new(Queue::default());
        let (writer, dropped) = (Arc::clone(&queue), metrics.access_log_dropped.clone());
        let (restarts, out) = (metrics.task_restarts.clone(), Mutex::new(out));
        thread::Builder::new()
            .name("access-log".to_owned())
            .spawn(move || again_after_panics("access_log", &restarts, || writer.write_out(&out, &dropped)))
            .expect("a thread can be started when the process starts");
        Self { format, queue, metrics }
    }

    /// Hands the line over. Never blocks on the output.
    pub fn write(&self, line: &AccessLine<'_>) {
        SCRATCH.with_borrow_mut(|scratch| {
            scratch.clear();
            let rendered = match self.format {
                LogFormat::Json => render::write_json(scratch, line),
                LogFormat::Text => render::write_text(scratch, line),
            };
            if rendered.is_err() || !self.queue.push(scratch) {
                self.metrics.access_log_dropped.inc();
            }
        });
    }

    /// Waits until what was handed over is written, for at most two seconds.
    pub fn flush(&self) {
        let mut pending = self.queue.lock();
        pending.flushing = true;
        self.queue.arrived.notify_one();
        let busy = |pending: &mut Pending| pending.writing || !pending.lines.is_empty();
        let waited = self.queue.written.wait_timeout_while(pending, FLUSH_TIMEOUT, busy);
        waited.unwrap_or_else(PoisonError::into_inner).0.flushing = false;
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether there was room.
    fn push(&self, line: &[u8]) -> bool {
        let mut pending = self.lock();
        let before = pending.lines.len();
        let after = before + line.len();
        if after > MAX_PENDING_BYTES {
            return false;
        }
        pending.lines.extend_from_slice(line);
        drop(pending);
        // The first line wakes the writer, and the one that fills a batch ends its lingering.
        if before == 0 || (before < BATCH_BYTES && after >= BATCH_BYTES) {
            self.arrived.notify_one();
        }
        true
    }

    fn write_out(&self, out: &Mutex<impl Write>, dropped: &IntCounter) {
        let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
        let mut batch = Vec::with_capacity(BATCH_BYTES);
        loop {
            self.take(&mut batch);
            // A full disk or a reader that has gone must not stop the requests.
            if out.write_all(&batch).and_then(|()| out.flush()).is_err() {
                dropped.inc_by(memchr::memchr_iter(b'\n', &batch).count() as u64);
            }
            batch.clear();
            // A burst's memory is given back.
            batch.shrink_to(4 * BATCH_BYTES);
            self.lock().writing = false;
            self.written.notify_all();
        }
    }

    /// Waits for lines and takes all there are.
    fn take(&self, batch: &mut Vec<u8>) {
        let pending = self.lock();
        let empty = |pending: &mut Pending| pending.lines.is_empty();
        let pending = self.arrived.wait_while(pending, empty).unwrap_or_else(PoisonError::into_inner);
        let more_to_come = |pending: &mut Pending| pending.lines.len() < BATCH_BYTES && !pending.flushing;
        let waited = self.arrived.wait_timeout_while(pending, LINGER, more_to_come);
        let (mut pending, _) = waited.unwrap_or_else(PoisonError::into_inner);
        mem::swap(&mut pending.lines, batch);
        pending.writing = true;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Takes a batch only when the test allows one.
    struct Gated {
        gate: mpsc::Receiver<()>,
        seen: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Gated {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.gate.recv().map_err(io::Error::other)?;
            self.seen.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_stalled_output_drops_lines_and_blocks_nobody() {
        let (open, gate) = mpsc::channel();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let metrics = Arc::new(Metrics::new());
        let log = AccessLog::start_on(LogFormat::Json, Arc::clone(&metrics), Gated { gate, seen: Arc::clone(&seen) });
        let mut written = 0_u64;
        while metrics.access_log_dropped.get() == 0 {
            log.write(&AccessLine::sample());
            written += 1;
        }
        let kept = written - metrics.access_log_dropped.get();
        // One batch may be with the writer already, the rest follows in one.
        open.send(()).unwrap();
        open.send(()).unwrap();
        log.flush();
        let lines = seen.lock().unwrap().split(|byte| *byte == b'\n').count() - 1;
        assert_eq!(u64::try_from(lines).unwrap(), kept);
    }
}
