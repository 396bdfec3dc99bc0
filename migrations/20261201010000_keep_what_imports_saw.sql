-- Keeps what a further import of an origin has to know, so that it changes nothing that was changed here, and brings nothing back.
-- Locks: access exclusive on auth.accounts for a moment, in which no row is read; the other tables are the imports' own. Rollout:
-- migrate, then import. Gateways never look at any of it.

alter table auth.imported_ids
    -- When the import began that brought the object, and the one that read it last. Whoever is read twice by one stands twice in
    -- the origin.
    add column brought_at timestamptz,
    add column read_at timestamptz,
    -- Is users.updated_at as the last import left it: a user who has another one was changed here since.
    add column left_at timestamptz,
    add constraint imported_ids_times_in_range check (
        brought_at >= '1900-01-01 00:00:00+00' and brought_at < '10000-01-01 00:00:00+00'
        and read_at >= '1900-01-01 00:00:00+00' and read_at < '10000-01-01 00:00:00+00'
        and left_at >= '1900-01-01 00:00:00+00' and left_at < '10000-01-01 00:00:00+00'
    );

-- Is updated_at of an imported password as the import left it.
alter table auth.accounts
    add column left_at timestamptz,
    add constraint accounts_left_at_in_range check (
        left_at >= '1900-01-01 00:00:00+00' and left_at < '10000-01-01 00:00:00+00'
    ) not valid;

-- When the last complete import began that took a kind of record, by kind.
alter table auth.imports
    add column completed jsonb not null default '{}',
    add constraint imports_times_in_range check (
        started_at >= '1900-01-01 00:00:00+00' and started_at < '10000-01-01 00:00:00+00'
        and finished_at >= '1900-01-01 00:00:00+00' and finished_at < '10000-01-01 00:00:00+00'
    );

create index imported_ids_local_id_idx on auth.imported_ids (local_id);
