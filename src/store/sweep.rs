//! Deletes what has expired (DATA-02): a bounded batch a statement, so that no lock is held for long, and rows that
//! another replica is deleting are passed over. Each returns how many rows went.
//!
//! The rows are chosen by `= any(array(select … limit …))`, which PostgreSQL runs once. It may run `in (select … limit
//! …)` anew for each row of the table, and each run locks and yields further rows: then there is no limit.

use std::time::Duration;

use sqlx::{PgConnection, Postgres, postgres::PgArguments, query::Query};

use crate::store::StoreError;

/// Deletes sessions past their end, and with them where and on what they were used.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_expired_sessions(connection: &mut PgConnection, limit: i64) -> Result<u64, StoreError> {
    let query = sqlx::query!(
        "delete from auth.sessions where id = any(array(
            select id from auth.sessions where expires_at <= now() limit $1 for update skip locked
        ))",
        limit,
    );
    delete(connection, query).await
}

/// Deletes one-time tokens that expired longer than `kept` ago. Until then a late click is told that the link has
/// expired rather than that it is unknown. Nobody comes back to an expired flow at a provider or of
/// a passkey, so those go at once.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_expired_verifications(
    connection: &mut PgConnection,
    kept: Duration,
    limit: i64,
) -> Result<u64, StoreError> {
    let query = sqlx::query!(
        "delete from auth.verifications where id = any(array(
            select id from auth.verifications
            where expires_at <= now() - make_interval(secs => $1)
                or (expires_at <= now() and purpose in ('oauth-state', 'passkey-registration', 'passkey-sign-in'))
            limit $2
            for update skip locked
        ))",
        kept.as_secs_f64(),
        limit,
    );
    delete(connection, query).await
}

/// Deletes users whose accounts were closed by a deletion that no former address can undo any more. The condition is
/// repeated, so that one whose ban an operator has lifted meanwhile stays.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_closed_users(connection: &mut PgConnection, limit: i64) -> Result<u64, StoreError> {
    let query = sqlx::query!(
        "delete from auth.users u
        where u.id = any(array(
                select closed.id from auth.email_changes c
                join auth.users closed on closed.id = c.user_id and closed.banned_at = c.closed_at
                where c.expires_at <= now()
                limit $1
                for update of closed skip locked
            ))
            and exists (select from auth.email_changes c where c.user_id = u.id and c.closed_at = u.banned_at)
            and not exists (select from auth.email_changes c where c.user_id = u.id and c.expires_at > now())",
        limit,
    );
    delete(connection, query).await
}

/// Deletes the ways back from changes of address that nobody took in time; the former addresses are anybody's then.
/// Those of a closed account go with its user.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_expired_email_changes(connection: &mut PgConnection, limit: i64) -> Result<u64, StoreError> {
    let query = sqlx::query!(
        "delete from auth.email_changes where token_hash = any(array(
            select c.token_hash from auth.email_changes c
            where c.expires_at <= now()
                and not exists (select from auth.users u where u.id = c.user_id and u.banned_at = c.closed_at)
            limit $1
            for update skip locked
        ))",
        limit,
    );
    delete(connection, query).await
}

/// Deletes sign-ins that waited in vain for a second factor.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_expired_challenges(connection: &mut PgConnection, limit: i64) -> Result<u64, StoreError> {
    let query = sqlx::query!(
        "delete from auth.two_factor_challenges where token_hash = any(array(
            select token_hash from auth.two_factor_challenges where expires_at <= now() limit $1 for update skip locked
        ))",
        limit,
    );
    delete(connection, query).await
}

/// Deletes mailed codes of second factors that nobody typed in in time.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_expired_codes(connection: &mut PgConnection, limit: i64) -> Result<u64, StoreError> {
    let query = sqlx::query!(
        "delete from auth.two_factor_codes where key = any(array(
            select key from auth.two_factor_codes where expires_at <= now() limit $1 for update skip locked
        ))",
        limit,
    );
    delete(connection, query).await
}

/// Deletes devices that are trusted no longer.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_expired_trusted_devices(connection: &mut PgConnection, limit: i64) -> Result<u64, StoreError> {
    let query = sqlx::query!(
        "delete from auth.trusted_devices where id = any(array(
            select id from auth.trusted_devices where expires_at <= now() limit $1 for update skip locked
        ))",
        limit,
    );
    delete(connection, query).await
}

/// Deletes counters of attempts whose window is over.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_expired_rate_limits(connection: &mut PgConnection, limit: i64) -> Result<u64, StoreError> {
    // The rows are locked once they are chosen: a counter whose window was begun anew before that is not, and none is
    // after.
    let query = sqlx::query!(
        "delete from auth.rate_limits where key = any(array(
            select key from auth.rate_limits where expires_at <= now() limit $1 for update skip locked
        ))",
        limit,
    );
    delete(connection, query).await
}

/// Deletes mail that was given up longer than `kept` ago.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_failed_mail(connection: &mut PgConnection, kept: Duration, limit: i64) -> Result<u64, StoreError> {
    let query = sqlx::query!(
        "delete from auth.mail_outbox where id = any(array(
            select id from auth.mail_outbox
            where failed_at <= now() - make_interval(secs => $1)
            limit $2
            for update skip locked
        ))",
        kept.as_secs_f64(),
        limit,
    );
    delete(connection, query).await
}

/// Deletes audit records older than `kept`, oldest first. Of the last day's none goes: the database sees to that.
/// Nothing is locked beforehand, as that takes the right to update, which the gateway need not have here (LOG-04).
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_audit_events(connection: &mut PgConnection, kept: Duration, limit: i64) -> Result<u64, StoreError> {
    let query = sqlx::query!(
        "delete from auth.audit_events where id = any(array(
            select id from auth.audit_events
            where occurred_at <= now() - make_interval(secs => $1)
                and coalesce(recorded_at, occurred_at) <= now() - interval '1 day'
            order by occurred_at
            limit $2
        ))",
        kept.as_secs_f64(),
        limit,
    );
    delete(connection, query).await
}

async fn delete(connection: &mut PgConnection, query: Query<'_, Postgres, PgArguments>) -> Result<u64, StoreError> {
    Ok(query.execute(connection).await?.rows_affected())
}
