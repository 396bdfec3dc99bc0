-- Locks: access exclusive on each table, kept until the last has its own; nothing is scanned. Those that most requests need come
-- last. Rollout: before or after the version that reads
-- times with care; no version writes a time outside these bounds.
--
-- A time that a hand wrote, such as 'infinity' or the year 20000, cannot be read by the gateway. From here on no such time is
-- written. Rows that hold one already are not looked at here: 20261129120100 repairs them, 20261129120200 validates.

alter table auth.audit_events add constraint audit_events_times_in_range check (
    occurred_at >= '1900-01-01 00:00:00+00' and occurred_at < '10000-01-01 00:00:00+00'
) not valid;

alter table auth.known_devices add constraint known_devices_times_in_range check (
    last_seen_at >= '1900-01-01 00:00:00+00' and last_seen_at < '10000-01-01 00:00:00+00'
) not valid;

alter table auth.mail_outbox add constraint mail_outbox_times_in_range check (
    created_at >= '1900-01-01 00:00:00+00' and created_at < '10000-01-01 00:00:00+00'
    and next_attempt_at >= '1900-01-01 00:00:00+00' and next_attempt_at < '10000-01-01 00:00:00+00'
    and (failed_at is null or (failed_at >= '1900-01-01 00:00:00+00' and failed_at < '10000-01-01 00:00:00+00'))
) not valid;

alter table auth.rate_limits add constraint rate_limits_times_in_range check (
    window_started_at >= '1900-01-01 00:00:00+00' and window_started_at < '10000-01-01 00:00:00+00'
    and expires_at >= '1900-01-01 00:00:00+00' and expires_at < '10000-01-01 00:00:00+00'
    and (
        blocked_until is null
        or (blocked_until >= '1900-01-01 00:00:00+00' and blocked_until < '10000-01-01 00:00:00+00')
    )
) not valid;

alter table auth.verifications add constraint verifications_times_in_range check (
    created_at >= '1900-01-01 00:00:00+00' and created_at < '10000-01-01 00:00:00+00'
    and expires_at >= '1900-01-01 00:00:00+00' and expires_at < '10000-01-01 00:00:00+00'
) not valid;

alter table auth.email_changes add constraint email_changes_times_in_range check (
    changed_at >= '1900-01-01 00:00:00+00' and changed_at < '10000-01-01 00:00:00+00'
    and expires_at >= '1900-01-01 00:00:00+00' and expires_at < '10000-01-01 00:00:00+00'
    and (closed_at is null or (closed_at >= '1900-01-01 00:00:00+00' and closed_at < '10000-01-01 00:00:00+00'))
) not valid;

alter table auth.accounts add constraint accounts_times_in_range check (
    created_at >= '1900-01-01 00:00:00+00' and created_at < '10000-01-01 00:00:00+00'
    and updated_at >= '1900-01-01 00:00:00+00' and updated_at < '10000-01-01 00:00:00+00'
    and (
        access_token_expires_at is null
        or (access_token_expires_at >= '1900-01-01 00:00:00+00' and access_token_expires_at < '10000-01-01 00:00:00+00')
    )
    and (
        refresh_token_expires_at is null
        or (refresh_token_expires_at >= '1900-01-01 00:00:00+00' and refresh_token_expires_at < '10000-01-01 00:00:00+00')
    )
) not valid;

-- Sessions end a little earlier, so that the gateway may add to their times.
alter table auth.sessions add constraint sessions_times_in_range check (
    created_at >= '1900-01-01 00:00:00+00' and created_at < '9999-01-01 00:00:00+00'
    and updated_at >= '1900-01-01 00:00:00+00' and updated_at < '9999-01-01 00:00:00+00'
    and last_seen_at >= '1900-01-01 00:00:00+00' and last_seen_at < '9999-01-01 00:00:00+00'
    and expires_at >= '1900-01-01 00:00:00+00' and expires_at < '9999-01-01 00:00:00+00'
    and absolute_expires_at >= '1900-01-01 00:00:00+00' and absolute_expires_at < '9999-01-01 00:00:00+00'
    and (proved_at is null or (proved_at >= '1900-01-01 00:00:00+00' and proved_at < '9999-01-01 00:00:00+00'))
) not valid;

alter table auth.users add constraint users_times_in_range check (
    created_at >= '1900-01-01 00:00:00+00' and created_at < '10000-01-01 00:00:00+00'
    and updated_at >= '1900-01-01 00:00:00+00' and updated_at < '10000-01-01 00:00:00+00'
    and (banned_at is null or (banned_at >= '1900-01-01 00:00:00+00' and banned_at < '10000-01-01 00:00:00+00'))
    and (
        ban_expires_at is null
        or (ban_expires_at >= '1900-01-01 00:00:00+00' and ban_expires_at < '10000-01-01 00:00:00+00')
    )
) not valid;
