//! Collects what a batch does, until it is committed.

use std::collections::HashSet;

use crate::import::{
    finding::{Effect, Finding, Reason},
    place::Place,
    record::Kind,
    report::{AllCounts, Counts},
};

/// Is what one batch does.
#[derive(Debug, Default, Clone)]
pub(crate) struct Outcome {
    pub(crate) counts: AllCounts,
    pub(crate) findings: Vec<Finding>,
    /// Are the ids in the origin of users whom the batch reads.
    pub(crate) read_users: HashSet<String>,
    /// Are the ids in the origin of users and organizations that come with the batch.
    pub(crate) new_users: HashSet<String>,
    pub(crate) new_organizations: HashSet<String>,
    pub(crate) new_emails: HashSet<String>,
    /// Are likenesses of names to sign in with, and slugs, that nobody here has and somebody would have by now.
    pub(crate) new_names: HashSet<String>,
    /// Are the ids here of users who come with the batch.
    pub(crate) new_local_ids: HashSet<String>,
    /// Are places of users whose id another row has: what else stands there is not that row's.
    pub(crate) doubles: Vec<Place>,
}

impl Outcome {
    pub(crate) fn count(&mut self, kind: Kind) -> &mut Counts {
        self.counts.entry(kind).or_default()
    }

    /// Tells of a record that does not come.
    pub(crate) fn left_out(&mut self, kind: Kind, place: &Place, reason: Reason) {
        self.findings.push(Finding { kind, place: place.clone(), effect: Effect::LeftOut, reason });
    }

    /// Tells of a record that comes otherwise than it was.
    pub(crate) fn changed(&mut self, kind: Kind, place: &Place, reason: Reason) {
        self.findings.push(Finding { kind, place: place.clone(), effect: Effect::Changed, reason });
    }
}
