//! Keeps an import that is under way: what an origin hands its records to, which are written a batch at a time.

use std::collections::{BTreeSet, HashMap};

use time::OffsetDateTime;

use crate::import::{
    batch::{BATCH, Batch},
    destination::Destination,
    error::ImportError,
    finding::{Effect, Finding, Reason},
    place::Place,
    position::Position,
    progress::Progress,
    record::{Kind, Record},
};

/// Is an import that is under way: what an origin hands its records to.
#[derive(Debug)]
pub(crate) struct Import {
    pub(super) destination: Destination,
    batch: Batch,
    /// Is where to go on; an origin takes it when it begins.
    pub(super) position: Option<Position>,
    /// Is the last row that was read.
    passed: Option<Position>,
    /// Counts rows that were read since the last batch was written.
    rows: u64,
    without: BTreeSet<Kind>,
    /// Holds names of providers here by those that they have in the origin.
    providers: HashMap<String, String>,
    pub(super) progress: Progress,
}

impl Import {
    pub(super) fn new(
        destination: Destination,
        position: Option<Position>,
        without: BTreeSet<Kind>,
        providers: HashMap<String, String>,
    ) -> Self {
        let progress = Progress::new();
        Self { destination, batch: Batch::default(), position, passed: None, rows: 0, without, providers, progress }
    }

    /// Says what a provider is called here, unless the operator said so.
    pub(crate) fn rename_provider(&mut self, origin: &str, here: &str) {
        self.providers.entry(origin.to_owned()).or_insert_with(|| here.to_owned());
    }

    /// Returns the names of additional fields that users may not set themselves.
    pub(crate) fn protected_fields(&self) -> Vec<String> {
        let fields = self.destination.rules.user_fields.iter().filter(|field| !field.input);
        fields.map(|field| field.name.clone()).collect()
    }

    /// Returns when the import began.
    pub(crate) fn now(&self) -> OffsetDateTime {
        self.destination.now
    }

    /// Tells whether records of a kind come.
    pub(crate) fn takes(&self, kind: Kind) -> bool {
        !self.without.contains(&kind)
    }

    /// Takes a record of the row that is being read.
    pub(crate) fn push(&mut self, place: Place, mut record: Record) {
        if let Record::Identity(identity) = &mut record
            && let Some(name) = self.providers.get(&identity.provider)
        {
            identity.provider.clone_from(name);
        }
        if self.takes(record.kind()) {
            self.batch.push(place, record);
        }
    }

    /// Tells of a row that no record could be made of.
    pub(crate) fn leave_out(&mut self, kind: Kind, place: Place, reason: Reason) {
        if self.takes(kind) {
            self.batch.leave_out(Finding { kind, place, effect: Effect::LeftOut, reason });
        }
    }

    /// Counts a row that has expired, and is of no use whatever it was.
    pub(crate) fn expire(&mut self, kind: Kind) {
        if self.takes(kind) {
            self.batch.expired.push(kind);
        }
    }

    /// Tells of a row that comes otherwise than it was.
    pub(crate) fn change(&mut self, kind: Kind, place: Place, reason: Reason) {
        if self.takes(kind) {
            self.batch.leave_out(Finding { kind, place, effect: Effect::Changed, reason });
        }
    }

    /// Says that everything up to a row was handed over, and writes a batch where there are enough records.
    pub(crate) async fn passed(&mut self, position: Position) -> Result<(), ImportError> {
        self.passed = Some(position);
        self.rows += 1;
        if self.batch.is_full() || self.rows >= 10 * BATCH as u64 { self.flush().await } else { Ok(()) }
    }

    /// Writes what was handed over.
    pub(crate) async fn flush(&mut self) -> Result<(), ImportError> {
        let Some(position) = self.passed.take() else { return Ok(()) };
        let batch = std::mem::take(&mut self.batch);
        self.rows = 0;
        self.destination.write(&batch, position).await
    }
}
