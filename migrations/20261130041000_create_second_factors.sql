-- Second factors, and how sessions were proved.
-- Locks: access exclusive on auth.sessions and auth.users for a moment; no row is rewritten or read. Rollout: migrate, then start
-- the version that reads it. Gateways of the previous version ask for no second factor, so nobody is told to set one up before
-- all of them are replaced.

-- One row a user who has begun to set up a second factor; it is in force from enabled_at on.
create table auth.two_factors (
    user_id text collate "C" constraint two_factors_pkey primary key
        constraint two_factors_user_id_fkey references auth.users (id) on delete cascade,
    -- Sealed by the gateway; null where codes are only mailed.
    secret bytea,
    enabled_at timestamptz,
    -- The time step of the last code that was accepted: that one and earlier ones are refused (RFC 6238 §5.2).
    last_step bigint not null default 0,
    created_at timestamptz not null,
    constraint two_factors_secret_bounded check (octet_length(secret) between 1 and 1024),
    constraint two_factors_times_in_range check (
        created_at >= '1900-01-01 00:00:00+00' and created_at < '10000-01-01 00:00:00+00'
        and (enabled_at is null or (enabled_at >= '1900-01-01 00:00:00+00' and enabled_at < '10000-01-01 00:00:00+00'))
    )
);

-- 120 random bits each, as SHA-256; used up by one delete … returning.
create table auth.backup_codes (
    user_id text collate "C" not null constraint backup_codes_user_id_fkey references auth.users (id) on delete cascade,
    code_hash bytea not null,
    constraint backup_codes_pkey primary key (user_id, code_hash),
    constraint backup_codes_hash_is_sha256 check (octet_length(code_hash) = 32)
);

-- Sign-ins that wait for a second factor. The token is in a cookie and opens nothing.
create table auth.two_factor_challenges (
    token_hash bytea constraint two_factor_challenges_pkey primary key,
    user_id text collate "C" not null
        constraint two_factor_challenges_user_id_fkey references auth.users (id) on delete cascade,
    -- The first factor, as auth.sessions.auth_method will have it.
    auth_method text collate "C" not null,
    remember boolean not null,
    -- Codes that were tried, counted before they are looked at.
    attempts integer not null default 0,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    constraint two_factor_challenges_token_hash_is_sha256 check (octet_length(token_hash) = 32),
    constraint two_factor_challenges_times_in_range check (
        created_at >= '1900-01-01 00:00:00+00' and created_at < '10000-01-01 00:00:00+00'
        and expires_at >= '1900-01-01 00:00:00+00' and expires_at < '10000-01-01 00:00:00+00'
    )
);
create index two_factor_challenges_user_id_idx on auth.two_factor_challenges (user_id);
create index two_factor_challenges_expires_at_idx on auth.two_factor_challenges (expires_at);

-- Mailed codes, one for each sign-in that waits and each session that proves itself once more.
create table auth.two_factor_codes (
    -- 'session:' or 'challenge:' and what names it.
    key text collate "C" constraint two_factor_codes_pkey primary key,
    user_id text collate "C" not null constraint two_factor_codes_user_id_fkey references auth.users (id) on delete cascade,
    -- Sealed by the gateway: six digits are no secret in any hash.
    code bytea not null,
    attempts integer not null default 0,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    constraint two_factor_codes_key_length check (octet_length(key) <= 100),
    constraint two_factor_codes_code_bounded check (octet_length(code) between 1 and 256),
    constraint two_factor_codes_times_in_range check (
        created_at >= '1900-01-01 00:00:00+00' and created_at < '10000-01-01 00:00:00+00'
        and expires_at >= '1900-01-01 00:00:00+00' and expires_at < '10000-01-01 00:00:00+00'
    )
);
create index two_factor_codes_user_id_idx on auth.two_factor_codes (user_id);
create index two_factor_codes_expires_at_idx on auth.two_factor_codes (expires_at);

-- Browsers that need no second factor for a while.
create table auth.trusted_devices (
    id text collate "C" constraint trusted_devices_pkey primary key,
    token_hash bytea not null,
    user_id text collate "C" not null constraint trusted_devices_user_id_fkey references auth.users (id) on delete cascade,
    ip_address text not null default '',
    user_agent text not null default '',
    created_at timestamptz not null,
    last_used_at timestamptz not null,
    expires_at timestamptz not null,
    constraint trusted_devices_id_format check (id ~ '^[A-Za-z0-9_-]{1,64}$'),
    constraint trusted_devices_token_hash_key unique (token_hash),
    constraint trusted_devices_token_hash_is_sha256 check (octet_length(token_hash) = 32),
    constraint trusted_devices_times_in_range check (
        created_at >= '1900-01-01 00:00:00+00' and created_at < '10000-01-01 00:00:00+00'
        and last_used_at >= '1900-01-01 00:00:00+00' and last_used_at < '10000-01-01 00:00:00+00'
        and expires_at >= '1900-01-01 00:00:00+00' and expires_at < '10000-01-01 00:00:00+00'
    )
);
create index trusted_devices_user_id_idx on auth.trusted_devices (user_id);
create index trusted_devices_expires_at_idx on auth.trusted_devices (expires_at);

alter table auth.sessions
    -- What was proved beside auth_method, if anything.
    add column second_factor text collate "C",
    -- The trusted device that the session came from or made; it ends with the session's revocation.
    add column trusted_device_id text collate "C";

alter table auth.users add column two_factor_enabled boolean not null default false;

-- Routes ask how a session was proved, so that a remembered check must not outlive a change of it. An extension stays no news.
drop trigger sessions_changed on auth.sessions;
create trigger sessions_changed
    after update of token_hash, user_id, expires_at, auth_method, second_factor, proved_at on auth.sessions
    for each row when (
        new.token_hash <> old.token_hash or new.user_id <> old.user_id or new.expires_at < old.expires_at
        or (new.auth_method, new.second_factor, new.proved_at)
            is distinct from (old.auth_method, old.second_factor, old.proved_at)
    )
    execute function auth.notify_of_changed_session();
alter table auth.sessions enable always trigger sessions_changed;
