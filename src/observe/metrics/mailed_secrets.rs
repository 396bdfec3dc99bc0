//! Holds the metric of codes and links that are mailed.

use prometheus::{IntCounterVec, Registry};

use crate::observe::metrics::registry::counters;

/// Lists what is mailed, as the client calls it.
const KINDS: [&str; 5] = ["sign-in", "email-verification", "forget-password", "change-email", "magic-link"];

/// Registers `authgate_mailed_secrets_total{kind}`, which begins at 0 for each kind.
pub(crate) fn mailed_secrets(registry: &Registry) -> IntCounterVec {
    let mailed = counters(registry, "mailed_secrets_total", "Codes and links that were mailed.", &["kind"]);
    for kind in KINDS {
        mailed.with_label_values(&[kind]);
    }
    mailed
}
