-- API keys (auth.api_keys).
-- A new table; share row exclusive on auth.users for a moment, for the foreign key. Rollout: migrate, then start the version that
-- reads it. The previous version leaves the rows alone; they go with their users.

create table auth.api_keys (
    -- Begins with key_, so that no session has the same: open connections are watched by either.
    id text collate "C" constraint api_keys_pkey primary key,
    user_id text collate "C" not null constraint api_keys_user_id_fkey references auth.users (id) on delete cascade,
    -- SHA-256 of the whole key; the key itself is nowhere.
    key_hash bytea not null,
    name text,
    -- Owners tell keys apart by the prefix, and by the prefix with a few characters of the random part.
    prefix text not null,
    start text not null,
    enabled boolean not null default true,
    expires_at timestamptz,
    metadata jsonb,
    -- {"resource": ["action"]}: what scopes of routes are compared with.
    permissions jsonb not null default '{}',

    -- So many uses are left, of which replicas may have leased a few; null sets no limit.
    remaining bigint,
    refill_amount bigint,
    refill_interval_ms bigint,
    last_refill_at timestamptz,

    -- So many uses within a window, which begins with the first of them.
    rate_limit_enabled boolean not null,
    rate_limit_max bigint not null,
    rate_limit_window_ms bigint not null,
    window_started_at timestamptz,
    window_used bigint not null default 0,

    -- Grows when uses that were leased before count no more: after a refill, and when somebody sets a quota.
    quota_revision bigint not null default 0,

    last_used_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint api_keys_key_hash_key unique (key_hash),
    constraint api_keys_id_format check (id ~ '^key_[A-Za-z0-9_-]{1,60}$'),
    constraint api_keys_key_hash_length check (octet_length(key_hash) = 32),
    constraint api_keys_name_bounded check (char_length(name) between 1 and 64),
    constraint api_keys_prefix_format check (prefix ~ '^[A-Za-z0-9_-]{1,32}$'),
    constraint api_keys_start_bounded check (char_length(start) between 1 and 64),
    constraint api_keys_metadata_bounded check (jsonb_typeof(metadata) = 'object' and octet_length(metadata::text) <= 4096),
    constraint api_keys_permissions_bounded check (
        jsonb_typeof(permissions) = 'object' and octet_length(permissions::text) <= 4096
    ),
    constraint api_keys_quotas_in_range check (
        remaining >= 0 and window_used >= 0 and rate_limit_max >= 1 and rate_limit_window_ms between 1 and 31622400000
        and refill_amount >= 1 and refill_interval_ms between 1 and 31622400000
    ),
    constraint api_keys_refill_whole check ((refill_amount is null) = (refill_interval_ms is null)),
    constraint api_keys_times_in_range check (
        created_at >= '1900-01-01 00:00:00+00' and created_at < '9998-01-01 00:00:00+00'
        and updated_at >= '1900-01-01 00:00:00+00' and updated_at < '9998-01-01 00:00:00+00'
        and (expires_at is null or (expires_at >= '1900-01-01 00:00:00+00' and expires_at < '9998-01-01 00:00:00+00'))
        and (last_used_at is null or (last_used_at >= '1900-01-01 00:00:00+00' and last_used_at < '9998-01-01 00:00:00+00'))
        and (last_refill_at is null
            or (last_refill_at >= '1900-01-01 00:00:00+00' and last_refill_at < '9998-01-01 00:00:00+00'))
        and (window_started_at is null
            or (window_started_at >= '1900-01-01 00:00:00+00' and window_started_at < '9998-01-01 00:00:00+00'))
    )
) with (fillfactor = 80);
create index api_keys_user_id_idx on auth.api_keys (user_id);

-- Every replica looks again at the connections that a key opened: it went, or opens less than before.

create function auth.notify_of_deleted_api_keys() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    perform auth.notify_of_sessions(array(select id from gone));
    return null;
end
$$;

create trigger api_keys_deleted
    after delete on auth.api_keys
    referencing old table as gone
    for each statement execute function auth.notify_of_deleted_api_keys();

create trigger api_keys_changed
    after update of key_hash, user_id, enabled, expires_at, permissions on auth.api_keys
    for each row when (
        (new.key_hash, new.user_id, new.enabled, new.expires_at, new.permissions)
            is distinct from (old.key_hash, old.user_id, old.enabled, old.expires_at, old.permissions)
    )
    execute function auth.notify_of_changed_session();

create trigger api_keys_truncated
    after truncate on auth.api_keys
    for each statement execute function auth.notify_of_truncated_sessions();

-- They fire for whoever writes, as those of sessions do.
alter table auth.api_keys enable always trigger api_keys_deleted;
alter table auth.api_keys enable always trigger api_keys_changed;
alter table auth.api_keys enable always trigger api_keys_truncated;
