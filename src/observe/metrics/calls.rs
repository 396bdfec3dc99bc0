//! Holds the metrics of calls that administer: of users, and of API keys.

use prometheus::{IntCounterVec, Registry};

use crate::observe::metrics::registry::counters;

/// Lists the calls of administrators, by the last part of their paths.
pub const ADMIN_CALLS: [&str; 22] = [
    "audit-events",
    "ban-user",
    "create-user",
    "get-organization",
    "get-user",
    "has-permission",
    "health",
    "impersonate-user",
    "list-organizations",
    "list-user-sessions",
    "list-user-sign-in-methods",
    "list-users",
    "outbox",
    "outbox/retry",
    "remove-user",
    "revoke-user-session",
    "revoke-user-sessions",
    "set-role",
    "set-user-password",
    "stop-impersonating",
    "unban-user",
    "update-user",
];

/// Lists the calls of those who manage keys, by the last part of their paths.
pub const API_KEY_CALLS: [&str; 6] = ["create", "delete", "get", "list", "update", "verify"];

/// Tells what is administered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallKind {
    Admin,
    ApiKey,
}

/// Tells what came of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallOutcome {
    Success,
    /// Means that the caller may not, or is nobody, or asks too often.
    Refused,
    /// Means that the session was not proved lately.
    NotFresh,
    SecondFactorRequired,
    /// Means that the user has as many keys as anybody may have.
    TooMany,
    /// Means that the request makes no sense, or names what is not there.
    Invalid,
    Failed,
}

impl CallOutcome {
    const ALL: [Self; 7] = [
        Self::Success,
        Self::Refused,
        Self::NotFresh,
        Self::SecondFactorRequired,
        Self::TooMany,
        Self::Invalid,
        Self::Failed,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Refused => "refused",
            Self::NotFresh => "not_fresh",
            Self::SecondFactorRequired => "second_factor_required",
            Self::TooMany => "too_many",
            Self::Invalid => "invalid",
            Self::Failed => "failed",
        }
    }
}

/// Holds the handles.
#[derive(Debug, Clone)]
pub struct CallMetrics {
    admin: IntCounterVec,
    api_keys: IntCounterVec,
}

impl CallMetrics {
    /// Registers `authgate_admin_calls_total` and `authgate_api_key_calls_total`, each with `call` and `outcome`; every
    /// call begins at 0 with every outcome, so that the first is an increase.
    pub(crate) fn new(registry: &Registry) -> Self {
        let labels = ["call", "outcome"];
        let admin = counters(registry, "admin_calls_total", "Calls of administrators over the auth API.", &labels);
        let help = "Calls that manage or verify API keys over the auth API.";
        let api_keys = counters(registry, "api_key_calls_total", help, &labels);
        for outcome in CallOutcome::ALL {
            for call in ADMIN_CALLS.iter().filter(|_| outcome != CallOutcome::TooMany) {
                admin.with_label_values(&[call, outcome.as_str()]);
            }
            for call in API_KEY_CALLS {
                api_keys.with_label_values(&[call, outcome.as_str()]);
            }
        }
        Self { admin, api_keys }
    }

    /// Counts a call.
    pub fn count(&self, kind: CallKind, call: &str, outcome: CallOutcome) {
        let calls = match kind {
            CallKind::Admin => &self.admin,
            CallKind::ApiKey => &self.api_keys,
        };
        calls.with_label_values(&[call, outcome.as_str()]).inc();
    }
}
