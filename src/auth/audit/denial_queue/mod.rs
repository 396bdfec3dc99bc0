//! Holds events that wait to be written to the audit log without a transaction of their own. Each kind of event has
//! bounds of its own, and each source within a kind, so that a flood of one pushes no other out (LOG-06). What was
//! dropped is counted.

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    net::IpAddr,
    time::{Duration, Instant},
};

use time::OffsetDateTime;

use crate::{
    auth::Client,
    store::audit::{Event, Outcome},
    types::UserId,
};

/// Limits the rows of one kind in a minute; a denial like another one of the same minute is none.
const MAX_A_MINUTE: usize = 600;
/// Limits those of them that one user causes, or one client address where there is no user.
const MAX_PER_SOURCE: usize = 60;
/// Limits the rows of one kind that wait, for example while the database is away.
const MAX_WAITING: usize = 1024;
/// Limits the rows of one kind that are taken at a time.
const MAX_TAKEN: usize = 64;
/// This much time passes between two records of what was dropped of one kind.
const REPORT_PAUSE: Duration = Duration::from_mins(1);

/// Describes a denied request.
#[derive(Debug)]
pub struct Denial {
    pub event: Event,
    pub outcome: Outcome,
    /// Tells whose session it carried, where that was looked at.
    pub user_id: Option<UserId>,
    /// Is the route's name or the endpoint, never a path with anything of the client's in it.
    pub place: String,
    pub client: Client,
    pub at: OffsetDateTime,
}

/// Describes what is to be written.
#[derive(Debug)]
pub(crate) enum AuditRecord {
    Denied(Denial),
    Reloaded {
        outcome: Outcome,
        file: String,
        at: OffsetDateTime,
    },
    /// So many of a kind were dropped.
    Dropped {
        kind: Kind,
        count: u64,
        at: OffsetDateTime,
    },
}

/// Identifies a queue. Kinds come from a closed set, so the queues are bounded too.
pub(crate) type Kind = (Event, Outcome);

/// Is the user, or where there is none the network that the request came from.
type Source = Result<UserId, IpAddr>;

#[derive(Debug, Default)]
pub(crate) struct DenialQueue(BTreeMap<(&'static str, &'static str), OfKind>);

#[derive(Debug)]
struct OfKind {
    kind: Kind,
    minute: i64,
    /// Holds what was seen in the current minute.
    seen: HashSet<(Source, String)>,
    per_source: HashMap<Source, usize>,
    waiting: VecDeque<AuditRecord>,
    dropped: u64,
    last_dropped: OffsetDateTime,
    reported: Option<Instant>,
}

/// Tells what became of an event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Admitted {
    New,
    Repeated,
    Dropped,
}

impl DenialQueue {
    pub(crate) fn push_denial(&mut self, denial: Denial) -> Admitted {
        self.of_kind((denial.event, denial.outcome)).push_denial(denial)
    }

    pub(crate) fn push_reload(&mut self, outcome: Outcome, file: String, at: OffsetDateTime) -> Admitted {
        self.of_kind((Event::ConfigReloaded, outcome)).push(AuditRecord::Reloaded { outcome, file, at })
    }

    /// Returns the next rows, of each kind as many as of every other. What was dropped is told at once, and then once a
    /// minute; at the end, when there is no `now`, all of it.
    pub(crate) fn take(&mut self, now: Option<Instant>) -> Vec<AuditRecord> {
        self.0.values_mut().flat_map(|of_kind| of_kind.take(now)).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.values().map(|of_kind| of_kind.waiting.len()).sum()
    }

    fn of_kind(&mut self, kind: Kind) -> &mut OfKind {
        self.0.entry((kind.0.as_str(), kind.1.as_str())).or_insert_with(|| OfKind {
            kind,
            minute: 0,
            seen: HashSet::new(),
            per_source: HashMap::new(),
            waiting: VecDeque::new(),
            dropped: 0,
            last_dropped: OffsetDateTime::UNIX_EPOCH,
            reported: None,
        })
    }
}

impl OfKind {
    fn push_denial(&mut self, denial: Denial) -> Admitted {
        let minute = denial.at.unix_timestamp() / 60;
        // A request of the last minute may come here after one of this; a clock that was set back is another matter.
        if minute > self.minute || minute < self.minute - 1 {
            self.minute = minute;
            self.seen.clear();
            self.per_source.clear();
        }
        let source: Source = denial.user_id.clone().ok_or_else(|| denial.client.ip.bucket());
        let seen = (source.clone(), denial.place.clone());
        if self.seen.contains(&seen) {
            return Admitted::Repeated;
        }
        let of_source = self.per_source.get(&source).copied().unwrap_or_default();
        if self.seen.len() >= MAX_A_MINUTE || of_source >= MAX_PER_SOURCE {
            return self.drop_one(denial.at);
        }
        let admitted = self.push(AuditRecord::Denied(denial));
        if admitted == Admitted::New {
            self.seen.insert(seen);
            self.per_source.insert(source, of_source + 1);
        }
        admitted
    }

    fn push(&mut self, record: AuditRecord) -> Admitted {
        if self.waiting.len() >= MAX_WAITING {
            return self.drop_one(record.at());
        }
        self.waiting.push_back(record);
        Admitted::New
    }

    fn drop_one(&mut self, at: OffsetDateTime) -> Admitted {
        self.dropped = self.dropped.saturating_add(1);
        self.last_dropped = at;
        Admitted::Dropped
    }

    fn take(&mut self, now: Option<Instant>) -> Vec<AuditRecord> {
        let length = self.waiting.len().min(MAX_TAKEN);
        let mut taken: Vec<AuditRecord> = self.waiting.drain(..length).collect();
        let is_due = |reported: Instant| now.is_none_or(|now| now.duration_since(reported) >= REPORT_PAUSE);
        if self.dropped > 0 && self.reported.is_none_or(is_due) {
            self.reported = now;
            taken.push(AuditRecord::Dropped {
                kind: self.kind,
                count: std::mem::take(&mut self.dropped),
                at: self.last_dropped,
            });
        }
        taken
    }
}

impl AuditRecord {
    pub(crate) fn at(&self) -> OffsetDateTime {
        match self {
            Self::Denied(Denial { at, .. }) | Self::Reloaded { at, .. } | Self::Dropped { at, .. } => *at,
        }
    }
}
