//! Brings batches of records here: decides about each, writes those that come in one transaction with how far the
//! import is, and tells of the others.

mod api_keys;
mod candidate;
mod identities;
mod organizations;
mod outcome;
mod passkeys;
mod passwords;
mod sessions;
mod two_factors;
mod user_findings;
mod users;
mod verifications;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use time::OffsetDateTime;

use crate::{
    import::{
        batch::Batch,
        destination::outcome::Outcome,
        error::ImportError,
        finding::{Effect, Reason},
        ids::local_id,
        options::{OnClash, Rules},
        position::Position,
        record::Kind,
        report::Report,
    },
    store::{
        Db, StoreError, Tx,
        imports::{ids, progress},
        retry_once,
    },
};

/// Is where records go.
#[derive(Debug)]
pub(crate) struct Destination {
    pub(crate) db: Db,
    pub(crate) rules: Rules,
    /// Is what the origin is called.
    pub(crate) origin: String,
    pub(crate) on_clash: OnClash,
    pub(crate) dry_run: bool,
    pub(crate) report: Report,
    pub(crate) now: OffsetDateTime,
    /// Is when the import began, which stays where it goes on.
    pub(crate) started_at: OffsetDateTime,
    /// Holds when the last complete import began that took a kind of record.
    pub(crate) completed: BTreeMap<Kind, OffsetDateTime>,
    /// Holds whoever would be here by now, where nothing is written.
    pub(crate) planned: Planned,
}

/// Remembers hashes of ids and addresses, eight bytes each.
#[derive(Debug, Default)]
pub(crate) struct Planned {
    read: HashSet<u64>,
    users: HashSet<u64>,
    organizations: HashSet<u64>,
    emails: HashSet<u64>,
    names: HashSet<u64>,
}

impl Planned {
    /// Tells whether somebody would have a name to sign in with, by its likeness, or an organization a slug.
    fn holds_name(&self, name: &str) -> bool {
        self.names.contains(&short_hash(name))
    }
}

fn short_hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Says who a user of the origin, or which organization, is here.
#[derive(Debug, Clone)]
pub(crate) struct Local {
    pub(crate) id: String,
    /// They were here before.
    pub(crate) is_merged: bool,
    /// This import brought them.
    pub(crate) is_new: bool,
    /// Somebody changed them here since.
    pub(crate) is_changed: bool,
}

impl Destination {
    /// Writes a batch. Once this returns, everything up to the position is here for good.
    pub(crate) async fn write(&mut self, batch: &Batch, position: Position) -> Result<(), ImportError> {
        let this = &*self;
        let (mut transaction, outcome) = match retry_once(|| this.try_write(batch, false)).await {
            // One of the records is refused by the database itself: the others come, and that one is told.
            Err(ImportError::Store(error)) if error.is_refused_row() => {
                retry_once(|| this.try_write(batch, true)).await?
            }
            done => done?,
        };
        // Findings are never lost: they are on disk before the records are gone from the origin's side of the position.
        for finding in outcome.findings {
            self.report.add(finding).map_err(ImportError::Report)?;
        }
        for (kind, counts) in &outcome.counts {
            self.report.count(*kind).add(counts);
        }
        let report_length = self.report.flush().map_err(ImportError::Report)?;
        if self.dry_run {
            transaction.rollback().await?;
        } else {
            let position = json!(Position { report_length, ..position });
            progress::update(&mut transaction, &self.origin, &position, &json!(self.report.counts)).await?;
            transaction.commit().await?;
        }
        if self.dry_run {
            self.planned.read.extend(outcome.read_users.iter().map(|id| short_hash(id)));
            self.planned.users.extend(outcome.new_users.iter().map(|id| short_hash(id)));
            self.planned.organizations.extend(outcome.new_organizations.iter().map(|id| short_hash(id)));
            self.planned.emails.extend(outcome.new_emails.iter().map(|email| short_hash(email)));
            self.planned.names.extend(outcome.new_names.iter().map(|name| short_hash(name)));
        }
        Ok(())
    }

