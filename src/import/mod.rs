//! Brings users, and everything that is theirs, from where they were before.
//!
//! An origin (a room of its own below, or a file) reads what it has as [`record::Record`]s; the destination decides
//! about each and writes those that come. A batch is one transaction, together with how far the import is, so that an
//! import which is ended at any moment goes on where it was, and one that is run again brings nothing twice.

mod batch;
pub mod better_auth;
pub mod csv;
mod destination;
pub mod django;
mod error;
pub mod fastapi_users;
mod fields;
mod file;
mod finding;
pub mod firebase;
mod ids;
mod in_progress;
pub mod jsonl;
pub mod keycloak;
mod list;
mod mistake;
mod options;
mod person;
mod place;
mod position;
mod progress;
pub mod record;
mod report;
pub mod supabase;
mod tables;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use time::OffsetDateTime;

use crate::{
    auth::admin::Administration,
    import::{
        better_auth::BetterAuth,
        csv::Csv,
        destination::{Destination, Planned},
        django::Django,
        fastapi_users::FastapiUsers,
        firebase::Firebase,
        jsonl::Jsonl,
        keycloak::Keycloak,
        position::Position,
        record::Kind,
        supabase::Supabase,
    },
    store::{StoreError, audit::Event, imports::progress as stored},
    types::{format_timestamp, parse_timestamp},
};

pub use error::ImportError;
pub(crate) use ids::unhex;
use in_progress::Import;
pub(crate) use mistake::escaped;

pub use finding::{Effect, Finding, Reason};
pub use options::{OnClash, Options, Rules, Start};
pub use place::Place;
pub use report::{AllCounts, Counts, Summary};
pub use tables::Names;

use report::Report;

/// Says where everything comes from.
#[derive(Debug)]
pub enum Origin {
    BetterAuth(BetterAuth),
    Csv(Csv),
    Django(Django),
    FastapiUsers(FastapiUsers),
    Firebase(Firebase),
    Jsonl(Jsonl),
    Keycloak(Keycloak),
    Supabase(Supabase),
}

impl Origin {
    /// Returns the name of its kind, as the command line has it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::BetterAuth(_) => "better-auth",
            Self::Csv(_) => "csv",
            Self::Django(_) => "django",
            Self::FastapiUsers(_) => "fastapi-users",
            Self::Firebase(_) => "firebase",
            Self::Jsonl(_) => "jsonl",
            Self::Keycloak(_) => "keycloak",
            Self::Supabase(_) => "supabase",
        }
    }
}

