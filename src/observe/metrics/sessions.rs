//! Holds metrics of sessions that end while they are in use, and of those that are remembered.

use prometheus::{Histogram, IntCounter, IntCounterVec, IntGauge, Registry};

use crate::observe::metrics::registry::{counter, counters, gauge, histogram};

/// Holds the handles.
#[derive(Debug, Clone)]
pub struct SessionMetrics {
    /// Is `authgate_notifications_connected`: 0 while open connections may outlive their session.
    pub notifications_connected: IntGauge,
    /// Is `authgate_revocation_lag_seconds`: how long a notification takes from its commit to this replica, and back.
    pub revocation_lag: Histogram,
    /// Is `authgate_connections_ended_total{kind}`: `websocket` or `stream`.
    pub connections_ended: IntCounterVec,
    /// Is `authgate_session_checks_cached_total`: requests whose session was remembered.
    pub cached_checks: IntCounter,
    /// Is `authgate_better_auth_cookies_total{outcome}`: responses that `exchanged` better-auth's session cookie for ours,
    /// or `cleared` one that opened nothing.
    pub better_auth_cookies: IntCounterVec,
}

impl SessionMetrics {
    pub(crate) fn new(registry: &Registry) -> Self {
        let better_auth_cookies = counters(
            registry,
            "better_auth_cookies_total",
            "Responses that took a session cookie of better-auth's.",
            &["outcome"],
        );
        for outcome in ["exchanged", "cleared"] {
            better_auth_cookies.with_label_values(&[outcome]);
        }
        Self {
            better_auth_cookies,
            notifications_connected: gauge(
                registry,
                "notifications_connected",
                "1 while PostgreSQL tells of ended sessions.",
            ),
            revocation_lag: histogram(
                registry,
                "revocation_lag_seconds",
                "How long a notification takes to PostgreSQL and back.",
                &[0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 3.0],
            ),
            connections_ended: counters(
                registry,
                "connections_ended_total",
                "Connections closed with their session.",
                &["kind"],
            ),
            cached_checks: counter(registry, "session_checks_cached_total", "Sessions that were remembered."),
        }
    }
}
