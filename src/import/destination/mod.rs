//! Brings batches of records here: decides about each, writes those that come in one transaction with how far the
//! import is, and tells of the others.

mod api_keys;
mod identities;
mod organizations;
mod outcome;
mod passkeys;
mod passwords;
mod sessions;
mod two_factors;
mod users;

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use serde_json::{Value, json};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    import::{
        batch::Batch,
        destination::outcome::Outcome,
        error::ImportError,
        finding::{Effect, Reason},
        ids::local_id,
        options::{OnClash, Rules},
        report::{AllCounts, Report},
    },
    store::{
        Db, Tx,
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
    /// Holds whoever would be here by now, where nothing is written.
    pub(crate) planned: Planned,
}

/// Remembers hashes of ids and addresses, eight bytes each.
#[derive(Debug, Default)]
pub(crate) struct Planned {
    users: HashSet<u64>,
    organizations: HashSet<u64>,
    emails: HashSet<u64>,
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
    /// Whoever it is was here before.
    pub(crate) is_merged: bool,
}

impl Destination {
    /// Writes a batch. Once this returns, everything up to the position is here for good.
    pub(crate) async fn write(&mut self, batch: &Batch, position: &Value) -> Result<(), ImportError> {
        let this = &*self;
        let (transaction, outcome) = retry_once(|| this.try_write(batch, position)).await?;
        // What is told is never lost: it is on disk before the records are gone from the origin's side of the position.
        for finding in outcome.findings {
            self.report.add(finding).map_err(ImportError::Report)?;
        }
        self.report.flush().map_err(ImportError::Report)?;
        if self.dry_run {
            transaction.rollback().await?;
        } else {
            transaction.commit().await?;
        }
        for (kind, counts) in outcome.counts {
            self.report.count(kind).add(&counts);
        }
        if self.dry_run {
            self.planned.users.extend(outcome.new_users.iter().map(|id| short_hash(id)));
            self.planned.organizations.extend(outcome.new_organizations.iter().map(|id| short_hash(id)));
            self.planned.emails.extend(outcome.new_emails.iter().map(|email| short_hash(email)));
        }
        Ok(())
    }

    async fn try_write(&self, batch: &Batch, position: &Value) -> Result<(Tx, Outcome), ImportError> {
        let mut transaction = self.db.begin().await?;
        let mut out = Outcome { findings: batch.findings.clone(), ..Outcome::default() };
        for finding in &batch.findings {
            out.count(finding.kind).read += u64::from(finding.effect == Effect::LeftOut);
        }
        self.write_users(&mut transaction, &batch.users, &mut out).await?;
        self.write_passwords(&mut transaction, &batch.passwords, &mut out).await?;
        self.write_identities(&mut transaction, &batch.identities, &mut out).await?;
        self.write_two_factors(&mut transaction, &batch.two_factors, &mut out).await?;
        self.write_passkeys(&mut transaction, &batch.passkeys, &mut out).await?;
        self.write_organizations(&mut transaction, &batch.organizations, &mut out).await?;
        self.write_teams(&mut transaction, &batch.teams, &mut out).await?;
        self.write_members(&mut transaction, &batch.members, &mut out).await?;
        self.write_team_members(&mut transaction, &batch.team_members, &mut out).await?;
        self.write_invitations(&mut transaction, &batch.invitations, &mut out).await?;
        self.write_api_keys(&mut transaction, &batch.api_keys, &mut out).await?;
        self.write_sessions(&mut transaction, &batch.sessions, &mut out).await?;
        if !self.dry_run {
            let counts = json!(self.counts_with(&out));
            progress::update(&mut transaction, &self.origin, position, &counts).await?;
        }
        Ok((transaction, out))
    }

    /// Returns the counts as they are once a batch is committed.
    fn counts_with(&self, out: &Outcome) -> AllCounts {
        let mut counts = self.report.counts.clone();
        for (kind, of_batch) in &out.counts {
            counts.entry(*kind).or_default().add(of_batch);
        }
        for finding in &out.findings {
            counts.entry(finding.kind).or_default().add_finding(finding.effect);
        }
        counts
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
        let here = known.into_iter().filter(|known| known.is_here);
        let mut locals: HashMap<String, Local> =
            here.map(|known| (known.source_id, Local { id: known.local_id, is_merged: known.is_merged })).collect();
        if self.dry_run {
            for id in wanted.iter().filter(|id| is_planned(id)) {
                locals.entry(id.clone()).or_insert_with(|| Local { id: local_id(id), is_merged: false });
            }
        }
        locals
    }
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
