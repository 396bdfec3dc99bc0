-- Users, their ways to sign in, sessions, mailed one-time tokens.
-- New tables only: no lock on anything that exists. Rollout: migrate, then start the version that reads them.
--
-- Ids are text, so that rows imported from other systems keep theirs. Tokens are stored as SHA-256 and open nothing
-- when read from here. Times are written by the gateway with millisecond precision.

create table auth.users (
    id text constraint users_pkey primary key,
    email text not null,
    email_verified boolean not null default false,
    name text not null,
    image text,
    roles text[] not null default '{}',
    banned_at timestamptz,
    ban_reason text,
    ban_expires_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint users_id_format check (id ~ '^[A-Za-z0-9_-]{1,64}$'),
    constraint users_email_lower_case check (email = lower(email)),
    -- A role with a comma in it would be two in X-User-Roles.
    constraint users_roles_format check (
        '' <> all (roles) and array_to_string(roles, '|', '?') ~ '^([a-z0-9_:-]{1,64}([|][a-z0-9_:-]{1,64})*)?$'
    ),
    constraint users_email_key unique (email)
);

-- One row a way to sign in: provider 'credential' holds the password hash, others name an identity at a provider.
-- Provider tokens are sealed by the gateway before they come here.
create table auth.accounts (
    id text constraint accounts_pkey primary key,
    user_id text not null constraint accounts_user_id_fkey references auth.users (id) on delete cascade,
    provider_id text not null,
    account_id text not null,
    password_hash text,
    access_token bytea,
    refresh_token bytea,
    id_token bytea,
    access_token_expires_at timestamptz,
    refresh_token_expires_at timestamptz,
    scopes text[] not null default '{}',
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint accounts_id_format check (id ~ '^[A-Za-z0-9_-]{1,64}$'),
    constraint accounts_provider_id_account_id_key unique (provider_id, account_id),
    constraint accounts_password_only_on_credential check ((provider_id = 'credential') = (password_hash is not null))
);
create index accounts_user_id_idx on auth.accounts (user_id);

create table auth.sessions (
    id text constraint sessions_pkey primary key,
    token_hash bytea not null,
    user_id text not null constraint sessions_user_id_fkey references auth.users (id) on delete cascade,
    -- How the session was opened: 'password', later a provider's id, 'passkey', …
    auth_method text not null,
    -- False: the browser forgets the cookie when it closes, and the session is never extended.
    remember boolean not null default true,
    ip_address text not null default '',
    user_agent text not null default '',
    created_at timestamptz not null,
    -- When it was last extended; at most once per auth.session.refresh_after.
    updated_at timestamptz not null,
    last_seen_at timestamptz not null,
    expires_at timestamptz not null,
    -- No extension goes past this.
    absolute_expires_at timestamptz not null,
    constraint sessions_id_format check (id ~ '^[A-Za-z0-9_-]{1,64}$'),
    constraint sessions_token_hash_key unique (token_hash),
    constraint sessions_token_hash_is_sha256 check (octet_length(token_hash) = 32),
    constraint sessions_expires_within_absolute check (expires_at <= absolute_expires_at)
)
-- Room on each page for the extension and last-seen updates, which touch no indexed column but expires_at.
with (fillfactor = 85);
create index sessions_user_id_idx on auth.sessions (user_id);
create index sessions_expires_at_idx on auth.sessions (expires_at);

-- Single-use secrets that leave by mail or with a redirect. Spent by one delete … returning.
create table auth.verifications (
    id text constraint verifications_pkey primary key,
    purpose text not null,
    token_hash bytea not null,
    user_id text constraint verifications_user_id_fkey references auth.users (id) on delete cascade,
    payload jsonb not null default '{}',
    created_at timestamptz not null,
    expires_at timestamptz not null,
    constraint verifications_id_format check (id ~ '^[A-Za-z0-9_-]{1,64}$'),
    constraint verifications_token_hash_key unique (token_hash),
    constraint verifications_token_hash_is_sha256 check (octet_length(token_hash) = 32)
);
create index verifications_user_id_purpose_idx on auth.verifications (user_id, purpose);
create index verifications_expires_at_idx on auth.verifications (expires_at);
