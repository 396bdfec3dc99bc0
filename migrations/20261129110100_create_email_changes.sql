-- Changes of address that the former address can undo for a while, and what the account was before (MAIL-15). While such
-- a row lives, the former address is nobody else's: sign-ups and changes treat it as taken.
-- A new table only; share row exclusive on auth.users for a moment, for the foreign key. Rollout: migrate, then start the
-- version that reads it. While older gateways still serve, they change addresses without a way back and do not see the
-- reservation.

create table auth.email_changes (
    -- SHA-256 of the token that is mailed to the former address.
    token_hash bytea constraint email_changes_pkey primary key,
    user_id text collate "C" not null
        constraint email_changes_user_id_fkey references auth.users (id) on delete cascade,
    old_email text collate "C" not null,
    new_email text collate "C" not null,
    -- The password as it was before; null where the account had none.
    password_hash text,
    changed_at timestamptz not null,
    expires_at timestamptz not null,
    -- When the account was deleted meanwhile: closed by a ban of that time, and removed once no row of its lives.
    closed_at timestamptz,
    constraint email_changes_token_hash_is_sha256 check (octet_length(token_hash) = 32),
    constraint email_changes_times_finite check (
        isfinite(changed_at) and isfinite(expires_at) and isfinite(closed_at)
    )
);
create index email_changes_user_id_idx on auth.email_changes (user_id);
create index email_changes_old_email_idx on auth.email_changes (old_email);
create index email_changes_expires_at_idx on auth.email_changes (expires_at);
