//! Writes down that sessions are used: when last, and for how much longer they live.

use std::time::Duration;

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::{StoreError, Timestamp},
    types::SessionId,
};

/// Is the shortest time between two records of a session's use, in seconds.
pub(crate) const SEEN_EVERY: f64 = 300.0;

/// Tells when a session is extended and by how much (SESS-05, SESS-06).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extension {
    idle: f64,
    refresh_after: f64,
}

impl Extension {
    /// Lets sessions live for `idle` from now, at most once in `refresh_after`.
    #[must_use]
    pub fn new(idle: Duration, refresh_after: Duration) -> Self {
        Self { idle: idle.as_secs_f64(), refresh_after: refresh_after.as_secs_f64() }
    }

    /// Returns the time in seconds, as the statements take it.
    pub(crate) fn idle(self) -> f64 {
        self.idle
    }

    /// Returns the time in seconds.
    pub(crate) fn refresh_after(self) -> f64 {
        self.refresh_after
    }
}

/// Describes a session after its use was recorded.
#[derive(Debug)]
pub struct Used {
    pub id: SessionId,
    pub updated_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

/// Records the use of live sessions, and extends those whose time it is: never the ones that the browser is to forget,
/// never past their absolute end. One atomic statement, so of many at once one extends; a session that was ended
/// meanwhile stays ended. Nobody is waited for: a row that somebody else is writing is passed over, and its next use is
/// written down instead.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_used(
    connection: &mut PgConnection,
    ids: &[&str],
    extension: Extension,
) -> Result<Vec<Used>, StoreError> {
    let rows = sqlx::query_as!(
        Used,
        r#"
        with used as materialized (
            select
                id,
                remember
                    and updated_at <= now() - make_interval(secs => $3)
                    and expires_at < least(now() + make_interval(secs => $2), absolute_expires_at) as is_due
            from auth.sessions
            where id = any($1) and expires_at > now() and absolute_expires_at < '9999-01-01'
            order by id
            for update skip locked
        )
        update auth.sessions s
        set last_seen_at = greatest(s.last_seen_at, now()),
            updated_at = case when used.is_due then date_trunc('milliseconds', now()) else s.updated_at end,
            expires_at = case
                when used.is_due then least(
                    date_trunc('milliseconds', now()) + make_interval(secs => $2), s.absolute_expires_at
                )
                else s.expires_at
            end
        from used
        where s.id = used.id
        returning s.id as "id: SessionId", s.updated_at as "updated_at: Timestamp",
            s.expires_at as "expires_at: Timestamp"
        "#,
        ids as &[&str],
        extension.idle(),
        extension.refresh_after(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}
