//! Measures what the process itself uses, under the names that Prometheus' own clients give it.
//!
//! Read at a scrape and never else. What an operating system does not tell (memory and descriptors outside Linux) is
//! left out rather than shown as 0.

use std::{
    fs,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use prometheus::{Counter, Gauge, Opts, Registry};
use rustix::{
    process::{Resource, getrlimit},
    time::{ClockId, clock_gettime},
};

use crate::observe::metrics::registry::register;

/// Holds the handles; a scrape calls [`Process::refresh`] first.
#[derive(Debug, Clone)]
pub(crate) struct Process {
    /// Is `process_cpu_seconds_total`. It is locked from its reading to its increase, or two scrapes at once would both
    /// add the same difference.
    cpu: Arc<Mutex<Counter>>,
    /// Is `process_resident_memory_bytes`.
    memory: Option<Gauge>,
    /// Is `process_open_fds`.
    open_files: Option<Gauge>,
    /// Is `process_max_fds`.
    most_files: Option<Gauge>,
    /// Is `process_start_time_seconds`.
    started: Gauge,
}

impl Process {
    /// Registers what this system tells. `since_epoch` is now, which is when the process began as far as anybody cares.
    pub(crate) fn new(registry: &Registry, since_epoch: Duration) -> Self {
        let process = Self {
            cpu: Arc::new(Mutex::new(register(
                registry,
                Counter::with_opts(options("cpu_seconds_total", "Processor time used.")),
            ))),
            memory: gauge_for(registry, resident(), "resident_memory_bytes", "Memory held."),
            open_files: gauge_for(registry, open_files(), "open_fds", "Open file descriptors."),
            most_files: gauge_for(registry, most_files(), "max_fds", "Open file descriptors that the system allows."),
            started: register(registry, Gauge::with_opts(options("start_time_seconds", "When it started."))),
        };
        process.started.set(since_epoch.as_secs_f64());
        process.refresh();
        process
    }

    /// Looks again. Takes some milliseconds where ten thousand connections are open.
    pub(crate) fn refresh(&self) {
        {
            let cpu = self.cpu.lock().unwrap_or_else(PoisonError::into_inner);
            let used = clock_gettime(ClockId::ProcessCPUTime);
            let used = Duration::try_from(used).unwrap_or_default().as_secs_f64();
            cpu.inc_by((used - cpu.get()).max(0.0));
        }
        set(self.memory.as_ref(), resident());
        set(self.open_files.as_ref(), open_files());
        set(self.most_files.as_ref(), most_files());
    }
}

/// Returns the bytes in memory.
fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"))?;
    Some(kibibytes.parse::<u64>().ok()? * 1024)
}

fn open_files() -> Option<u64> {
    // The one that reads the directory is among them.
    Some((fs::read_dir("/proc/self/fd").ok()?.count() as u64).saturating_sub(1))
}

/// Returns `None` where there is no bound.
fn most_files() -> Option<u64> {
    getrlimit(Resource::Nofile).current
}

#[expect(clippy::cast_precision_loss, reason = "bytes beyond 2^53 are eight pebibytes")]
fn set(gauge: Option<&Gauge>, value: Option<u64>) {
    if let (Some(gauge), Some(value)) = (gauge, value) {
        gauge.set(value as f64);
    }
}

fn gauge_for(registry: &Registry, value: Option<u64>, name: &str, help: &str) -> Option<Gauge> {
    value.map(|_| register(registry, Gauge::with_opts(options(name, help))))
}

fn options(name: &str, help: &str) -> Opts {
    Opts::new(format!("process_{name}"), help)
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::*;

    #[test]
    fn tells_what_the_process_uses_now() {
        let process = Process::new(&Registry::new(), Duration::from_secs(1_700_000_000));
        let used = || process.cpu.lock().unwrap().get();
        let (cpu, files) = (used(), process.open_files.clone().unwrap());
        let before = files.get();
        let opened: Vec<_> = (0..50).map(|_| fs::File::open("/proc/self/status").unwrap()).collect();
        while used() <= cpu {
            black_box((0..10_000).sum::<u64>());
            process.refresh();
        }
        assert!(files.get() > before + 25.0, "{} after {before}", files.get());
        assert!(process.memory.unwrap().get() > 1_000_000.0 && process.most_files.unwrap().get() > files.get());
        assert!((process.started.get() - 1_700_000_000.0).abs() < 0.5);
        drop(opened);
    }
}