    async fn try_write(&self, batch: &Batch, one_by_one: bool) -> Result<(Tx, Outcome), ImportError> {
        let mut transaction = self.db.begin().await?;
        let mut out = Outcome { findings: batch.findings.clone(), ..Outcome::default() };
        for finding in &batch.findings {
            out.count(finding.kind).read += u64::from(finding.effect == Effect::LeftOut);
        }
        for kind in &batch.expired {
            let counts = out.count(*kind);
            counts.read += 1;
            counts.expired += 1;
        }
        if one_by_one {
            self.write_one_by_one(&mut transaction, batch, &mut out).await?;
        } else {
            self.write_records(&mut transaction, batch, &mut out).await?;
        }
        Ok((transaction, out))
    }

    async fn write_records(
        &self,
        connection: &mut PgConnection,
        batch: &Batch,
        out: &mut Outcome,
    ) -> Result<(), ImportError> {
        self.write_users(connection, &batch.users, out).await?;
        if out.doubles.is_empty() {
            return self.write_belongings(connection, batch, out).await;
        }
        let (doubles, others): (Vec<_>, Vec<_>) =
            batch.records().into_iter().partition(|(place, _)| out.doubles.contains(place));
        for (place, record) in doubles.iter().filter(|(_, record)| record.kind() != Kind::User) {
            out.count(record.kind()).read += 1;
            out.left_out(record.kind(), place, user_twice());
        }
        self.write_belongings(connection, &others.into_iter().collect(), out).await
    }

    /// Writes what is somebody's. The order is that of [`Kind::ALL`].
    async fn write_belongings(
        &self,
        connection: &mut PgConnection,
        batch: &Batch,
        out: &mut Outcome,
    ) -> Result<(), ImportError> {
        self.write_passwords(connection, &batch.passwords, out).await?;
        self.write_identities(connection, &batch.identities, out).await?;
        self.write_two_factors(connection, &batch.two_factors, out).await?;
        self.write_passkeys(connection, &batch.passkeys, out).await?;
        self.write_organizations(connection, &batch.organizations, out).await?;
        self.write_teams(connection, &batch.teams, out).await?;
        self.write_members(connection, &batch.members, out).await?;
        self.write_team_members(connection, &batch.team_members, out).await?;
        self.write_invitations(connection, &batch.invitations, out).await?;
        self.write_api_keys(connection, &batch.api_keys, out).await?;
        self.write_sessions(connection, &batch.sessions, out).await?;
        self.write_verifications(connection, &batch.verifications, out).await
    }

