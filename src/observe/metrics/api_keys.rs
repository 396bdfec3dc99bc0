//! Holds metrics of API keys.

use prometheus::{IntCounter, IntCounterVec, Registry};

use crate::observe::metrics::registry::{counter, counters};

/// Holds the handles.
#[derive(Debug, Clone)]
pub struct ApiKeyMetrics {
    /// Is `authgate_api_key_uses_total{outcome}`: requests with a key that lives.
    pub uses: IntCounterVec,
    /// Is `authgate_api_key_leases_total`: how often uses were leased from PostgreSQL.
    pub leases: IntCounter,
}

impl ApiKeyMetrics {
    pub(crate) fn new(registry: &Registry) -> Self {
        let uses = counters(registry, "api_key_uses_total", "Uses of API keys.", &["outcome"]);
        for outcome in ["allowed", "rate_limited", "used_up", "gone", "unavailable"] {
            uses.with_label_values(&[outcome]);
        }
        Self { uses, leases: counter(registry, "api_key_leases_total", "Leases of uses of API keys.") }
    }
}
