-- Locks: the rows that it changes, and share row exclusive on auth.audit_events where one of its rows is to be repaired; every
-- table is read once. Rollout: any order after 20261129120000.
--
-- Rows with a time outside of the bounds of 20261129120000, which only a hand can have written, become such as those bounds
-- allow. What a time opens is closed, and what it closes stays closed:
-- - sessions, one-time tokens, changes of address that could be undone, and known devices with such a time are deleted; people sign in again, or ask again;
-- - counters of attempts with such a time are deleted;
-- - a ban without an end that can be read has no end; one that was over stays over;
-- - times that are only shown are moved to the nearest bound, or to now where they lie in the future;
-- - mail with such a time is delivered at once, or, where it was given up, stays so;
-- - entries of the journal are kept, and note the time that they had in their detail.

delete from auth.sessions
where created_at < '1900-01-01 00:00:00+00' or created_at >= '9999-01-01 00:00:00+00'
    or updated_at < '1900-01-01 00:00:00+00' or updated_at >= '9999-01-01 00:00:00+00'
    or last_seen_at < '1900-01-01 00:00:00+00' or last_seen_at >= '9999-01-01 00:00:00+00'
    or expires_at < '1900-01-01 00:00:00+00' or expires_at >= '9999-01-01 00:00:00+00'
    or absolute_expires_at < '1900-01-01 00:00:00+00' or absolute_expires_at >= '9999-01-01 00:00:00+00'
    or proved_at < '1900-01-01 00:00:00+00' or proved_at >= '9999-01-01 00:00:00+00';

delete from auth.email_changes
where changed_at < '1900-01-01 00:00:00+00' or changed_at >= '10000-01-01 00:00:00+00'
    or expires_at < '1900-01-01 00:00:00+00' or expires_at >= '10000-01-01 00:00:00+00'
    or closed_at < '1900-01-01 00:00:00+00' or closed_at >= '10000-01-01 00:00:00+00';

delete from auth.verifications
where created_at < '1900-01-01 00:00:00+00' or created_at >= '10000-01-01 00:00:00+00'
    or expires_at < '1900-01-01 00:00:00+00' or expires_at >= '10000-01-01 00:00:00+00';

delete from auth.rate_limits
where window_started_at < '1900-01-01 00:00:00+00' or window_started_at >= '10000-01-01 00:00:00+00'
    or expires_at < '1900-01-01 00:00:00+00' or expires_at >= '10000-01-01 00:00:00+00'
    or blocked_until < '1900-01-01 00:00:00+00' or blocked_until >= '10000-01-01 00:00:00+00';

delete from auth.known_devices
where last_seen_at < '1900-01-01 00:00:00+00' or last_seen_at >= '10000-01-01 00:00:00+00';

update auth.users
set created_at = case
        when created_at >= '10000-01-01 00:00:00+00' then now()
        when created_at < '1900-01-01 00:00:00+00' then '1900-01-01 00:00:00+00'
        else created_at
    end,
    updated_at = case
        when updated_at >= '10000-01-01 00:00:00+00' then now()
        when updated_at < '1900-01-01 00:00:00+00' then '1900-01-01 00:00:00+00'
        else updated_at
    end,
    banned_at = case
        when banned_at >= '10000-01-01 00:00:00+00' then now()
        when banned_at < '1900-01-01 00:00:00+00' then '1900-01-01 00:00:00+00'
        else banned_at
    end,
    ban_expires_at = case
        when ban_expires_at >= '10000-01-01 00:00:00+00' then null
        when ban_expires_at < '1900-01-01 00:00:00+00' then '1900-01-01 00:00:00+00'
        else ban_expires_at
    end
where created_at < '1900-01-01 00:00:00+00' or created_at >= '10000-01-01 00:00:00+00'
    or updated_at < '1900-01-01 00:00:00+00' or updated_at >= '10000-01-01 00:00:00+00'
    or banned_at < '1900-01-01 00:00:00+00' or banned_at >= '10000-01-01 00:00:00+00'
    or ban_expires_at < '1900-01-01 00:00:00+00' or ban_expires_at >= '10000-01-01 00:00:00+00';

update auth.accounts
set created_at = case
        when created_at >= '10000-01-01 00:00:00+00' then now()
        when created_at < '1900-01-01 00:00:00+00' then '1900-01-01 00:00:00+00'
        else created_at
    end,
    updated_at = case
        when updated_at >= '10000-01-01 00:00:00+00' then now()
        when updated_at < '1900-01-01 00:00:00+00' then '1900-01-01 00:00:00+00'
        else updated_at
    end,
    access_token_expires_at = case
        when access_token_expires_at >= '10000-01-01 00:00:00+00' then null
        when access_token_expires_at < '1900-01-01 00:00:00+00' then '1900-01-01 00:00:00+00'
        else access_token_expires_at
    end,
    refresh_token_expires_at = case
        when refresh_token_expires_at >= '10000-01-01 00:00:00+00' then null
        when refresh_token_expires_at < '1900-01-01 00:00:00+00' then '1900-01-01 00:00:00+00'
        else refresh_token_expires_at
    end
where created_at < '1900-01-01 00:00:00+00' or created_at >= '10000-01-01 00:00:00+00'
    or updated_at < '1900-01-01 00:00:00+00' or updated_at >= '10000-01-01 00:00:00+00'
    or access_token_expires_at < '1900-01-01 00:00:00+00' or access_token_expires_at >= '10000-01-01 00:00:00+00'
    or refresh_token_expires_at < '1900-01-01 00:00:00+00' or refresh_token_expires_at >= '10000-01-01 00:00:00+00';

update auth.mail_outbox
set created_at = case
        when created_at >= '10000-01-01 00:00:00+00' then now()
        when created_at < '1900-01-01 00:00:00+00' then '1900-01-01 00:00:00+00'
        else created_at
    end,
    next_attempt_at = case
        when next_attempt_at >= '10000-01-01 00:00:00+00' then now()
        when next_attempt_at < '1900-01-01 00:00:00+00' then '1900-01-01 00:00:00+00'
        else next_attempt_at
    end,
    failed_at = case
        when failed_at >= '10000-01-01 00:00:00+00' then now()
        when failed_at < '1900-01-01 00:00:00+00' then '1900-01-01 00:00:00+00'
        else failed_at
    end
where created_at < '1900-01-01 00:00:00+00' or created_at >= '10000-01-01 00:00:00+00'
    or next_attempt_at < '1900-01-01 00:00:00+00' or next_attempt_at >= '10000-01-01 00:00:00+00'
    or failed_at < '1900-01-01 00:00:00+00' or failed_at >= '10000-01-01 00:00:00+00';

do $$
begin
    if exists (select from auth.audit_events where occurred_at < '1900-01-01 00:00:00+00' or occurred_at >= '10000-01-01 00:00:00+00') then
        alter table auth.audit_events disable trigger audit_events_append_only;
        update auth.audit_events
        set detail = detail || jsonb_build_object('occurred_at', occurred_at::text),
            occurred_at = case
        when occurred_at >= '10000-01-01 00:00:00+00' then now()
        when occurred_at < '1900-01-01 00:00:00+00' then '1900-01-01 00:00:00+00'
        else occurred_at
    end
        where occurred_at < '1900-01-01 00:00:00+00' or occurred_at >= '10000-01-01 00:00:00+00';
        alter table auth.audit_events enable trigger audit_events_append_only;
    end if;
end
$$;