    /// Writes every record by itself, and tells of those that the database refuses.
    async fn write_one_by_one(
        &self,
        connection: &mut PgConnection,
        batch: &Batch,
        out: &mut Outcome,
    ) -> Result<(), ImportError> {
        for (place, record) in batch.records() {
            let kind = record.kind();
            if kind != Kind::User && out.doubles.contains(&place) {
                out.count(kind).read += 1;
                out.left_out(kind, &place, user_twice());
                continue;
            }
            let before = out.clone();
            let single: Batch = std::iter::once((place.clone(), record)).collect();
            let mut savepoint = connection.begin().await.map_err(StoreError::from)?;
            match self.write_records(&mut savepoint, &single, out).await {
                Ok(()) => savepoint.commit().await.map_err(StoreError::from)?,
                Err(ImportError::Store(error)) if error.is_refused_row() => {
                    savepoint.rollback().await.map_err(StoreError::from)?;
                    *out = before;
                    out.count(kind).read += 1;
                    out.left_out(kind, &place, refused(&error));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Tells whether an earlier import saw a record, so that it was taken away here if it is not here. An origin that
    /// keeps no times gives its records that of the import.
    pub(crate) fn was_seen(&self, kind: Kind, owner: &Local, created_at: OffsetDateTime) -> bool {
        let is_older = |last: &OffsetDateTime| created_at < *last || created_at == self.now;
        !owner.is_new && self.completed.get(&kind).is_some_and(is_older)
    }

    /// Finds who users of the origin are here. Those who are missing do not come, or are not here any more.
    pub(crate) async fn local_users<'a>(
        &self,
        connection: &mut PgConnection,
        source_ids: impl Iterator<Item = &'a String>,
        out: &Outcome,
    ) -> Result<HashMap<String, Local>, ImportError> {
        let wanted: Vec<String> = source_ids.cloned().collect::<HashSet<_>>().into_iter().collect();
        if wanted.is_empty() {
            return Ok(HashMap::new());
        }
        let known = ids::find_users(connection, &self.origin, &wanted).await?;
        let is_planned = |id: &str| out.new_users.contains(id) || self.planned.users.contains(&short_hash(id));
        Ok(self.locals(known, &wanted, is_planned))
    }

    /// Finds which organizations those of the origin are here.
    pub(crate) async fn local_organizations<'a>(
        &self,
        connection: &mut PgConnection,
        source_ids: impl Iterator<Item = &'a String>,
        out: &Outcome,
    ) -> Result<HashMap<String, Local>, ImportError> {
        let wanted: Vec<String> = source_ids.cloned().collect::<HashSet<_>>().into_iter().collect();
        if wanted.is_empty() {
            return Ok(HashMap::new());
        }
        let known = ids::find_organizations(connection, &self.origin, &wanted).await?;
        let is_planned =
            |id: &str| out.new_organizations.contains(id) || self.planned.organizations.contains(&short_hash(id));
        Ok(self.locals(known, &wanted, is_planned))
    }

    /// Adds to those that are known whoever would be here, where nothing is written.
    fn locals(
        &self,
        known: Vec<ids::KnownId>,
        wanted: &[String],
        is_planned: impl Fn(&str) -> bool,
    ) -> HashMap<String, Local> {
        let local = |known: ids::KnownId| {
            let is_new = known.brought_at == Some(self.started_at);
            let (is_merged, is_changed) = (known.is_merged, known.is_changed);
            (known.source_id, Local { id: known.local_id, is_merged, is_new, is_changed })
        };
        let mut locals: HashMap<String, Local> = known.into_iter().filter(|known| known.is_here).map(local).collect();
        if self.dry_run {
            for id in wanted.iter().filter(|id| is_planned(id)) {
                let local = || Local { id: local_id(id), is_merged: false, is_new: true, is_changed: false };
                locals.entry(id.clone()).or_insert_with(local);
            }
        }
        locals
    }
}

/// Returns how many bytes the database takes a value for, which writes a blank after each colon and comma.
pub(crate) fn stored_length(value: &Value) -> usize {
    fn blanks(value: &Value) -> usize {
        match value {
            Value::Array(items) => items.len().saturating_sub(1) + items.iter().map(blanks).sum::<usize>(),
            Value::Object(fields) => {
                fields.len() + fields.len().saturating_sub(1) + fields.values().map(blanks).sum::<usize>()
            }
            _ => 0,
        }
    }
    value.to_string().len() + blanks(value)
}

/// Tells of a record that stands where a user stands whom another row is.
fn user_twice() -> Reason {
    Reason::new("USER_NOT_HERE", "another row has the id of its user", "see what the report says of the user")
}

/// Tells of a record that the database refuses.
fn refused(error: &StoreError) -> Reason {
    let text = format!("the database refuses it: {}", error.refusal());
    Reason::new("ROW_REFUSED", text, "correct the record in the origin, and import again")
}

/// Tells of a record whose user does not come.
pub(crate) fn no_user(source_id: &str) -> Reason {
    Reason::new(
        "USER_NOT_HERE",
        format!("its user {source_id:?} was not imported"),
        "see what the report says of the user",
    )
}

/// Tells of a record whose organization does not come.
pub(crate) fn no_organization(source_id: &str) -> Reason {
    Reason::new(
        "ORGANIZATION_NOT_HERE",
        format!("its organization {source_id:?} was not imported"),
        "see what the report says of the organization",
    )
}
