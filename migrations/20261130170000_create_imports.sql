-- What `authgate import` has brought here, so that it can go on where it was ended and be run again.
-- New tables only. Rollout: migrate, then import. Gateways never look at them.

-- One row an origin: how far its last import came, and what it did.
create table auth.imports (
    origin text collate "C" constraint imports_pkey primary key,
    kind text not null,
    -- The place in the origin up to which everything was dealt with; null before the first batch.
    position jsonb,
    counts jsonb not null default '{}',
    started_at timestamptz not null,
    finished_at timestamptz,
    constraint imports_origin_format check (origin ~ '^[A-Za-z0-9_.-]{1,64}$')
);

-- Who is who: ids of an origin, and those that their objects have here. Without a foreign key, so that somebody who was deleted
-- here is not brought back by the next import.
create table auth.imported_ids (
    origin text collate "C" not null,
    kind text collate "C" not null,
    source_id text collate "C" not null,
    local_id text collate "C" not null,
    -- The object was here already, under another id, and got what the origin knows of it beside what it had.
    is_merged boolean not null,
    constraint imported_ids_pkey primary key (origin, kind, source_id),
    constraint imported_ids_kind_known check (kind in ('user', 'organization'))
);
