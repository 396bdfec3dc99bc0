//! Keeps `auth.rate_limits`: attempts counted by the database's clock, one statement an attempt. Replicas share the
//! rows, and however many attempts come at once, each waits for the row and sees those before it (BRUTE-04). What is
//! refused is written down once; after that refusals only read.

use std::time::Duration;

use sqlx::PgConnection;

use crate::store::StoreError;

/// Tells what became of an attempt that was counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Counted {
    /// Is false where it was let through, and true where it is the first that was refused since one was let through.
    pub is_refused: bool,
    /// Counts the seconds until the next one is let through; it has no meaning for one that was.
    pub retry_after: f64,
}

/// Describes a key whose attempts are refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Blocked {
    pub key: String,
    /// Tells whether one was refused already.
    pub is_noted: bool,
    /// Counts the seconds until the next attempt is let through.
    pub retry_after: f64,
}

/// Describes how attempts in a row are slowed down.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    /// No delay is longer, unless the window is.
    pub max_delay: Duration,
    /// From so many attempts in a row on, each single one is followed by the longest delay.
    pub max_delay_from: i32,
    /// Says for how long attempts are remembered after the last one.
    pub remembered: Duration,
}

/// Lists those of the keys that are blocked. Writes nothing and waits for nobody.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_blocked(connection: &mut PgConnection, keys: &[String]) -> Result<Vec<Blocked>, StoreError> {
    let blocked = sqlx::query_as!(
        Blocked,
        r#"
        select
            key,
            refused > 0 as "is_noted!",
            extract(epoch from blocked_until - now())::float8 as "retry_after!"
        from auth.rate_limits
        where key = any($1) and blocked_until > now()
        "#,
        keys,
    )
    .fetch_all(connection)
    .await?;
    Ok(blocked)
}

