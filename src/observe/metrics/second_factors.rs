//! Holds metrics of second factors.

use prometheus::{IntCounter, IntCounterVec, Registry};

use crate::observe::metrics::registry::{counter, counters};

/// Holds the handles.
#[derive(Debug, Clone)]
pub struct SecondFactorMetrics {
    /// Is `authgate_second_factors_total{factor,outcome}`: codes that were tried.
    pub tried: IntCounterVec,
    /// Is `authgate_two_factor_codes_sent_total`: codes that were mailed.
    pub codes_sent: IntCounter,
}

impl SecondFactorMetrics {
    pub(crate) fn new(registry: &Registry) -> Self {
        let tried = counters(
            registry,
            "second_factors_total",
            "Codes of second factors that were tried.",
            &["factor", "outcome"],
        );
        for factor in ["totp", "otp", "backup-code"] {
            for outcome in ["success", "wrong_code", "rate_limited"] {
                tried.with_label_values(&[factor, outcome]);
            }
        }
        Self {
            tried,
            codes_sent: counter(registry, "two_factor_codes_sent_total", "Codes of second factors that were mailed."),
        }
    }
}
