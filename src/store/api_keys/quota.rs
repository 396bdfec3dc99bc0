//! Counts what keys are used for. A replica does not count each use here: it leases a few uses at a time, and the fewer
//! there are the fewer it gets, so that the last ones are leased singly. What is leased is counted as used; so no more
//! ever pass than may, and what a replica leases and does not use it gives back.

use std::time::Duration;

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::{StoreError, Timestamp},
    types::ApiKeyId,
};

/// Limits the uses that are leased at once.
const MAX_LEASE: i64 = 1024;
/// A lease is at most one part in so many of what is left.
const SHARE: i64 = 8;

/// Describes uses that a replica holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Counts the uses; none where nothing is left.
    pub uses: u32,
    /// Is the key's revision at that time: uses of an older one count no more.
    pub revision: i64,
    /// Names the window that the uses are of.
    pub window_started_at: Option<OffsetDateTime>,
    /// Is how long the window lasts, and how long until the key is refilled; `None` where there is no such thing.
    pub window_left: Option<Duration>,
    pub refill_left: Option<Duration>,
    /// Says which of the two ran out, where nothing is left.
    pub used_up: Option<UsedUp>,
}

/// Says what ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsedUp {
    /// The uses of this window are gone.
    Window,
    /// All uses are gone.
    Remaining,
}

/// Leases uses of a key, after a new window was begun or the key refilled where it is time; `None` where there is no such
/// key any more. The row is locked for no longer than the statement takes.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn lease(connection: &mut PgConnection, id: &ApiKeyId) -> Result<Option<Lease>, StoreError> {
    let row = sqlx::query!(
        r#"
        with key as materialized (
            select
                id, rate_limit_enabled, rate_limit_max, remaining, refill_amount, refill_interval_ms, window_used,
                window_started_at, last_refill_at, created_at, quota_revision,
                make_interval(secs => rate_limit_window_ms / 1000.0) as window_length,
                make_interval(secs => refill_interval_ms / 1000.0) as refill_length,
                clock_timestamp() as clock
            from auth.api_keys
            where id = $1
            for update
        ),
        due as (
            select
                *,
                coalesce(window_started_at + window_length <= clock, true) as is_new_window,
                coalesce(
                    remaining is not null and coalesce(last_refill_at, created_at) + refill_length <= clock, false
                ) as is_refilled
            from key
        ),
        current as (
            select
                id, clock, window_length, refill_length,
                rate_limit_enabled,
                rate_limit_max,
                case when is_new_window then clock else window_started_at end as window_started_at,
                case when is_new_window then 0 else window_used end as window_used,
                case when is_refilled then refill_amount else remaining end as remaining,
                case when is_refilled then clock else last_refill_at end as last_refill_at,
                created_at,
                quota_revision + is_refilled::int as quota_revision
            from due
        ),
        left_over as (
            select
                *,
                case when rate_limit_enabled then greatest(rate_limit_max - window_used, 0) end as window_uses
            from current
        ),
        granted as (
            select
                *,
                /* Nothing is limited where both are null; then one is as good as another. */
                case
                    when least(window_uses, remaining) = 0 then 0
                    else greatest(least(coalesce(least(window_uses, remaining), $2::bigint * $3::bigint) / $2, $3), 1)
                end as uses
            from left_over
        )
        update auth.api_keys k
        set window_started_at = g.window_started_at,
            window_used = g.window_used + g.uses,
            remaining = g.remaining - g.uses,
            last_refill_at = g.last_refill_at,
            quota_revision = g.quota_revision
        from granted g
        where k.id = g.id
        returning
            g.uses as "uses!",
            g.quota_revision as "revision!",
            g.window_started_at as "window_started_at!: Timestamp",
            case
                when g.rate_limit_enabled
                then extract(epoch from g.window_started_at + g.window_length - g.clock)::float8
            end as window_left,
            case
                when g.remaining is not null
                then extract(epoch from coalesce(g.last_refill_at, g.created_at) + g.refill_length - g.clock)::float8
            end as refill_left,
            coalesce(g.remaining = 0, false) as "is_used_up!"
        "#,
        id.as_str(),
        SHARE,
        MAX_LEASE,
    )
    .fetch_optional(connection)
    .await?;
    let duration =
        |seconds: Option<f64>| seconds.map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or_default());
    Ok(row.map(|row| {
        let used_up = if row.is_used_up { UsedUp::Remaining } else { UsedUp::Window };
        Lease {
            uses: row.uses.try_into().unwrap_or_default(),
            revision: row.revision,
            window_started_at: Some(row.window_started_at.into()),
            window_left: duration(row.window_left),
            refill_left: duration(row.refill_left),
            used_up: (row.uses == 0).then_some(used_up),
        }
    }))
}

/// Describes uses that a replica gives back.
#[derive(Debug, Clone)]
pub struct Unused {
    pub id: ApiKeyId,
    pub uses: u32,
    pub revision: i64,
    pub window_started_at: Option<OffsetDateTime>,
}

/// Takes unused leases back: those of a window that lasts, and those that no refill has replaced.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn give_back(connection: &mut PgConnection, unused: &[Unused]) -> Result<(), StoreError> {
    let ids: Vec<&str> = unused.iter().map(|unused| unused.id.as_str()).collect();
    let uses: Vec<i64> = unused.iter().map(|unused| unused.uses.into()).collect();
    let revisions: Vec<i64> = unused.iter().map(|unused| unused.revision).collect();
    let windows: Vec<Option<OffsetDateTime>> = unused.iter().map(|unused| unused.window_started_at).collect();
    sqlx::query!(
        r#"
        with unused as (
            select * from unnest($1::text[], $2::bigint[], $3::bigint[], $4::timestamptz[])
                as unused (id, uses, revision, window_started_at)
        ),
        locked as materialized (
            select k.id from auth.api_keys k where k.id = any($1) order by k.id for update
        )
        update auth.api_keys k
        set window_used = case
                when k.window_started_at = u.window_started_at then greatest(k.window_used - u.uses, 0) else k.window_used
            end,
            remaining = case when k.quota_revision = u.revision then k.remaining + u.uses else k.remaining end
        from unused u
        join locked using (id)
        where k.id = u.id
        "#,
        &ids as &[&str],
        &uses,
        &revisions,
        &windows as &[Option<OffsetDateTime>],
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Records that keys were used, passing over rows that somebody else is writing: their next use is written down instead.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_used(connection: &mut PgConnection, ids: &[&str]) -> Result<(), StoreError> {
    sqlx::query!(
        "
        with used as materialized (
            select id from auth.api_keys where id = any($1) order by id for update skip locked
        )
        update auth.api_keys k
        set last_used_at = greatest(k.last_used_at, date_trunc('milliseconds', now()))
        from used
        where k.id = used.id
        ",
        ids as &[&str],
    )
    .execute(connection)
    .await?;
    Ok(())
}