/// Opens a key that nothing was counted under.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert_unused(connection: &mut PgConnection, key: &str, lasting: Duration) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into auth.rate_limits (key, count, window_started_at, expires_at)
        values ($1, 0, now(), now() + make_interval(secs => $2))
        on conflict on constraint rate_limits_pkey do nothing
        ",
        key,
        lasting.as_secs_f64(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Finds the key itself, while it is remembered.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_key(connection: &mut PgConnection, key: &str) -> Result<Option<String>, StoreError> {
    let found = sqlx::query_scalar!("select key from auth.rate_limits where key = $1 and expires_at > now()", key)
        .fetch_optional(connection)
        .await?;
    Ok(found)
}

/// Counts an attempt in a window of fixed length, in which `limit` are allowed. `None`: it is refused, as others were
/// before it, and nothing was written.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert_attempt_in_window(
    connection: &mut PgConnection,
    key: &str,
    limit: i32,
    window: Duration,
) -> Result<Option<Counted>, StoreError> {
    let counted = sqlx::query_as!(
        Counted,
        r#"
        insert into auth.rate_limits as r (key, count, window_started_at, expires_at, blocked_until)
        values (
            $1, 1, now(), now() + make_interval(secs => $3),
            case when $2::integer <= 1 then now() + make_interval(secs => $3) end
        )
        on conflict on constraint rate_limits_pkey do update
        set (count, refused, window_started_at, expires_at, blocked_until) = (
            select
                counted.count,
                case when old.is_blocked then 1 else 0 end,
                counted.since,
                case when old.is_blocked then r.expires_at else counted.since + make_interval(secs => $3) end,
                case
                    when old.is_blocked then r.blocked_until
                    when counted.count >= $2 then counted.since + make_interval(secs => $3)
                end
            from
                (
                    select
                        coalesce(r.blocked_until > now(), false) as is_blocked,
                        r.window_started_at + make_interval(secs => $3) <= now() as is_over
                ) old,
                lateral (
                    select
                        case when old.is_blocked then r.count when old.is_over then 1 else r.count + 1 end as count,
                        case when old.is_over and not old.is_blocked then now() else r.window_started_at end as since
                ) counted
        )
        where r.refused = 0 or r.blocked_until is null or r.blocked_until <= now()
        returning
            refused > 0 as "is_refused!",
            coalesce(extract(epoch from blocked_until - now())::float8, 0) as "retry_after!"
        "#,
        key,
        limit,
        window.as_secs_f64(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(counted)
}

/// Counts an attempt that only a success refunds. `limit` are allowed with less than `window` between one and the next;
/// then comes a delay of one window, which doubles with every further `limit` attempts. `None`: it is refused, as
/// others were before it, and nothing was written.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert_attempt_in_a_row(
    connection: &mut PgConnection,
    key: &str,
    (limit, window): (i32, Duration),
    backoff: &Backoff,
) -> Result<Option<Counted>, StoreError> {
    // `window_started_at` is the last attempt here: windows of fixed length would let twice the limit through around
    // the end of one.
    let counted = sqlx::query_as!(
        Counted,
        r#"
        insert into auth.rate_limits as r (key, count, failures, window_started_at, expires_at, blocked_until)
        values (
            $1, 1, 1, now(), now() + greatest(make_interval(secs => $6), make_interval(secs => $3)),
            case when $2::integer <= 1 then now() + make_interval(secs => $3) end
        )
        on conflict on constraint rate_limits_pkey do update
        set (count, failures, refused, window_started_at, blocked_until, expires_at) = (
            select
                counted.count,
                counted.failures,
                case when old.is_blocked then 1 else 0 end,
                case when old.is_blocked then r.window_started_at else now() end,
                delayed.until,
                case
                    when old.is_blocked then r.expires_at
                    else greatest(delayed.until, now() + make_interval(secs => $6), now() + make_interval(secs => $3))
                end
            from
                (
                    select
                        coalesce(r.blocked_until > now(), false) as is_blocked,
                        r.window_started_at + make_interval(secs => $3) <= now() as is_over,
                        r.expires_at <= now() as is_forgotten
                ) old,
                lateral (
                    select
                        case when old.is_blocked then r.count when old.is_over then 1 else r.count + 1 end as count,
                        case
                            when old.is_blocked then r.failures
                            when old.is_forgotten then 1
                            else r.failures + 1
                        end as failures
                ) counted,
                lateral (
                    select
                        case
                            when old.is_blocked then r.blocked_until
                            when counted.failures >= $5::integer then
                                now() + make_interval(secs => greatest($4, $3))
                            when counted.count >= $2 then
                                now() + make_interval(
                                    secs => least(
                                        $3 * 2.0 ^ least(greatest(counted.failures / $2 - 1, 0), 20),
                                        greatest($4, $3)
                                    )
                                )
                        end as until
                ) delayed
        )
        where r.refused = 0 or r.blocked_until is null or r.blocked_until <= now()
        returning
            refused > 0 as "is_refused!",
            coalesce(extract(epoch from blocked_until - now())::float8, 0) as "retry_after!"
        "#,
        key,
        limit,
        window.as_secs_f64(),
        backoff.max_delay.as_secs_f64(),
        backoff.max_delay_from,
        backoff.remembered.as_secs_f64(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(counted)
}
/// Refunds one counted attempt, and the delay that it caused.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_refunded(connection: &mut PgConnection, key: &str) -> Result<(), StoreError> {
    sqlx::query!(
        "
        update auth.rate_limits
        set count = greatest(count - 1, 0), failures = greatest(failures - 1, 0), blocked_until = null
        where key = $1
        ",
        key,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets what devices attempted at an account, as it is named in the keys `sign_in:device:ACCOUNT:DEVICE`.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_by_account_of_devices(connection: &mut PgConnection, account: &str) -> Result<(), StoreError> {
    sqlx::query!(
        "delete from auth.rate_limits where starts_with(key, 'sign_in:device:') and split_part(key, ':', 3) = $1",
        account,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets all attempts under these keys.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_by_keys(connection: &mut PgConnection, keys: &[String]) -> Result<(), StoreError> {
    // Locked in one order, so that two of these cannot wait for each other.
    sqlx::query!(
        "
        delete from auth.rate_limits where key in (
            select key from auth.rate_limits where key = any($1) order by key for update
        )
        ",
        keys,
    )
    .execute(connection)
    .await?;
    Ok(())
}