/// Imports everything. The connection is for the import's own state; its end lets another import of the origin begin,
/// which would count everything twice.
pub async fn import(
    origin: &Origin,
    options: Options,
    rules: Rules,
    administration: &Administration,
    mut lock: PgConnection,
    now: OffsetDateTime,
) -> Result<Summary, ImportError> {
    let db = &administration.db;
    // The database keeps no more of a time, and what is written now is compared with it.
    let now = now.truncate_to_microsecond();
    if !options.dry_run && !stored::try_lock(&mut lock, &options.name).await? {
        return Err(ImportError::Running(options.name));
    }
    let mut transaction = lock.begin().await.map_err(StoreError::from)?;
    let Begun { position, counts, started_at, completed } =
        begin(&mut transaction, origin.kind(), &options, now).await?;
    let goes_on = position.is_some();
    let kept = position.as_ref().map(|position| position.report_length);
    if !options.dry_run {
        let detail = json!({ "origin": options.name, "kind": origin.kind(), "resumed": goes_on });
        administration.record(&mut transaction, Event::ImportStarted, None, detail, now).await?;
    }
    transaction.commit().await.map_err(StoreError::from)?;
    let report = Report::new(options.report.as_deref(), counts, kept)
        .map_err(|source| ImportError::File { path: options.report.clone().unwrap_or_default(), source })?;
    let destination = Destination {
        db: db.clone(),
        rules,
        origin: options.name.clone(),
        on_clash: options.on_clash,
        dry_run: options.dry_run,
        report,
        now,
        started_at,
        completed,
        planned: Planned::default(),
    };
    let taken = Kind::ALL.into_iter().filter(|kind| !options.without.contains(kind));
    let completed: BTreeMap<Kind, String> = taken.map(|kind| (kind, format_timestamp(started_at))).collect();
    let mut import = Import::new(destination, position, options.without, options.providers);
    match origin {
        Origin::BetterAuth(settings) => better_auth::read(settings, &mut import).await?,
        Origin::Csv(settings) => csv::read(settings, &mut import).await?,
        Origin::Django(settings) => django::read(settings, &mut import).await?,
        Origin::FastapiUsers(settings) => fastapi_users::read(settings, &mut import).await?,
        Origin::Firebase(settings) => firebase::read(settings, &mut import).await?,
        Origin::Jsonl(settings) => jsonl::read(settings, &mut import).await?,
        Origin::Keycloak(settings) => keycloak::read(settings, &mut import).await?,
        Origin::Supabase(settings) => supabase::read(settings, &mut import).await?,
    }
    import.flush().await?;
    import.progress.end();
    let summary = import.destination.report.finish(options.dry_run).map_err(ImportError::Report)?;
    if !options.dry_run {
        let mut transaction = lock.begin().await.map_err(StoreError::from)?;
        stored::finish(&mut transaction, &options.name, &json!(completed), now).await?;
        let detail = json!({ "origin": options.name, "kind": origin.kind(), "counts": summary.counts });
        administration.record(&mut transaction, Event::ImportFinished, None, detail, now).await?;
        transaction.commit().await.map_err(StoreError::from)?;
    }
    Ok(summary)
}

/// Says where an import begins, and what earlier ones did.
struct Begun {
    position: Option<Position>,
    counts: AllCounts,
    /// Is when it began, which stays where it goes on.
    started_at: OffsetDateTime,
    /// Holds when the last complete import began that took a kind of record.
    completed: BTreeMap<Kind, OffsetDateTime>,
}

async fn begin(
    connection: &mut PgConnection,
    kind: &str,
    options: &Options,
    now: OffsetDateTime,
) -> Result<Begun, ImportError> {
    let last = stored::find(connection, &options.name).await?;
    if let Some(last) = last.as_ref().filter(|last| last.kind != kind) {
        return Err(ImportError::OtherKind { name: options.name.clone(), kind: last.kind.clone() });
    }
    let completed = last.as_ref().map(|last| completed(&last.completed, options)).unwrap_or_default();
    let fresh = Begun { position: None, counts: AllCounts::default(), started_at: now, completed };
    if options.dry_run {
        return Ok(fresh);
    }
    match (options.start, last) {
        (Start::Resume, Some(last)) if last.finished_at.is_none() => {
            let position = last.position.map(serde_json::from_value).transpose();
            let counts = serde_json::from_value(last.counts);
            let (Ok(position), Ok(counts)) = (position, counts) else {
                return Err(ImportError::PositionUnreadable(options.name.clone()));
            };
            Ok(Begun { position, counts, started_at: last.started_at, ..fresh })
        }
        (Start::Resume, _) => Err(ImportError::NothingToResume(options.name.clone())),
        (Start::Fresh, Some(last)) if last.finished_at.is_none() && last.position.is_some() => {
            Err(ImportError::Unfinished(options.name.clone()))
        }
        (Start::Fresh | Start::Restart, _) => {
            stored::begin(connection, &options.name, kind, now).await?;
            Ok(fresh)
        }
    }
}

/// Reads when kinds of record came last, but for those that are to come again.
fn completed(stored: &Value, options: &Options) -> BTreeMap<Kind, OffsetDateTime> {
    let of = |kind: Kind| parse_timestamp(stored.get(json!(kind).as_str()?)?.as_str()?);
    let kinds = Kind::ALL.into_iter().filter(|kind| !options.again.contains(kind));
    kinds.filter_map(|kind| Some((kind, of(kind)?))).collect()
}
