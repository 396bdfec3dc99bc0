//! Holds the metric of what happens in organizations.

use prometheus::{IntCounterVec, Registry};

use crate::observe::metrics::registry::counters;

/// Lists what is counted, by the names that the audit log has too.
const EVENTS: [&str; 15] = [
    "organization_created",
    "organization_updated",
    "organization_deleted",
    "member_invited",
    "invitation_accepted",
    "invitation_rejected",
    "invitation_canceled",
    "member_removed",
    "member_left",
    "member_roles_changed",
    "team_created",
    "team_updated",
    "team_removed",
    "team_member_added",
    "team_member_removed",
];

/// Holds the handle.
#[derive(Debug, Clone)]
pub struct OrganizationMetrics {
    events: IntCounterVec,
}

impl OrganizationMetrics {
    /// Registers `authgate_organization_events_total{event}`, which begins at 0 for each event.
    pub(crate) fn new(registry: &Registry) -> Self {
        let events = counters(
            registry,
            "organization_events_total",
            "What was done with organizations, members, teams and invitations over the auth API.",
            &["event"],
        );
        for event in EVENTS {
            events.with_label_values(&[event]);
        }
        Self { events }
    }

    /// Counts an event.
    pub fn count(&self, event: &'static str) {
        self.events.with_label_values(&[event]).inc();
    }
}
