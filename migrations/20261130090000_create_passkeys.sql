-- Passkeys (auth.passkeys).
-- New tables; share row exclusive on auth.users for a moment, for the foreign keys. Rollout: migrate, then start the version that
-- reads them. The previous version leaves the rows alone; they go with their users.

-- Authenticators know a user by this handle, in place of the user's id. It is random, and the same for all passkeys of a user, so
-- that an authenticator replaces one that it has already instead of keeping two (WebAuthn §4, §14.6.1).
create table auth.passkey_users (
    user_id text collate "C" constraint passkey_users_pkey primary key
        constraint passkey_users_user_id_fkey references auth.users (id) on delete cascade,
    handle bytea not null,
    created_at timestamptz not null,
    constraint passkey_users_handle_key unique (handle),
    constraint passkey_users_handle_bounded check (octet_length(handle) between 16 and 64),
    constraint passkey_users_times_in_range check (
        created_at >= '1900-01-01 00:00:00+00' and created_at < '10000-01-01 00:00:00+00'
    )
);

create table auth.passkeys (
    id text collate "C" constraint passkeys_pkey primary key,
    user_id text collate "C" not null constraint passkeys_user_id_fkey references auth.users (id) on delete cascade,
    name text,
    -- The authenticator's own name of the key, unique over all users (WebAuthn §7.1).
    credential_id bytea not null,
    -- As the authenticator sent it, in COSE form.
    public_key bytea not null,
    -- Signatures so far, as the authenticator counts them; 0 where it does not count.
    counter bigint not null,
    -- The key may be on several devices, and is.
    backup_eligible boolean not null,
    backed_up boolean not null,
    -- How browsers reach the authenticator, as they told it: a hint.
    transports text[] not null default '{}',
    -- The model of the authenticator, as it told it: nobody vouches for that.
    aaguid bytea not null,
    created_at timestamptz not null,
    last_used_at timestamptz,
    constraint passkeys_id_format check (id ~ '^[A-Za-z0-9_-]{1,64}$'),
    constraint passkeys_credential_id_key unique (credential_id),
    constraint passkeys_credential_id_bounded check (octet_length(credential_id) between 1 and 1023),
    constraint passkeys_public_key_bounded check (octet_length(public_key) between 1 and 2048),
    constraint passkeys_aaguid_length check (octet_length(aaguid) = 16),
    constraint passkeys_counter_in_range check (counter between 0 and 4294967295),
    constraint passkeys_name_bounded check (char_length(name) between 1 and 64),
    constraint passkeys_transports_bounded check (cardinality(transports) <= 8),
    constraint passkeys_times_in_range check (
        created_at >= '1900-01-01 00:00:00+00' and created_at < '10000-01-01 00:00:00+00'
        and (last_used_at is null or (last_used_at >= '1900-01-01 00:00:00+00' and last_used_at < '10000-01-01 00:00:00+00'))
    )
);
create index passkeys_user_id_idx on auth.passkeys (user_id);
