//! Tells whether a server is used: what requests experience, and what probes find.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use prometheus::{IntCounter, IntGauge};

use crate::{observe::Metrics, proxy::settings::HealthCheck};

/// Requests go elsewhere after so many failures in a row.
const MAX_FAILURES: u32 = 3;
/// An ejection lasts so long at first, then twice as long each time, up to [`MAX_EJECTION`].
const MIN_EJECTION: Duration = Duration::from_secs(1);
const MAX_EJECTION: Duration = Duration::from_mins(1);

/// Holds the state of one server.
#[derive(Debug)]
pub(crate) struct Health {
    /// Names the upstream and the server.
    labels: [String; 2],
    /// Is `upstream/server`, for the log.
    name: String,
    state: Mutex<State>,
    /// Is false while nothing is wrong, so that a request does not lock.
    is_suspect: AtomicBool,
    thresholds: (u32, u32),
    /// Is set once this configuration is in force; until then, and after another is, nobody sees what is found.
    up: OnceLock<IntGauge>,
    ejections: IntCounter,
    connect_failures: IntCounter,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    ejections: u32,
    ejected_until: Option<Instant>,
    /// Counts the probes in a row that found other than `is_down` says.
    dissenting_probes: u32,
    is_down: bool,
}

impl Health {
    pub(crate) fn new(labels: [&str; 2], metrics: &Metrics, check: Option<&HealthCheck>) -> Self {
        Self {
            labels: labels.map(str::to_owned),
            name: labels.join("/"),
            state: Mutex::default(),
            is_suspect: AtomicBool::new(false),
            thresholds: check.map_or((1, 1), |check| (check.unhealthy_after, check.healthy_after)),
            up: OnceLock::new(),
            ejections: metrics.upstream_ejections.with_label_values(&labels),
            connect_failures: metrics.upstream_connect_failures.with_label_values(&labels),
        }
    }

    /// Shows operators, from now on, the server as this configuration finds it.
    pub(crate) fn show(&self, metrics: &Metrics) {
        let state = self.lock();
        let _ = self.up.set(metrics.upstream_up.with_label_values(&self.labels));
        self.publish(&state);
    }

    /// Returns whether requests may go there now.
    pub(crate) fn is_usable(&self) -> bool {
        if !self.is_suspect.load(Ordering::Relaxed) {
            return true;
        }
        let state = self.lock();
        !state.is_down && state.ejected_until.is_none_or(|until| Instant::now() >= until)
    }

    /// Notes that a request got a response: an ejection is over and its length forgotten.
    pub(crate) fn responded(&self) {
        if self.is_suspect.load(Ordering::Relaxed) {
            let mut state = self.lock();
            if state.ejected_until.take().is_some() {
                tracing::info!(server = self.name, "an upstream server answers again");
            }
            (state.failures, state.ejections) = (0, 0);
            self.publish(&state);
        }
    }

    pub(crate) fn connect_failed(&self) {
        self.connect_failures.inc();
        self.failed();
    }

    /// Notes that a request failed: after some in a row the server is left out for a while.
    pub(crate) fn failed(&self) {
        let mut state = self.lock();
        state.failures = state.failures.saturating_add(1);
        let is_out = state.ejected_until.is_some_and(|until| Instant::now() < until);
        if state.failures >= MAX_FAILURES && !is_out {
            let pause = MIN_EJECTION.saturating_mul(1 << state.ejections.min(6)).min(MAX_EJECTION);
            if state.ejected_until.is_none() {
                tracing::warn!(server = self.name, "an upstream server fails; requests go to the others");
            }
            state.ejected_until = Some(Instant::now() + pause);
            state.ejections += 1;
            self.ejections.inc();
        }
        self.is_suspect.store(true, Ordering::Relaxed);
        self.publish(&state);
    }

    /// Notes a probe's finding. Enough of them in a row turn the server down or up.
    pub(crate) fn probed(&self, is_healthy: bool) {
        let mut state = self.lock();
        if is_healthy != state.is_down {
            state.dissenting_probes = 0;
            return;
        }
        state.dissenting_probes += 1;
        let (unhealthy_after, healthy_after) = self.thresholds;
        if state.dissenting_probes < if is_healthy { healthy_after } else { unhealthy_after } {
            return;
        }
        *state = State { is_down: !is_healthy, ..State::default() };
        self.is_suspect.store(state.is_down, Ordering::Relaxed);
        self.publish(&state);
        if is_healthy {
            tracing::info!(server = self.name, "an upstream server passes its health check again");
        } else {
            tracing::warn!(server = self.name, "an upstream server fails its health check");
        }
    }

    fn publish(&self, state: &State) {
        let is_suspect = state.is_down || state.failures > 0;
        self.is_suspect.store(is_suspect, Ordering::Relaxed);
        if let Some(up) = self.up.get() {
            up.set((!state.is_down && state.ejected_until.is_none()).into());
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that holds the lock can panic half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health() -> Health {
        let check =
            HealthCheck { unhealthy_after: 2, healthy_after: 2, ..HealthCheck::with_defaults("/health".to_owned()) };
        let metrics = Metrics::new();
        let health = Health::new(["api", "http://a:1"], &metrics, Some(&check));
        health.show(&metrics);
        health
    }

    fn up(health: &Health) -> i64 {
        health.up.get().unwrap().get()
    }

    #[test]
    fn failures_in_a_row_eject_and_an_answer_ends_it() {
        let health = health();
        health.failed();
        health.failed();
        health.responded();
        health.failed();
        health.failed();
        assert!(health.is_usable(), "a response between them");
        health.failed();
        assert!(!health.is_usable());
        assert_eq!((up(&health), health.ejections.get()), (0, 1));
        health.responded();
        assert!(health.is_usable());
        assert_eq!(up(&health), 1);
    }

    #[test]
    fn failures_during_an_ejection_do_not_lengthen_it() {
        let health = health();
        for _ in 0..50 {
            health.failed();
        }
        assert_eq!(health.ejections.get(), 1);
    }

    #[test]
    fn probes_turn_it_only_in_a_row() {
        let health = health();
        for (is_healthy, usable) in
            [(false, true), (true, true), (false, true), (false, false), (true, false), (false, false), (true, false)]
        {
            health.probed(is_healthy);
            assert_eq!(health.is_usable(), usable);
        }
        health.probed(true);
        assert!(health.is_usable());
    }
}
