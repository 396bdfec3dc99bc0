-- Pictures of people that were sent as data and are served by the gateway (auth.user.avatars).
-- A new table; share row exclusive on auth.users for a moment, for the foreign key. Rollout: migrate, then start the version
-- that reads it. Gateways of the previous version leave a picture behind when its user chooses another; it goes with the next
-- change or with the user.

-- One row a user, so that each change replaces the former picture. The address of a picture holds its hash: what two people
-- have alike is served for as long as one of them has it.
create table auth.avatars (
    user_id text collate "C" constraint avatars_pkey primary key
        constraint avatars_user_id_fkey references auth.users (id) on delete cascade,
    hash bytea not null,
    media_type text collate "C" not null,
    content bytea not null,
    created_at timestamptz not null,
    constraint avatars_hash_is_sha256 check (octet_length(hash) = 32),
    constraint avatars_media_type_known check (media_type in ('image/png', 'image/jpeg', 'image/webp', 'image/gif')),
    constraint avatars_content_bounded check (octet_length(content) between 1 and 1048576),
    constraint avatars_times_in_range check (
        created_at >= '1900-01-01 00:00:00+00' and created_at < '10000-01-01 00:00:00+00'
    )
);
create index avatars_hash_idx on auth.avatars (hash);
-- Pictures are compressed already.
alter table auth.avatars alter column content set storage external;
-- A replaced picture leaves a hundred dead rows out of line.
alter table auth.avatars set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 100);
