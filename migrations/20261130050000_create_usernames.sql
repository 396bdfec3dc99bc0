-- User names to sign in with (auth.username). The spelling that is shown stands with the additional fields of the user; these
-- rows say who a name is of.
-- A new table; share row exclusive on auth.users for a moment, for the foreign key. Rollout: migrate, then start the version
-- that reads it. The previous version leaves the rows alone; they go with their users.

create table auth.usernames (
    user_id text collate "C" constraint usernames_pkey primary key
        constraint usernames_user_id_fkey references auth.users (id) on delete cascade,
    -- In lower case.
    name text collate "C" not null,
    -- What the name looks like: names that are easily taken for each other have the same.
    likeness text collate "C" not null,
    -- A name that was chosen at sign-up counts from the proof of the address: whoever asks whether it is free would learn
    -- otherwise whether the address was.
    is_claimed boolean not null,
    created_at timestamptz not null,
    constraint usernames_name_form check (name ~ '^[a-z0-9_.]{1,64}$'),
    constraint usernames_likeness_form check (likeness ~ '^[a-z0-9_.]{1,64}$'),
    constraint usernames_times_in_range check (
        created_at >= '1900-01-01 00:00:00+00' and created_at < '10000-01-01 00:00:00+00'
    )
);
create unique index usernames_likeness_key on auth.usernames (likeness) where is_claimed;
create index usernames_name_idx on auth.usernames (name);
